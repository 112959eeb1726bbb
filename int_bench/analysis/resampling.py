"""Bootstrap draws: whole problems, and if asked for the samples within them and the training seeds around them.

A generator in the same state draws the same problems, whatever the scores: columns of one call, and calls with equally
seeded generators, share their random numbers, so that two models or two budgets are compared on the same draws.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from int_bench.analysis.pass_at_k import pass_at_k

CELLS = 2**20
"""Cells of the largest temporary array, 8 MiB of floats: memory does not grow with the number of resamples."""


def resampled_moments(
    scores_PK: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance over problems of each resample, both of shape (resamples, columns).

    Whole problems are drawn with replacement, the same ones for every column. How often each was drawn is a vector of
    weights, so that all columns of many resamples are one product of matrices.
    """
    problems, columns = scores_PK.shape
    centre_K = scores_PK.mean(axis=0)
    # Around their mean, or the variance of nearly equal scores would be lost to rounding.
    moments = np.hstack([scores_PK - centre_K, (scores_PK - centre_K) ** 2]) / problems
    found = np.vstack([weights @ moments for weights in _weights(problems, resamples, rng)])
    shift_BK, square_BK = found[:, :columns], found[:, columns:]
    return centre_K + shift_BK, np.maximum(square_BK - shift_BK**2, 0.0)


def resampled_pass_at_k(
    n_SP: NDArray[np.int64],
    c_SP: NDArray[np.int64],
    k: int,
    resamples: int,
    rng: np.random.Generator,
    within: bool,
) -> NDArray[np.float64]:
    """Mean pass@k of each resample of seeds, problems and, if ``within``, samples; shape (resamples,).

    ``n_SP`` and ``c_SP`` count the samples and correct samples of the same problems under each training seed. Seeds are
    drawn first, then problems, the same for all seeds drawn, as every seed was evaluated on the same problems (Owen
    2007, the pigeonhole bootstrap). ``within`` then draws n samples anew from a problem's n.
    """
    seeds, problems = n_SP.shape
    sizes = np.unique(n_SP)
    tables = [pass_at_k(np.full(n + 1, n), np.arange(n + 1), k) for n in sizes]
    start_SP = np.concatenate([[0], np.cumsum(sizes + 1)[:-1]])[np.searchsorted(sizes, n_SP)]
    table, means = np.concatenate(tables), []
    for block in _blocks(resamples, seeds * problems):
        # A lone seed leaves the stream of random numbers to the problems.
        seed = rng.integers(seeds, size=(block, seeds, 1)) if seeds > 1 else np.zeros((block, 1, 1), dtype=int)
        problem = rng.integers(problems, size=(block, 1, problems))
        n, c = n_SP[seed, problem], c_SP[seed, problem]
        drawn = rng.binomial(n, c / n) if within else c
        means.append(table[start_SP[seed, problem] + drawn].mean(axis=(1, 2)))
    return np.concatenate(means)


def _weights(problems: int, resamples: int, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield blocks of shape (block, problems): how often each problem was drawn."""
    for block in _blocks(resamples, problems):
        drawn = rng.integers(problems, size=(block, problems)) + problems * np.arange(block)[:, None]
        yield np.bincount(drawn.ravel(), minlength=block * problems).reshape(block, problems).astype(float)


def _blocks(resamples: int, cells: int) -> Iterator[int]:
    largest = max(1, CELLS // cells)
    for start in range(0, resamples, largest):
        yield min(largest, resamples - start)
