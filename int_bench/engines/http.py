"""Any server with an interface like OpenAI's: ``vllm serve``, SGLang, a hosted one.

Two endpoints: "completions" hands over the very tokens that the other engines are given, "chat" the conversation, and a
begun turn of the assistant only to servers that know ``continue_final_message``. vLLM and SGLang are asked for the
tokens that they sampled. Where a server names none, its text is cut into tokens here, without the token that ended it;
if they are not as many as its log-probabilities, these are NaN.

The client library retries what may pass (refused and cut connections, time-outs, 408, 409, 429, 5xx) after pauses that
grow, or that the server asks for.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any

from openai import OpenAI, OpenAIError
from transformers import AutoConfig, PreTrainedTokenizerBase

from int_bench.config import ServerConfig
from int_bench.engines.base import Ask, Completion, Engine, Finished, FinishReason, SamplingSettings, decoded, seed_of
from int_bench.errors import UserError

_OPEN = ("vllm", "sglang")  # what these servers say owns their models


class HTTPEngine(Engine):
    """Samples from a server; the folder of the model that it serves gives tokenizer and context.

    Raises UserError if the server cannot be reached, serves several models and none is named, or lacks a key.
    """

    def __init__(self, model: str | Path, tokenizer: PreTrainedTokenizerBase, config: ServerConfig) -> None:
        self.tokenizer, self.config = tokenizer, config
        self._client = OpenAI(
            base_url=config.url,
            api_key=_key(config),
            max_retries=config.retries,
            timeout=config.seconds,
        )
        served = self._served()
        self.model = config.model or served[0].id
        # Others may refuse a request with a field that they do not know.
        self._extra = {"return_token_ids": True} if any(row.owned_by in _OPEN for row in served) else {}
        context = next((getattr(row, "max_model_len", None) for row in served if row.id == self.model), None)
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
                        raise self._failed(future.exception())
            finally:
                for future in running:
                    future.cancel()

    def close(self) -> None:
        """See :class:`int_bench.engines.base.Engine`."""
        self._client.close()

    def _served(self) -> Sequence[Any]:
        """The models that the server has; none is asked for if one is named and the server keeps no list."""
        try:
            served = self._client.models.list().data
        except OpenAIError as error:
            if self.config.model and getattr(error, "status_code", None) == 404:
                return []
            raise self._failed(error) from None
        names = [row.id for row in served]
        if self.config.model is None and len(names) != 1:
            raise UserError(f"{self.config.url}: name one of its models in engine.server.model: {', '.join(names)}")
        return served

    def _failed(self, error: BaseException | None) -> UserError:
        """One line about a request that failed for good."""
        status = getattr(error, "status_code", 500)  # there is none where the connection failed
        tried = f" after {self.config.retries} retries" if status >= 500 or status in (408, 409, 429) else ""
        said = " ".join(str(error).split())[:300]
        return UserError(f"{self.config.url}: {type(error).__name__}{tried}: {said}")

    def _complete(self, ask: Ask, settings: SamplingSettings) -> Completion:
        common: dict[str, Any] = {
            "model": self.model,
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "seed": seed_of(settings.seed, ask.prompt.key, ask.sample),
            "max_tokens": min(settings.max_new_tokens, self.context - len(ask.prompt.token_ids)),
            "stop": list(settings.stop) or None,
        }
        extra: dict[str, Any] = {**self._extra, **({"top_k": settings.top_k} if settings.top_k else {})}
        if self.config.endpoint == "completions":
            made = self._client.completions.create(
                prompt=list(ask.prompt.token_ids), logprobs=0, extra_body=extra, **common
            )
            choice = made.choices[0]
            logprobs = choice.logprobs.token_logprobs if choice.logprobs else None
            return self._completion(choice.text, choice, logprobs, settings)
        messages: list[Any] = [{"role": "user", "content": ask.prompt.user}]
        if ask.prompt.begun:
            messages.append({"role": "assistant", "content": ask.prompt.begun})
            extra |= {"continue_final_message": True, "add_generation_prompt": False}
        answer = self._client.chat.completions.create(messages=messages, logprobs=True, extra_body=extra, **common)
        said = answer.choices[0]
        content = said.logprobs.content if said.logprobs else None
        return self._completion(
            said.message.content or "", said, content and [token.logprob for token in content], settings
        )

    def _completion(
        self, text: str, choice: Any, logprobs: Sequence[float | None] | None, settings: SamplingSettings
    ) -> Completion:
        ids = getattr(choice, "token_ids", None)
        if ids is None:
            ids = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        else:
            # As the other engines do: whole texts are decoded, not pieces put together.
            text = decoded(self.tokenizer, ids, settings.stop)
        if logprobs is None or len(logprobs) != len(ids):
            logprobs = [math.nan] * len(ids)
        reason: FinishReason = "length" if choice.finish_reason == "length" else "stop"
        return Completion(tuple(ids), text, reason, tuple(math.nan if value is None else value for value in logprobs))


def _key(config: ServerConfig) -> str:
    """The key that the environment holds; servers without one are given a word that means nothing."""
    if config.key is None:
        return "none"
    if not os.environ.get(config.key):
        raise UserError(f"{config.url}: the environment variable {config.key} holds no key")
    return os.environ[config.key]
