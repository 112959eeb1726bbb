"""What a check of the paper's numbers finds, and which numbers it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from int_bench.report.paper import place

Z95 = NormalDist().inv_cdf(0.975)
"""Standard errors to either side of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said and what follows, in words with the numbers in them, and as two numbers of one unit.

    Shares are fractions, and ``points`` is the unit of their differences.

    What is said agrees if it is equal to what follows, at least it, or at most it, within the tolerance.

    >>> Finding("100 of 3", "33.3 each", 100, 99, "%", tolerance=2).agrees
    True
    >>> Finding("at most 80", "482 rows", 80, 482, "interventions", "at least").difference
    -402
    """

    said: str
    follows: str
    stated: float
    recomputed: float
    unit: str
    relation: Literal["equal", "at least", "at most"] = "equal"
    tolerance: float = 0.0

    @property
    def difference(self) -> float:
        """What is said less what follows."""
        return self.stated - self.recomputed

    @property
    def agrees(self) -> bool:
        """Whether what is said can hold together with what follows."""
        short = self.relation != "at most" and self.difference < -self.tolerance
        long = self.relation != "at least" and self.difference > self.tolerance
        return not short and not long

    @property
    def gap(self) -> str:
        """The difference in words; differences of shares, whose unit is points, in percentage points.

        >>> Finding("16%", "14%", 0.16, 0.14, "points").gap
        '+2 points'
        """
        return f"{self.difference * (100 if self.unit == 'points' else 1):+.4g} {self.unit}"


VERDICTS = {
    "numbers": ("agrees", "does not agree"),
    "resolution": ("resolved", "not resolved"),
    "settings": ("alike", "unlike"),
}
"""What is called what, by the kind of check: whether numbers fit each other, whether a difference is more than chance
or one problem could make, by what is published alone, and whether arms that are compared had the same settings."""


@dataclass(frozen=True, slots=True)
class Check:
    """The published numbers that a finding is computed from, in the order of ``make``'s arguments.

    ``matters`` says why one should know, whatever is found; ``row`` says which row of a table it is about.
    """

    reads: tuple[str, ...]
    make: Callable[..., Finding]
    matters: str
    kind: Literal["numbers", "resolution", "settings"] = "numbers"
    row: str = ""

    def find(self, number: Callable[[str], float]) -> Finding:
        """Compute the finding from the numbers that ``number`` gives for the references."""
        return self.make(*map(number, self.reads))

    @property
    def where(self) -> str:
        """The places of all numbers that are read, and the row."""
        places = "; ".join(dict.fromkeys(map(place, self.reads)))
        return f"{places} ({self.row})" if self.row else places

    def verdict(self, found: Finding) -> str:
        """What the finding is called."""
        return VERDICTS[self.kind][0 if found.agrees else 1]


def percent(share: float, digits: int = 1) -> str:
    """Write a share in per cent.

    >>> percent(0.406), percent(0.0097, 2)
    ('40.6%', '0.97%')
    """
    return f"{100 * share:.{digits}f}%"


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign.

    >>> points(0.0192)
    '+1.92 points'
    """
    return f"{100 * share:+.2f} points"
