"""Averages over benchmarks: each benchmark counts the same, and problems are resampled within each.

The benchmarks themselves are not resampled: they are the ones that were chosen, and the interval speaks of other
problems of theirs. As in :mod:`int_bench.analysis.intervals` all samples of a problem stay together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from int_bench.analysis.ends import check_settings, exact_ends, studentized_ends
from int_bench.analysis.estimates import Difference, Estimate
from int_bench.analysis.permutation import sign_flip_p_value
from int_bench.analysis.resampling import resampled_moments


def average_interval(
    scores: Sequence[ArrayLike], rng: np.random.Generator, resamples: int = 10_000, confidence: float = 0.95
) -> Estimate:
    """Mean over benchmarks of their mean scores, with a studentised bootstrap interval stratified by benchmark.

    ``scores`` holds for each benchmark a vector with one score in [0, 1] a problem; n counts the problems of all. NaN
    scores are dropped and counted. If a benchmark has no score at all, the average is undefined: one over the others
    would be another quantity. Raises ValueError as :func:`int_bench.analysis.intervals.mean_interval` does.

    >>> average_interval([[1.0, 1.0, 1.0], [0.0]], np.random.default_rng(0)).value
    0.5
    """
    value, low, high, n, dropped, _ = _average([np.asarray(part, float) for part in scores], rng, resamples, confidence)
    return Estimate(value, low, high, n, dropped)


def average_difference(
    after: Sequence[ArrayLike],
    before: Sequence[ArrayLike],
    rng: np.random.Generator,
    resamples: int = 10_000,
    confidence: float = 0.95,
) -> Difference:
    """Mean over benchmarks of the mean paired differences, with stratified interval and sign-flip p-value.

    ``after`` and ``before`` hold a vector a benchmark, of the same problems in the same order. The p-value flips the
    signs of whole problems, each weighed by its share of the average. Raises ValueError as
    :func:`int_bench.analysis.intervals.paired_difference` does.

    >>> average_difference([[0.5, 0.7], [0.2]], [[0.4, 0.6], [0.1]], np.random.default_rng(0)).p
    0.25
    """
    pairs = [(np.asarray(a, float), np.asarray(b, float)) for a, b in zip(after, before, strict=True)]
    if any(a.shape != b.shape for a, b in pairs):
        raise ValueError(
            f"paired scores must be of the same problems, got shapes {[(a.shape, b.shape) for a, b in pairs]}"
        )
    value, low, high, n, dropped, weighed = _average([a - b for a, b in pairs], rng, resamples, confidence, -1.0)
    p = sign_flip_p_value(weighed, rng, resamples) if n else math.nan
    return Difference(value, low, high, n, dropped, p)


def _average(
    parts: list[NDArray[np.float64]],
    rng: np.random.Generator,
    resamples: int,
    confidence: float,
    lowest: float = 0.0,
) -> tuple[float, float, float, int, int, NDArray[np.float64]]:
    """Value, ends, problems counted and dropped, and what each problem adds to the value."""
    check_settings(resamples, confidence)
    defined = [part[~np.isnan(part)] for part in parts]
    dropped = sum(map(len, parts)) - sum(map(len, defined))
    if not defined or not all(map(len, defined)):
        return math.nan, math.nan, math.nan, 0, dropped, np.array([])
    low, high = stratified_ends(defined, rng, resamples, confidence, lowest)
    weighed = np.concatenate([part / (len(defined) * len(part)) for part in defined])
    return float(np.mean([part.mean() for part in defined])), low, high, len(weighed), dropped, weighed


def stratified_ends(
    parts: Sequence[NDArray[np.float64]],
    rng: np.random.Generator,
    resamples: int = 10_000,
    confidence: float = 0.95,
    lowest: float = 0.0,
) -> tuple[float, float]:
    """Ends of the interval of a mean over strata of their means; the scores of each lie in [``lowest``, 1].

    Of one stratum they are those of :func:`int_bench.analysis.ends.interval_ends`. There is a stratum, and none is
    empty. Raises ValueError as :func:`int_bench.analysis.intervals.mean_interval` does.
    """
    check_settings(resamples, confidence)
    if any((part < lowest).any() or (part > 1.0).any() for part in parts):
        raise ValueError(f"scores must lie within [{lowest:g}, 1]")
    strata = len(parts)
    moments = [resampled_moments(part[:, None], resamples, rng) for part in parts]
    means_B = np.sum([means for means, _ in moments], axis=0) / strata
    # The squared standard error of an average of independent means.
    errors_B = np.sum([variances / len(part) for part, (_, variances) in zip(parts, moments, strict=True)], axis=0)
    error = sum(part.var() / len(part) for part in parts)
    value = float(np.mean([part.mean() for part in parts]))
    low, high = studentized_ends(np.array([value]), np.array([error]), means_B, errors_B, confidence, lowest)
    # Exact ends of all benchmarks that hold together (Bonferroni), so that their average does.
    together = 1.0 - (1.0 - confidence) / strata
    ends = np.array([exact_ends(part[:, None], together, lowest) for part in parts])[:, :, 0].mean(axis=0)
    return float(max(low[0], ends[0])), float(min(high[0], ends[1]))
