"""Where the rollouts of reinforcement learning come from.

"embedded" is the transformers engine on the model in training. "colocate" is vLLM in the training's own processes,
which TRL keeps at the model's weights. Both draw by (step, problem, sample), so that a training that was killed and
resumed samples what it would have sampled. "server" is vLLM on GPUs of its own (``trl vllm-serve``), which draws as it
likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase
from trl import GRPOTrainer

from int_bench.config import RLConfig
from int_bench.engines import Completion, Engine, Prompt
from int_bench.engines.base import decoded
from int_bench.engines.transformers import TransformersEngine, end_tokens
from int_bench.records import Problem
from int_bench.rollouts.chat import open_turn
from int_bench.rollouts.sample import settings_of


class Generation:
    """Samples the rollouts of a step for the trainer; ``problems`` knows the problem of each prompt's text."""

    def __init__(
        self,
        config: RLConfig,
        tokenizer: PreTrainedTokenizerBase,
        problems: Mapping[str, Problem],
        rows: int,
        seed: int,
    ) -> None:
        self.config, self.tokenizer, self.problems = config, tokenizer, problems
        self.rows = rows
        self.settings = settings_of(config.sampling, seed)
        self._engine: Engine | None = None

    def __call__(self, prompts: list[str], trainer: GRPOTrainer) -> dict[str, Any]:
        """The rollouts of this process's prompts, in TRL's form: each prompt is repeated once for each sample."""
        distinct = prompts[:: self.config.samples]
        step = trainer.state.global_step // self.config.updates_per_step
        first = trainer.accelerator.process_index * len(distinct)
        keyed = [
            Prompt(f"rl/{step}/{first + i}/{self.problems[text].problem_id}", open_turn(self.tokenizer, text))
            for i, text in enumerate(distinct)
        ]
        if self.config.generation.kind == "server":
            done = self._served(keyed, trainer)
        else:
            groups = self._its_engine(trainer).generate(keyed, self.settings, self.config.samples)
            done = [completion for group in groups for completion in group]
        return {
            "prompt_ids": [list(prompt.token_ids) for prompt in keyed for _ in range(self.config.samples)],
            "completion_ids": [list(completion.token_ids) for completion in done],
            "logprobs": [list(completion.logprobs) for completion in done],
            "response": [completion.text for completion in done],
            "finish_reason": [completion.finish_reason for completion in done],
        }

    def _its_engine(self, trainer: GRPOTrainer) -> Engine:
        """The engine on the trainer's model, which exists only since the trainer does."""
        if self._engine is None:
            if self.config.generation.kind == "colocate":
                from int_bench.engines.vllm import VLLMEngine

                self._engine = VLLMEngine(trainer.vllm_generation.llm, self.tokenizer, self.rows)
            else:
                model = trainer.accelerator.unwrap_model(trainer.model)
                self._engine = TransformersEngine(model, self.tokenizer, self.rows)
        return self._engine

    def _served(self, prompts: Sequence[Prompt], trainer: GRPOTrainer) -> list[Completion]:
        repeated = [list(prompt.token_ids) for prompt in prompts for _ in range(self.config.samples)]
        _, found, logprobs, _ = trainer.vllm_generation.generate(repeated, None, self.config.samples)
        ends = end_tokens(trainer.accelerator.unwrap_model(trainer.model), self.tokenizer)
        return [
            Completion(
                tuple(ids),
                decoded(self.tokenizer, ids),
                "stop" if ids and ids[-1] in ends else "length",
                tuple(at[0] for at in likely),
            )
            for ids, likely in zip(found, logprobs, strict=True)
        ]
