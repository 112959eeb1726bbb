"""vLLM, the engine for GPUs; it also runs on CPUs.

1. Every sample is a request of its own with a seed of its own, so that it does not depend on what else is asked; the
   prompt that samples share is computed once, since prefix caching is on.
2. Log-probabilities are vLLM's raw ones: the model's own, before temperature and truncation.
3. On a CPU the model is loaded in float32, and a prompt is computed in one piece: vLLM 0.31 takes back the draws of a
   seeded request whose prompt is cut into chunks, which the generators of a CPU cannot do. Prefixes are cached in
   blocks of 32 tokens, the smallest that its CPU kernels know.
4. No more requests are handed over than twice as many as run at a time: a stage may have hundreds of thousands.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from int_bench.config import VLLMConfig
from int_bench.engines.base import Ask, Completion, Engine, Finished, SamplingSettings, decoded, ended, seed_of
from int_bench.errors import UserError

# Read by vLLM when it is imported: no reports to its makers, and only warnings in the log.
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")

from vllm import LLM, RequestOutput, SamplingParams, TokensPrompt


class VLLMEngine(Engine):
    """Samples with vLLM; ``sequences`` is the number of requests that it works on at a time."""

    def __init__(self, llm: LLM, tokenizer: PreTrainedTokenizerBase, sequences: int) -> None:
        self.tokenizer, self.sequences = tokenizer, sequences
        self.context = int(llm.model_config.max_model_len)
        self.reused = 0  # prompt tokens that were found in the cache of prefixes
        self._engine = llm.llm_engine

    @classmethod
    def load(
        cls, model: str | Path, tokenizer: PreTrainedTokenizerBase, config: VLLMConfig, gpus: int = 1
    ) -> VLLMEngine:
        """Load the model in a folder, on ``gpus`` GPUs if there are any.

        Raises UserError if vLLM cannot.
        """
        try:
            return cls(LLM(str(model), **_arguments(config, gpus)), tokenizer, config.sequences)
        except (RuntimeError, ValueError, OSError) as error:
            raise UserError(f"{model}: vLLM cannot load it ({' '.join(str(error).split())[:300]})") from None

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        """See :class:`int_bench.engines.base.Engine`."""
        self.check(asks)
        engine, waiting, running = self._engine, iter(asks), dict[str, Ask]()
        try:
            while True:
                for ask in itertools.islice(waiting, 2 * self.sequences - len(running)):
                    name = f"{ask.prompt.key}/{ask.sample}"
                    prompt = TokensPrompt(prompt_token_ids=list(ask.prompt.token_ids))
                    engine.add_request(name, prompt, self._parameters(ask, settings))
                    running[name] = ask
                if not running:
                    return
                done = [output for output in engine.step() if output.finished]
                if done:
                    self.reused += sum(output.num_cached_tokens or 0 for output in done)
                    asked = [running.pop(output.request_id) for output in done]
                    yield [
                        Finished(ask, self._completion(ask, output, settings))
                        for ask, output in zip(asked, done, strict=True)
                    ]
        finally:
            # Whoever stops listening, or is interrupted, leaves nothing running.
            engine.abort_request(list(running))

    def _parameters(self, ask: Ask, settings: SamplingSettings) -> SamplingParams:
        return SamplingParams(
            temperature=settings.temperature,
            top_p=settings.top_p,
            top_k=settings.top_k,
            max_tokens=min(settings.max_new_tokens, self.context - len(ask.prompt.token_ids)),
            stop=list(settings.stop),
            seed=seed_of(settings.seed, ask.prompt.key, ask.sample),
            logprobs=0,
        )

    def _completion(self, ask: Ask, output: RequestOutput, settings: SamplingSettings) -> Completion:
        (done,) = output.outputs
        ids = tuple(done.token_ids)
        logprobs = tuple(at[token].logprob for at, token in zip(done.logprobs or (), ids, strict=True))
        return Completion(ids, decoded(self.tokenizer, ids, settings.stop), ended(ask, done.finish_reason), logprobs)

    def close(self) -> None:
        """See :class:`int_bench.engines.base.Engine`."""
        self._engine.engine_core.shutdown()


def _arguments(config: VLLMConfig, gpus: int) -> dict[str, object]:
    arguments: dict[str, object] = {
        "max_model_len": config.context,
        "max_num_seqs": config.sequences,
        "enable_prefix_caching": True,
        "seed": 0,
    }
    if torch.cuda.is_available():
        on_gpu = {"dtype": "bfloat16", "gpu_memory_utilization": config.memory, "tensor_parallel_size": gpus}
        return {**arguments, **on_gpu}
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", str(config.cpu_memory))
    on_cpu = {"dtype": "float32", "enforce_eager": True, "enable_chunked_prefill": False, "block_size": 32}
    return {**arguments, **on_cpu}
