"""pass@k and zero-advantage groups from the number of samples and of correct samples of each problem."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def pass_at_k(n_P: ArrayLike, c_P: ArrayLike, k: ArrayLike) -> NDArray[np.float64]:
    """Unbiased probability that at least one of ``k`` samples is correct, for each problem.

    ``n_P`` holds the samples and ``c_P`` the correct samples of each problem. A scalar ``k`` gives shape (problems,), a
    vector of budgets gives (problems, budgets). Where a problem has fewer than ``k`` samples the value is NaN, not 0.

    With n samples, c of them correct, it is 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, section 2.1). The error against
    exact fractions is below 1e-13, both absolute and relative, for n and k up to 10,000.

    Raises ValueError for counts that are not 0 <= c <= n, for budgets below 1 and for numbers that are not whole.

    >>> pass_at_k([4, 4, 2], [1, 0, 2], [1, 2, 4]).round(12).tolist()
    [[0.25, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, nan]]
    """
    n_P, c_P, k_K = _checked(n_P, c_P, k)
    # Adding zero turns -0.0 into 0.0.
    return _by_budget(0.0 - np.expm1(_log_missed(n_P, c_P, np.atleast_1d(k_K))), k_K)


def avg_at_k(n_P: ArrayLike, c_P: ArrayLike, k: ArrayLike = 1) -> NDArray[np.float64]:
    """Expected share of correct ones among ``k`` samples of each problem: c / n whatever k, which is its pass@1.

    Shapes, NaN and errors are those of :func:`pass_at_k`; without ``k`` only a problem without samples is NaN.

    >>> avg_at_k([4, 8], [1, 8]).tolist(), avg_at_k([4, 8], [1, 8], 8).tolist()
    ([0.25, 1.0], [nan, 1.0])
    """
    n_P, c_P, k_K = _checked(n_P, c_P, k)
    enough_PK = n_P[:, None] >= np.atleast_1d(k_K)
    return _by_budget(np.where(enough_PK, (c_P / np.maximum(n_P, 1))[:, None], np.nan), k_K)


def zero_advantage(n_P: ArrayLike, c_P: ArrayLike, g: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unbiased shares of groups of ``g`` samples of a problem that are all wrong, and that are all right.

    In either case every sample of the group has the same reward, hence no advantage and no gradient. Groups are drawn
    without replacement from a problem's n samples, c of them correct: C(n-c, g) / C(n, g) and C(c, g) / C(n, g).
    Shapes, NaN and errors are those of :func:`pass_at_k`.

    >>> all_wrong, all_right = zero_advantage([4, 4], [1, 4], 2)
    >>> all_wrong.round(12).tolist(), all_right.round(12).tolist()
    ([0.5, 0.0], [0.0, 1.0])
    """
    n_P, c_P, g_G = _checked(n_P, c_P, g)
    sizes = np.atleast_1d(g_G)
    all_wrong, all_right = (np.exp(_log_missed(n_P, hits_P, sizes)) for hits_P in (c_P, n_P - c_P))
    return _by_budget(all_wrong, g_G), _by_budget(all_right, g_G)


def nonzero(c_P: ArrayLike) -> int:
    """Problems with at least one correct sample: the paper's "nonzero accuracy" (Table 1).

    >>> nonzero([0, 3, 1])
    2
    """
    return int(np.count_nonzero(np.asarray(c_P)))


def counts(rollouts: pd.DataFrame) -> pd.DataFrame:
    """Count samples ``n`` and correct samples ``c`` of each problem, sorted by problem.

    ``rollouts`` has a row a rollout with at least the columns ``problem_id`` and ``correct``.

    >>> counts(pd.DataFrame({"problem_id": ["b", "a", "b"], "correct": [True, False, False]})).values.tolist()
    [['a', 1, 0], ['b', 2, 1]]
    """
    groups = rollouts.groupby("problem_id", sort=True)["correct"]
    return groups.agg(n="size", c="sum").astype("int64").reset_index()


def _log_missed(n_P: NDArray[np.int64], c_P: NDArray[np.int64], k_K: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log of C(n-c, k) / C(n, k), shape (problems, budgets); NaN where n < k.

    The quotient is the product of 1 - k / (n-j) over j < c. Its logarithms all have one sign, so that their running sum
    loses nothing to cancellation, and it gives every c of one n at once. Differences of log-gamma, which need no sum,
    are of size n log n and lose five digits at n = 10,000.
    """
    log_PK = np.full((len(n_P), len(k_K)), np.nan)
    for n in np.unique(n_P):
        ours = np.flatnonzero(n_P == n)
        left = n - np.arange(c_P[ours].max())
        for column in np.flatnonzero(k_K <= n):
            k = k_K[column]
            # With k or fewer samples left, every draw of k holds one of the correct.
            factors = np.log1p(-k / left, out=np.full(len(left), -np.inf), where=left > k)
            log_PK[ours, column] = np.concatenate([[0.0], np.cumsum(factors)])[c_P[ours]]
    return log_PK


def _checked(
    n_P: ArrayLike, c_P: ArrayLike, k: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    n_P, c_P, k_K = _whole("n", n_P), _whole("c", c_P), _whole("k", k)
    if n_P.ndim != 1 or n_P.shape != c_P.shape or k_K.ndim > 1:
        raise ValueError(f"n and c must be vectors of one length, got shapes {n_P.shape} and {c_P.shape}")
    if (c_P < 0).any() or (c_P > n_P).any():
        raise ValueError("c must lie between 0 and n for every problem")
    if (k_K < 1).any():
        raise ValueError(f"k must be at least 1, got {k_K.min()}")
    return n_P, c_P, k_K


def _by_budget(values_PK: NDArray[np.float64], k: NDArray[np.int64]) -> NDArray[np.float64]:
    return values_PK if k.ndim else values_PK[:, 0]


def _whole(name: str, values: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.size and not np.equal(array, np.floor(array)).all():
        raise ValueError(f"{name} must be whole numbers")
    return array.astype(np.int64)
