"""Any server with an interface like OpenAI's: ``vllm serve``, SGLang, a hosted one.

Two endpoints: "completions" hands over the very tokens that the other engines are given, "chat" the conversation, and a
begun turn of the assistant only to servers that know ``continue_final_message``. vLLM and SGLang are asked for the
tokens that they sampled. Where a server names none, its text is cut into tokens here, without the token that ended it;
if they are not as many as its log-probabilities, these are NaN.

What may pass is tried again (see ``client.py``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any

from transformers import AutoConfig, PreTrainedTokenizerBase

from int_bench.config import ServerConfig
from int_bench.engines.base import Ask, Completion, Engine, Finished, SamplingSettings, decoded, ended, seed_of
from int_bench.engines.client import FILLED_IN, OPEN, client_of, failed, patience, served
from int_bench.errors import UserError


class HTTPEngine(Engine):
    """Samples from a server; the folder of the model that it serves gives tokenizer and context.

    Raises UserError if the server cannot be reached, serves several models and none is named, or lacks a key.
    """

    def __init__(self, model: str | Path, tokenizer: PreTrainedTokenizerBase, config: ServerConfig) -> None:
        self.tokenizer, self.config = tokenizer, config
        self._client = client_of(config)
        models = served(self._client, config)
        self.model = config.model or models[0].id
        self._extra = {"return_token_ids": True} if any(row.owned_by in OPEN for row in models) else {}
        context = next((getattr(row, "max_model_len", None) for row in models if row.id == self.model), None)
        self.context = int(context or AutoConfig.from_pretrained(str(model)).max_position_embeddings)

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        """See :class:`int_bench.engines.base.Engine`; raises UserError if the server goes on failing."""
        self.check(asks)
        waiting, running = iter(asks), dict[Future[Completion], Ask]()
        with ThreadPoolExecutor(self.config.concurrency) as pool:
            try:
                while True:
                    for ask in islice(waiting, 2 * self.config.concurrency - len(running)):
                        running[pool.submit(self._complete, ask, settings)] = ask
                    if not running:
                        return
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    # What has finished beside a failure is not lost.
                    good = [future for future in done if future.exception() is None]
                    if good:
                        yield [Finished(running.pop(future), future.result()) for future in good]
                    for future in done.difference(good):
                        error = future.exception() or RuntimeError()
                        raise error if isinstance(error, UserError) else failed(self.config, error)
            finally:
                for future in running:
                    future.cancel()

    def close(self) -> None:
        """See :class:`int_bench.engines.base.Engine`."""
        self._client.close()

    def _complete(self, ask: Ask, settings: SamplingSettings) -> Completion:
        most = min(settings.max_new_tokens, self.context - len(ask.prompt.token_ids))
        common: dict[str, Any] = {
            "model": self.model,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "seed": seed_of(settings.seed, ask.prompt.key, ask.sample),
            "max_tokens": most,
            "stop": list(settings.stop) or None,
            "timeout": patience(self.config, most),
        }
        extra: dict[str, Any] = {**self._extra, **({"top_k": settings.top_k} if settings.top_k else {})}
        if self._extra:
            extra |= {"top_k": settings.top_k or -1, **FILLED_IN}
        if self.config.endpoint == "completions":
            made = self._client.completions.create(
                prompt=list(ask.prompt.token_ids), logprobs=0, extra_body=extra, **common
            )
            choice = made.choices[0]
            logprobs = choice.logprobs.token_logprobs if choice.logprobs else None
            return self._completion(ask, choice.text, choice, logprobs, settings)
        messages: list[Any] = [{"role": "user", "content": ask.prompt.user}]
        if ask.prompt.begun:
            messages.append({"role": "assistant", "content": ask.prompt.begun})
            extra |= {"continue_final_message": True, "add_generation_prompt": False}
        answer = self._client.chat.completions.create(messages=messages, logprobs=True, extra_body=extra, **common)
        said = answer.choices[0]
        content = said.logprobs.content if said.logprobs else None
        logprobs = content and [token.logprob for token in content]
        return self._completion(ask, said.message.content or "", said, logprobs, settings)

    def _completion(
        self, ask: Ask, text: str, choice: Any, logprobs: Sequence[float | None] | None, settings: SamplingSettings
    ) -> Completion:
        ids = getattr(choice, "token_ids", None)
        if ids is None:
            ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        else:
            # As the other engines do: whole texts are decoded, not pieces put together.
            text = decoded(self.tokenizer, ids, settings.stop)
        if logprobs is None or len(logprobs) != len(ids):
            logprobs = [math.nan] * len(ids)
        likely = tuple(math.nan if value is None else value for value in logprobs)
        return Completion(tuple(ids), text, ended(ask, choice.finish_reason), likely)
