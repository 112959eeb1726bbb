"""What the rule against leakage drops, beside the substring rule of the paper's authors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from int_bench.interventions.leakage import LEAKS, Leak, leak_of, substring_rule


class Audited(NamedTuple):
    """An intervention's content, the gold answer, and whether the step is right, where a verifier says so."""

    content: str
    answer: str
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class LeakRow:
    """The interventions of one kind: how many, how many of them the substring rule drops, and how many are right.

    ``verified`` counts those of which a verifier says whether they are right.
    """

    leak: Leak
    dropped: bool
    n: int
    substring_drops: int
    right: int
    verified: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of n."""

    count: int
    n: int

    @property
    def rate(self) -> float:
        """The share; NaN of nothing."""
        return self.count / self.n if self.n else math.nan


@dataclass(frozen=True, slots=True)
class Audit:
    """One row for each kind of leak, and what the two rules make of the same interventions."""

    rows: tuple[LeakRow, ...]

    @property
    def n(self) -> int:
        """All interventions."""
        return sum(row.n for row in self.rows)

    @property
    def dropped(self) -> int:
        """What our rule drops; the rest is kept."""
        return sum(row.n for row in self.rows if row.dropped)

    @property
    def substring_drops(self) -> int:
        """What the substring rule drops."""
        return sum(row.substring_drops for row in self.rows)

    @property
    def false_drops(self) -> Share:
        """Of what is no leak, the share that the substring rule drops; what coincides is left out, being open."""
        rows = [row for row in self.rows if row.leak == "none"]
        return Share(sum(row.substring_drops for row in rows), sum(row.n for row in rows))

    @property
    def misses(self) -> Share:
        """Of the leaks that our rule drops, the share that the substring rule keeps."""
        rows = [row for row in self.rows if row.dropped]
        return Share(sum(row.n - row.substring_drops for row in rows), sum(row.n for row in rows))


def audit(interventions: Iterable[Audited]) -> Audit:
    """Apply both rules to interventions and count.

    >>> found = audit([Audited("c=9-7=2", "2"), Audited("n=12 is even", "2"), Audited("The answer is 4/2.", "2")])
    >>> [(row.leak, row.n, row.substring_drops) for row in found.rows]
    [('none', 1, 1), ('boxed', 0, 0), ('stated', 1, 1), ('coincides', 1, 1)]
    >>> found.dropped, found.substring_drops, found.false_drops.rate, found.misses
    (1, 3, 1.0, Share(count=0, n=1))
    """
    found = [(leak_of(item.content, item.answer), item) for item in interventions]
    return Audit(tuple(_row(leak, [item for kind, item in found if kind == leak]) for leak in get_args(Leak)))


def _row(leak: Leak, items: Sequence[Audited]) -> LeakRow:
    return LeakRow(
        leak=leak,
        dropped=leak in LEAKS,
        n=len(items),
        substring_drops=sum(substring_rule(item.content, item.answer) for item in items),
        right=sum(item.right is True for item in items),
        verified=sum(item.right is not None for item in items),
    )
