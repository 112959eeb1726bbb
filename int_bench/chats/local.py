"""Chats over an engine: the model's own chat template, and the engine's tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from int_bench.chats.base import Answered, Chats, Message, Query, Reply
from int_bench.engines import Ask, Completion, Engine, Prompt, SamplingSettings
from int_bench.errors import UserError
from int_bench.rollouts.chat import open_chat


class LocalChats(Chats):
    """Asks a model on this machine; ``name`` is that of its files and of the engine."""

    def __init__(self, engine: Engine, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
        self.name = name
        self._engine, self._tokenizer = engine, tokenizer

    @property
    def context(self) -> int:  # type: ignore[override]
        """See :class:`int_bench.chats.base.Chats`."""
        return self._engine.context

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        """See :class:`int_bench.chats.base.Chats`; raises UserError if the model's template refuses a conversation."""
        asks: list[Ask] = []
        asked = {(query.key, query.sample): query for query in queries}
        too_long: list[Answered] = []
        for query in queries:
            prompt = Prompt(query.key, self._rendered(query.messages))
            if len(prompt.token_ids) >= self.context:
                too_long.append((query, Reply("", "length", 0, 0, "too_long")))
            else:
                asks.append(Ask(prompt, query.sample))
        if too_long:
            yield too_long
        for finished in self._engine.stream(asks, settings):
            yield [(asked[prompt.key, sample], _reply(prompt, completion)) for (prompt, sample), completion in finished]

    def count(self, messages: Sequence[Message]) -> int:
        """See :class:`int_bench.chats.base.Chats`."""
        return len(self._rendered(messages))

    def _rendered(self, messages: Sequence[Message]) -> tuple[int, ...]:
        try:
            return open_chat(self._tokenizer, messages)
        except TemplateError as error:
            raise UserError(f"the model's chat template refuses a conversation ({error})") from None


def _reply(prompt: Prompt, done: Completion) -> Reply:
    return Reply(done.text, done.finish_reason, len(prompt.token_ids), len(done.token_ids))
