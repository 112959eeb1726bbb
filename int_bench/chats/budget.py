"""What asking costs, and stopping before it costs more than it may.

A budget is that of a job, over all its starts; what was spent is kept beside the answers. Before a query is asked, the
tokens of its prompt and all that it may be answered with are set aside, and put right when the answer is there. What a
server bills for an answer that never arrived cannot be seen from here. A query that ends in a time-out is taken to have
cost each of its tries in full, which may be more than was set aside; tries before one that was answered are taken to
have cost nothing. Nor do jobs that run at the same time under the same name know of what the others have set aside.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from int_bench.chats.base import Answered, Chats, Query, Wrapped
from int_bench.chats.cache import Store, Tokens
from int_bench.config import BudgetConfig, PricesConfig
from int_bench.engines import SamplingSettings
from int_bench.errors import UserError


class BudgetSpent(UserError):
    """The next query might cost more than is left; what was answered before is kept."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens and dollars that may be spent; None for no limit. Prices are dollars for a million tokens.

    >>> Budget(dollars=2.0, input_price=1.0, output_price=10.0).over(Tokens(input=100_000, output=200_000))
    'dollars'
    """

    tokens: int | None = None
    dollars: float | None = None
    input_price: float = 0.0
    output_price: float = 0.0

    def price(self, tokens: Tokens) -> float:
        """What tokens cost, in dollars."""
        return (tokens.input * self.input_price + tokens.output * self.output_price) / 1e6

    def over(self, tokens: Tokens) -> str | None:
        """Which limit tokens would go over, if any."""
        if self.tokens is not None and sum(tokens) > self.tokens:
            return "tokens"
        return "dollars" if self.dollars is not None and self.price(tokens) > self.dollars else None


def budget_of(limits: BudgetConfig, prices: PricesConfig) -> Budget:
    """The budget of a configuration's sections."""
    return Budget(limits.tokens, limits.dollars, prices.input, prices.output)


class Budgeted(Wrapped):
    """Chats that ask no more than what a job's budget is certain to allow, in waves: what one leaves over is the next.

    A wave takes as many of the queries, in their order, as may be answered at the greatest length.
    """

    def __init__(self, chats: Chats, budget: Budget, store: Store, job: str) -> None:
        super().__init__(chats)
        self._budget, self._store, self._job = budget, store, job

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        """See :class:`int_bench.chats.base.Chats`; raises BudgetSpent."""
        waiting = deque(queries)
        while waiting:
            for finished in self._chats.ask(self._wave(waiting, settings), settings):
                replies = [reply for _, reply in finished]
                used = Tokens(sum(reply.input_tokens for reply in replies), sum(r.output_tokens for r in replies))
                self._store.spend(self._job, used)
                yield finished

    def _wave(self, waiting: deque[Query], settings: SamplingSettings) -> list[Query]:
        """Take from what waits as many queries as are certain to fit."""
        if self._budget.tokens is None and self._budget.dollars is None:
            wave = list(waiting)
            waiting.clear()
            return wave
        wave, spent = [], self._store.spent(self._job)
        aside = spent
        while waiting:
            query = waiting[0]
            aside = Tokens(aside.input + self.count(query.messages), aside.output + settings.max_new_tokens)
            if limit := self._budget.over(aside):
                if not wave:
                    raise self._stop(limit, spent, aside, len(waiting))
                break
            wave.append(waiting.popleft())
        return wave

    def _stop(self, limit: str, spent: Tokens, needed: Tokens, left: int) -> BudgetSpent:
        budget = self._budget
        allowed = f"{budget.tokens:,} tokens" if limit == "tokens" else f"${budget.dollars:,.2f}"
        least = str(sum(needed)) if limit == "tokens" else f"{math.ceil(budget.price(needed) * 100) / 100:.2f}"
        return BudgetSpent(
            f"{self._job}: {sum(spent):,} tokens (${budget.price(spent):,.2f}) are spent of {allowed}, and {left:,} "
            f"queries are left; raise budget.{limit} to {least} at least and start again: what was answered is kept"
        )
