"""pass@k from the number of samples and of correct samples of each problem."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def pass_at_k(n_P: ArrayLike, c_P: ArrayLike, k: ArrayLike) -> NDArray[np.float64]:
    """Unbiased probability that at least one of ``k`` samples is correct, for each problem.

    ``n_P`` holds the samples and ``c_P`` the correct samples of each problem. A scalar ``k`` gives shape (problems,), a
    vector of budgets gives (problems, budgets). Where a problem has fewer than ``k`` samples the value is NaN, not 0.

    With n samples, c of them correct, it is 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, section 2.1); the quotient is
    the product of (n-k-j) / (n-j) over j < c, whose factors all lie in [0, 1], so that nothing overflows or cancels.

    Raises ValueError for counts that are not 0 <= c <= n, for budgets below 1 and for numbers that are not whole.

    >>> pass_at_k([4, 4, 2], [1, 0, 2], [1, 2, 4]).tolist()
    [[0.25, 0.5, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, nan]]
    """
    n_P, c_P, k_K = _whole("n", n_P), _whole("c", c_P), _whole("k", k)
    if n_P.ndim != 1 or n_P.shape != c_P.shape or k_K.ndim > 1:
        raise ValueError(f"n and c must be vectors of one length, got shapes {n_P.shape} and {c_P.shape}")
    if (c_P < 0).any() or (c_P > n_P).any():
        raise ValueError("c must lie between 0 and n for every problem")
    if (k_K < 1).any():
        raise ValueError(f"k must be at least 1, got {k_K.min()}")
    n, c, budgets = n_P[:, None], c_P[:, None], np.atleast_1d(k_K)[None, :]
    missed = np.ones((len(n_P), budgets.shape[1]))
    for j in range(int(c_P.max(initial=0))):
        factor = np.maximum(n - budgets - j, 0) / np.maximum(n - j, 1)
        missed *= np.where(j < c, factor, 1.0)
    passed = np.where(n < budgets, np.nan, 1.0 - missed)
    return passed if k_K.ndim else passed[:, 0]


def avg_at_k(n_P: ArrayLike, c_P: ArrayLike) -> NDArray[np.float64]:
    """Share of correct samples of each problem, which is its pass@1; NaN for a problem without samples.

    >>> avg_at_k([4, 8], [1, 8]).tolist()
    [0.25, 1.0]
    """
    return pass_at_k(n_P, c_P, 1)


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


def _whole(name: str, values: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.size and not np.equal(array, np.floor(array)).all():
        raise ValueError(f"{name} must be whole numbers")
    return array.astype(np.int64)
