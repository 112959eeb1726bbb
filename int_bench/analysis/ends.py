"""Ends of bootstrap intervals of means over problems: the methods that :mod:`int_bench.analysis.intervals` compares."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

from int_bench.analysis.resampling import resampled_moments

Method = Literal["studentized", "percentile", "bca"]
Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


def interval_ends(
    scores_PK: NDArray[np.float64],
    rng: np.random.Generator,
    resamples: int = 10_000,
    confidence: float = 0.95,
    method: Method = "studentized",
    lowest: float = 0.0,
) -> Ends:
    """Ends of the intervals of the means of columns of scores, resampled together; each of shape (columns,).

    Scores lie in [0, 1]; or in [-1, 1] with ``lowest`` = -1, and are then differences. None may be NaN.
    Raises ValueError for other scores, for fewer than 1 resample and for a confidence outside (0, 1).
    """
    check_settings(resamples, confidence)
    if not ((scores_PK >= lowest) & (scores_PK <= 1.0)).all():
        raise ValueError(f"scores must lie within [{lowest:g}, 1]")
    exact_low, exact_high = exact_ends(scores_PK, confidence, lowest)
    means_BK, variances_BK = resampled_moments(scores_PK, resamples, rng)
    if method == "studentized":
        mean_K, variance_K = scores_PK.mean(axis=0), scores_PK.var(axis=0)
        low, high = studentized_ends(mean_K, variance_K, means_BK, variances_BK, confidence, lowest)
        return np.maximum(low, exact_low), np.minimum(high, exact_high)
    mean_K = scores_PK.mean(axis=0)
    low, high = quantile_ends(means_BK, mean_K, acceleration(scores_PK - mean_K), confidence, method)
    constant = np.ptp(scores_PK, axis=0) < 1e-12
    return np.where(constant, exact_low, low), np.where(constant, exact_high, high)


def unbounded_ends(
    amounts_PK: NDArray[np.float64], rng: np.random.Generator, resamples: int = 10_000, confidence: float = 0.95
) -> Ends:
    """Ends of the intervals of the means of columns of amounts without bounds, resampled together; each (columns,).

    Bootstrap-t with equal tails (Efron 1982; Hall 1988), which follows the skewness of amounts such as divergences. The
    ends are NaN where resampling says nothing: where all amounts are equal, or so few that too many resamples are.
    Raises ValueError for amounts that are not finite and as :func:`interval_ends` does.
    """
    check_settings(resamples, confidence)
    if not np.isfinite(amounts_PK).all():
        raise ValueError("amounts must be finite")
    means_BK, variances_BK = resampled_moments(amounts_PK, resamples, rng)
    mean_K, variance_K = amounts_PK.mean(axis=0), amounts_PK.var(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t_BK = (means_BK - mean_K) / np.sqrt(variances_BK)
        alike = variances_BK <= 1e-12 * variance_K
        t_BK[alike] = np.copysign(np.inf, means_BK - mean_K)[alike]
        upper_K = np.quantile(t_BK, (1.0 + confidence) / 2.0, axis=0, method="higher")
        lower_K = np.quantile(t_BK, (1.0 - confidence) / 2.0, axis=0, method="lower")
        low, high = mean_K - upper_K * np.sqrt(variance_K), mean_K - lower_K * np.sqrt(variance_K)
    known = np.isfinite(low) & np.isfinite(high) & (variance_K > 0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def exact_ends(scores_PK: NDArray[np.float64], confidence: float = 0.95, lowest: float = 0.0) -> Ends:
    """Ends that hold for any distribution of scores, from counting problems alone; each of shape (columns,).

    A mean of scores in [0, 1] is at most the share of problems that score above 0, of which Clopper and Pearson (1934)
    give an upper end, and at least the share of problems that score 1. Likewise differences are at most the share of
    problems that got better. Where all scores are the same s, it is that some may lie above s, and some below. For
    scores of 0 and 1 these are exactly the Clopper-Pearson intervals over problems.

    >>> low, high = exact_ends(np.zeros((64, 1)))
    >>> low.tolist(), high.round(4).tolist()
    ([0.0], [0.056])
    """
    n = len(scores_PK)
    constant = np.ptp(scores_PK, axis=0) < 1e-12
    # A score is at most `above` or else 1, and at least `below` or else the lowest.
    above = np.where(constant, scores_PK[0], 0.0)
    below = np.where(constant, scores_PK[0], 1.0 if lowest == 0.0 else 0.0)
    more = _clopper_pearson_high(np.count_nonzero(scores_PK > above + 1e-12, axis=0), n, confidence)
    less = _clopper_pearson_high(np.count_nonzero(scores_PK < below - 1e-12, axis=0), n, confidence)
    return below - less * (below - lowest), above + more * (1.0 - above)


def studentized_ends(
    mean_K: NDArray[np.float64],
    variance_K: NDArray[np.float64],
    means_BK: NDArray[np.float64],
    variances_BK: NDArray[np.float64],
    confidence: float,
    lowest: float,
) -> Ends:
    """Symmetric bootstrap-t (Hall 1988) of arcsine(sqrt(mean)), for scores moved to [0, 1]; each of shape (columns,).

    Of the variances, of the mean and of each resample's, only the quotient counts: they may be those of single scores.
    The arcsine makes the spread of a share nearly independent of its value, and keeps the ends within [0, 1]. Dividing
    by each resample's own spread widens the interval where the mean and its spread go together, as they do when a few
    problems have all the successes. A resample without any spread counts as infinitely far off.
    """
    width = 1.0 - lowest
    mean_K, variance_K = (mean_K - lowest) / width, variance_K / width**2
    means_BK, variances_BK = (means_BK - lowest) / width, variances_BK / width**2
    centre_K = _angle(mean_K)
    distance_BK = np.abs(_angle(means_BK) - centre_K)
    with np.errstate(divide="ignore", invalid="ignore"):
        t_BK = distance_BK * np.sqrt(np.clip(means_BK * (1.0 - means_BK), 0.0, None) / variances_BK)
        t_BK[variances_BK <= 1e-12 * variance_K] = np.inf
        t_BK[distance_BK < 1e-12] = 0.0
        # "higher", as nothing lies half way to infinity.
        reach_K = np.quantile(t_BK, confidence, axis=0, method="higher")
        reach_K = reach_K * np.sqrt(variance_K / (mean_K * (1.0 - mean_K)))
    reach_K[variance_K < 1e-24] = np.inf
    low, high = np.clip([centre_K - reach_K, centre_K + reach_K], 0.0, np.pi / 2)
    return lowest + width * np.sin(low) ** 2, lowest + width * np.sin(high) ** 2


def quantile_ends(
    means_BK: NDArray[np.float64],
    mean_K: NDArray[np.float64],
    acceleration_K: NDArray[np.float64],
    confidence: float,
    method: Literal["percentile", "bca"],
) -> Ends:
    """Quantiles of the resampled means, which BCa moves for bias and skewness (Efron 1987)."""
    tails = np.array([(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0])
    if method == "percentile":
        low, high = np.quantile(means_BK, tails, axis=0)
        return low, high
    below = ((means_BK < mean_K).mean(axis=0) + (means_BK <= mean_K).mean(axis=0)) / 2.0
    bias_K = norm.ppf(np.clip(below, 0.5 / len(means_BK), 1.0 - 0.5 / len(means_BK)))
    z = bias_K + norm.ppf(tails)[:, None]
    levels = norm.cdf(bias_K + z / (1.0 - acceleration_K * z))
    low, high = np.array([np.quantile(means, level) for means, level in zip(means_BK.T, levels.T, strict=True)]).T
    return low, high


def acceleration(*deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """BCa's acceleration of a mean, from the deviations of each level that is resampled, (units, columns) each."""
    cubes = sum((level**3).sum(axis=0) / len(level) ** 3 for level in deviations)
    squares = sum((level**2).sum(axis=0) / len(level) ** 2 for level in deviations)
    return np.divide(cubes, 6.0 * squares**1.5, out=np.zeros_like(squares), where=squares > 0)


def check_settings(resamples: int, confidence: float) -> None:
    """Raise ValueError for fewer than 1 resample and for a confidence outside (0, 1)."""
    if resamples < 1 or not 0.0 < confidence < 1.0:
        raise ValueError(f"resamples {resamples} must be positive and confidence {confidence} within (0, 1)")


def _clopper_pearson_high(successes: NDArray[np.int64], n: int, confidence: float) -> NDArray[np.float64]:
    ends = beta.ppf((1.0 + confidence) / 2.0, successes + 1, np.maximum(n - successes, 1))
    return np.where(successes < n, ends, 1.0)


def _angle(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0)))
