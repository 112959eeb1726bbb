"""Permutation test of a paired difference, and Holm's correction for many of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK = 2**20
"""Cells of the largest array of signs."""


def sign_flip_p_value(differences_P: ArrayLike, rng: np.random.Generator, resamples: int = 10_000) -> float:
    """Two-sided p-value that paired differences have mean 0, by flipping the sign of whole problems.

    If both sides are equally good, each problem's difference could as well have had the other sign. The statistic is
    the absolute mean; problems without a difference do not matter. If there are at most ``resamples`` ways to flip, all
    are tried and the p-value is exact; otherwise as many are drawn at random, and the observed one is counted among
    them (Phipson and Smyth 2010), so that p is at least 1 / (resamples + 1). NaN differences are left out; with none at
    all the value is NaN.

    Raises ValueError for differences that are no vector and for fewer than 1 resample.

    >>> sign_flip_p_value([0.1, 0.2, 0.3, 0.0], np.random.default_rng(0))
    0.25
    """
    differences = np.asarray(differences_P, dtype=float)
    if differences.ndim != 1 or resamples < 1:
        raise ValueError(f"differences must be a vector and resamples positive, got {differences.shape}, {resamples}")
    defined = differences[~np.isnan(differences)]
    if not len(defined):
        return math.nan
    sizes = np.abs(defined[defined != 0])
    # Sums in another order differ in their last digits, and a tie counts as at least as extreme.
    observed = abs(defined.sum()) - 1e-9 * sizes.sum()
    if len(sizes) <= math.log2(resamples):
        return float((_every_sum(sizes) >= observed).mean())
    extreme = 0
    for start in range(0, resamples, max(1, BLOCK // len(sizes))):
        rows = min(max(1, BLOCK // len(sizes)), resamples - start)
        signs = 2.0 * rng.integers(2, size=(rows, len(sizes)), dtype=np.int8) - 1.0
        extreme += int(np.count_nonzero(np.abs(signs @ sizes) >= observed))
    return (1 + extreme) / (1 + resamples)


def holm(p_T: ArrayLike) -> NDArray[np.float64]:
    """Correct the p-values of several tests so that all hold at once (Holm 1979); NaN is no test and stays NaN.

    The smallest is multiplied by the number of tests, the next by one less, and so on; none falls below the one before
    it. Raises ValueError for values outside [0, 1].

    >>> holm([0.01, 0.04, float("nan"), 0.03]).round(4).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    p = np.asarray(p_T, dtype=float)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("p-values must lie within [0, 1]")
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]
    corrected = np.full(p.shape, np.nan)
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1.0)
    return corrected


def _every_sum(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute sums under all assignments of signs."""
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums - size, sums + size])
    return np.abs(sums)
