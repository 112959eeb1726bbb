"""What is said about a number: its value, interval and n, and for differences a p-value."""

from __future__ import annotations

import math
from dataclasses import dataclass

UNDEFINED = "\N{EN DASH}"
"""What is printed where there is no number."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``n`` problems with its interval; NaN ends mean that no interval was given.

    ``dropped`` counts the problems whose score was undefined and that are not among the ``n``.
    """

    value: float
    low: float
    high: float
    n: int
    dropped: int = 0

    def format(self) -> str:
        """Write the value in per cent with its interval.

        >>> Estimate(0.0771, 0.051, 0.104, 235).format()
        '7.71% [5.10, 10.40]'
        >>> Estimate(0.5, math.nan, math.nan, 10).format(), Estimate(math.nan, math.nan, math.nan, 0).format()
        ('50.0%', '–')
        """
        return self._write("", "%")

    def _write(self, sign: str, unit: str) -> str:
        undefined = f" ({self.dropped} undefined)" if self.dropped else ""
        if math.isnan(self.value):
            return UNDEFINED + undefined
        # Small accuracies are the paper's subject: below 10% a second digit is shown.
        digits = 2 if abs(self.value) < 0.1 else 1
        text = f"{100 * self.value:{sign}.{digits}f}{unit}"
        if not math.isnan(self.low):
            text += f" [{100 * self.low:{sign}.{digits}f}, {100 * self.high:{sign}.{digits}f}]"
        return text + undefined


@dataclass(frozen=True, slots=True)
class Difference(Estimate):
    """A mean of differences between two scores of the same problems, in percentage points.

    ``p`` is that of a permutation test of no difference; ``p_holm`` the same after Holm's correction for the other
    differences of its table, NaN where there was none.
    """

    p: float = math.nan
    p_holm: float = math.nan

    def format(self) -> str:
        """Write the difference with its sign and interval, and its p-value: the corrected one where there is one.

        >>> Difference(0.034, -0.002, 0.07, 64).format()
        '+3.40 pp [-0.20, +7.00]'
        >>> Difference(0.034, 0.002, 0.07, 64, p=0.012, p_holm=0.024).format()
        '+3.40 pp [+0.20, +7.00], p = 0.024 (Holm)'
        >>> Difference(0.034, 0.02, 0.05, 64, p=0.0001).format()
        '+3.40 pp [+2.00, +5.00], p < 0.001'
        """
        return self._write("+", " pp") + self._tested()

    def _tested(self) -> str:
        if not math.isnan(self.p_holm):
            return f", {_p_value(self.p_holm)} (Holm)"
        return "" if math.isnan(self.p) else f", {_p_value(self.p)}"


@dataclass(frozen=True, slots=True)
class Amount(Estimate):
    """A mean over ``n`` problems of something without bounds, such as nats, in a unit that its heading names."""

    def format(self) -> str:
        """Write the value and the ends of its interval to as many decimals as show three digits of the largest.

        >>> Amount(0.0314159, 0.0271, 0.0402, 64).format(), Amount(141.4, 120.2, 170.0, 64).format()
        ('0.0314 [0.0271, 0.0402]', '141 [120, 170]')
        >>> Amount(0.0, math.nan, math.nan, 64).format()
        '0'
        """
        return _plain(self, "")


@dataclass(frozen=True, slots=True)
class Change(Difference):
    """A mean of differences between two amounts of the same problems, in their unit."""

    def format(self) -> str:
        """Write the difference as an :class:`Amount` with its sign, and its p-value as a :class:`Difference` has it.

        >>> Change(-0.0314, -0.0402, -0.0271, 64, p=0.0002, p_holm=0.0006).format()
        '-0.0314 [-0.0402, -0.0271], p < 0.001 (Holm)'
        """
        return _plain(self, "+") + self._tested()


def _plain(estimate: Estimate, sign: str) -> str:
    undefined = f" ({estimate.dropped} undefined)" if estimate.dropped else ""
    if math.isnan(estimate.value):
        return UNDEFINED + undefined
    largest = max(abs(x) for x in (estimate.value, estimate.low, estimate.high) if not math.isnan(x))
    digits = max(0, 2 - math.floor(math.log10(largest))) if largest else 0
    text = f"{estimate.value:{sign}.{digits}f}" if estimate.value else "0"
    if not math.isnan(estimate.low):
        text += f" [{estimate.low:{sign}.{digits}f}, {estimate.high:{sign}.{digits}f}]"
    return text + undefined


def _p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
