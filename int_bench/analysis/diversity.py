"""How diverse the final answers to a problem are, and how far pass@k has been sharpened into pass@1.

Sharpening is what RL does when it makes likely what the model could do before, and no more: pass@1 rises, pass@k at a
large k does not, and samples become alike (Yue et al. 2025; Huang et al. 2024).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from int_bench.analysis.pass_at_k import pass_at_k


def differing(answers: Iterable[Hashable]) -> float:
    """The chance that two samples of a problem have different answers, unbiased; NaN with fewer than two.

    This is the Gini-Simpson index, 1 - sum of a(a-1) / (n(n-1)) over answers given a times each (Simpson 1949).
    Unlike the entropy of the same distribution, it does not grow with the number of samples.

    >>> differing("aaab"), differing("aaaa"), differing("abcd")
    (0.5, 0.0, 1.0)
    """
    given = np.array(list(Counter(answers).values()))
    n = given.sum()
    return float(1.0 - (given * (given - 1)).sum() / (n * (n - 1))) if n > 1 else np.nan


def headroom(n_P: ArrayLike, c_P: ArrayLike, k: int) -> NDArray[np.float64]:
    """pass@k less pass@1 of each problem: what there is to sharpen. In [0, 1]; NaN with fewer than ``k`` samples.

    >>> headroom([4, 4, 4], [0, 1, 4], 4).tolist()
    [0.0, 0.75, 0.0]
    """
    passed_PK = pass_at_k(n_P, c_P, [1, k])
    return passed_PK[:, 1] - passed_PK[:, 0]
