"""What became of the queries of a job, and what that cost, for a table and the manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from int_bench.chats.base import Answered, Query, Wrapped
from int_bench.chats.budget import Budget
from int_bench.chats.cache import Cached, Tokens
from int_bench.engines import SamplingSettings
from int_bench.progress import track


@dataclass(frozen=True, slots=True)
class Costs:
    """Queries by what became of them, and the tokens and dollars of all their replies, whenever they were asked.

    ``cached`` of them had been answered before, and cost nothing now.
    """

    queries: int
    answered: int
    refused: int
    too_long: int
    no_reply: int
    cached: int
    input_tokens: int
    output_tokens: int
    dollars: float


class Tallied(Wrapped):
    """Chats that count what they are asked, and show their progress under the name ``what``."""

    def __init__(self, chats: Cached, budget: Budget, what: str) -> None:
        super().__init__(chats)
        self._cached, self._budget, self._what = chats, budget, what
        self._statuses: Counter[str] = Counter()
        self._tokens = Tokens(0, 0)

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        """See :class:`int_bench.chats.base.Chats`."""
        with track(self._what, len(queries)) as progress:
            for finished in self._chats.ask(queries, settings):
                for _, reply in finished:
                    self._statuses[reply.status] += 1
                    self._tokens = Tokens(
                        self._tokens.input + reply.input_tokens, self._tokens.output + reply.output_tokens
                    )
                progress.advance(len(finished), sum(reply.output_tokens for _, reply in finished))
                yield finished

    @property
    def costs(self) -> Costs:
        """What has been asked so far."""
        return Costs(
            queries=self._statuses.total(),
            answered=self._statuses["answered"],
            refused=self._statuses["refused"],
            too_long=self._statuses["too_long"],
            no_reply=self._statuses["no_reply"],
            cached=self._cached.found,
            input_tokens=self._tokens.input,
            output_tokens=self._tokens.output,
            dollars=self._budget.price(self._tokens),
        )
