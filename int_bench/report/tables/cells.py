"""What the cells of several tables share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from int_bench.analysis.estimates import Difference, Estimate
from int_bench.report.scores import holm_corrected
from int_bench.synthetic.world import CHANCE

GAIN = "gain over the base model"
GUESSES, COMPUTED = "uniform guesses", "computed, not sampled"


def correct_p_values(rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    """Correct the p-values of all differences in some columns of a table for each other, in place."""
    cells = [(row, column) for row in rows for column in columns if isinstance(row.get(column), Difference)]
    for (row, column), gain in zip(cells, holm_corrected([row[column] for row, column in cells]), strict=True):
        row[column] = gain


def guessed(samples: int) -> Estimate:
    """The chance that at least one of some uniform guesses is right."""
    return without_interval(1.0 - (1.0 - CHANCE) ** samples, 0)


def without_interval(value: float, n: int) -> Estimate:
    """Return a number without an interval: one that is computed, or one that was published without."""
    return Estimate(value, math.nan, math.nan, n)
