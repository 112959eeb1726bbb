"""Confidence intervals of means over problems.

What is resampled is always the problem. The samples of a problem are not independent of each other (some problems are
harder), so they are first averaged to one score a problem, and whole problems are then drawn with replacement.
The interval therefore speaks of other problems of the same kind under the same number of samples a problem. It says
nothing about another training seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    """A mean of differences between two scores of the same problems, in percentage points."""

    def format(self) -> str:
        """Write the difference with its sign and interval.

        >>> Difference(0.034, -0.002, 0.07, 64).format()
        '+3.40 pp [-0.20, +7.00]'
        """
        return self._write("+", " pp")


def mean_interval(
    scores_P: ArrayLike, rng: np.random.Generator, resamples: int = 2000, confidence: float = 0.95
) -> Estimate:
    """Mean of a score a problem in [0, 1] with the percentile interval of a bootstrap over problems.

    NaN scores (for instance pass@k where n < k) are dropped and counted. If all scores are equal the bootstrap has no
    width, and the interval is that of :func:`constant_interval`: zero successes never give [0, 0].

    Raises ValueError for scores outside [0, 1], for fewer than 1 resample and for a confidence outside (0, 1).

    >>> mean_interval([0.0, 0.0, 0.0, 0.0], np.random.default_rng(0)).format()
    '0.00% [0.00, 60.24]'
    """
    return Estimate(*_interval(scores_P, rng, resamples, confidence, (0.0, 1.0)))


def paired_difference(
    after_P: ArrayLike, before_P: ArrayLike, rng: np.random.Generator, resamples: int = 2000, confidence: float = 0.95
) -> Difference:
    """Mean of ``after - before`` over problems, whose order is the same in both, with its bootstrap interval.

    Problems are resampled as pairs, so what makes a problem hard for both sides cancels. A problem with NaN on either
    side is dropped and counted. Raises ValueError for vectors of unequal length and as :func:`mean_interval` does.

    >>> paired_difference([0.5, 0.7, 0.9], [0.4, 0.6, 0.7], np.random.default_rng(0)).format()
    '+13.3 pp [+10.0, +20.0]'
    """
    after, before = np.asarray(after_P, dtype=float), np.asarray(before_P, dtype=float)
    if after.shape != before.shape:
        raise ValueError(f"paired scores must be of the same problems, got {after.shape} and {before.shape}")
    return Difference(*_interval(after - before, rng, resamples, confidence, (-1.0, 1.0)))


def constant_interval(
    score: float, n: int, confidence: float = 0.95, bounds: tuple[float, float] = (0.0, 1.0)
) -> tuple[float, float]:
    """Interval of a mean within ``bounds`` when all ``n`` problems had the same score.

    By Clopper and Pearson (1934) n successes in n trials leave a probability p >= (alpha/2)^(1/n). A problem scores at
    least ``score`` with such a p, and at most ``score`` with such a p; the rest may lie at either bound. For scores
    of 0 or 1 this is exactly the Clopper-Pearson interval over problems.

    >>> low, high = constant_interval(0.0, 64)
    >>> low, round(high, 4)
    (0.0, 0.056)
    """
    lowest, highest = bounds
    sure = ((1.0 - confidence) / 2.0) ** (1.0 / n)
    return lowest + sure * (score - lowest), highest - sure * (highest - score)


def _interval(
    scores_P: ArrayLike, rng: np.random.Generator, resamples: int, confidence: float, bounds: tuple[float, float]
) -> tuple[float, float, float, int, int]:
    scores: NDArray[np.float64] = np.asarray(scores_P, dtype=float)
    if scores.ndim != 1:
        raise ValueError(f"scores must be a vector with one score a problem, got shape {scores.shape}")
    if resamples < 1 or not 0.0 < confidence < 1.0:
        raise ValueError(f"resamples {resamples} must be positive and confidence {confidence} within (0, 1)")
    defined = scores[~np.isnan(scores)]
    if ((defined < bounds[0]) | (defined > bounds[1])).any():
        raise ValueError(f"scores must lie within {bounds}")
    n, dropped = len(defined), len(scores) - len(defined)
    if n == 0:
        return math.nan, math.nan, math.nan, 0, dropped
    mean = float(defined.mean())
    if np.ptp(defined) < 1e-12:
        return mean, *constant_interval(mean, n, confidence, bounds), n, dropped
    means = defined[rng.integers(n, size=(resamples, n))].mean(axis=1)
    low, high = np.quantile(means, [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    return mean, float(low), float(high), n, dropped
