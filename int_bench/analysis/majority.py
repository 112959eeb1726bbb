"""maj@k: whether the most frequent of k answers is right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def votes(rollouts: pd.DataFrame) -> pd.DataFrame:
    """Count how often each problem was given each answer: columns ``problem_id, answer, n, c``.

    ``rollouts`` has a row a rollout with at least ``problem_id``, ``extracted`` and ``correct``. Answers are the same
    if they are written the same. Rollouts without one (``extracted`` is null) share a vote of their own, which can win:
    a model that mostly gives up has no majority answer to be credited with.

    >>> rows = {"problem_id": ["a"] * 4, "extracted": ["7", None, "7", None], "correct": [True, False, True, False]}
    >>> votes(pd.DataFrame(rows))[["n", "c"]].values.tolist()
    [[2, 2], [2, 0]]
    """
    named = rollouts.rename(columns={"extracted": "answer"})
    groups = named.groupby(["problem_id", "answer"], sort=True, dropna=False)["correct"]
    return groups.agg(n="size", c="sum").astype("int64").reset_index()


def majority_at_k(
    votes: pd.DataFrame, ks: Sequence[int], rng: np.random.Generator, subsets: int = 1000
) -> pd.DataFrame:
    """Probability that the most frequent of k answers is right, a row a problem and a column a budget.

    ``votes`` is what :func:`votes` returns. The k samples are drawn without replacement from a problem's n; answers
    that tie for the most votes are equally likely to be taken, and an answer counts by the share of its samples that
    were graded correct, nearly always 0 or 1. NaN where n < k.

    Exact for k = 1 (the share of correct samples), for k = 2 (the same: two votes agree or tie) and for k = n. In
    between the exact sum has a term for each way to split k votes, and is estimated, without bias, from the vote
    counts of ``subsets`` random subsets (multivariate hypergeometric draws, whose cost does not grow with n): the
    standard error is at most 0.5 / sqrt(subsets) a problem.
    Raises ValueError for budgets below 1 and fewer than 1 subset.

    >>> tally = pd.DataFrame({"problem_id": ["a", "a"], "answer": ["7", None], "n": [3, 1], "c": [3, 0]})
    >>> majority_at_k(tally, [1, 4, 8], np.random.default_rng(0)).values.tolist()
    [[0.75, 1.0, nan]]
    """
    if subsets < 1 or min(ks, default=1) < 1:
        raise ValueError(f"k and subsets must be at least 1, got {list(ks)} and {subsets}")
    found = {}
    for problem, tally in votes.groupby("problem_id", sort=True):
        n_A, right_A = tally["n"].to_numpy(), (tally["c"] / tally["n"]).to_numpy()
        found[problem] = [_majority(n_A, right_A, k, rng, subsets) for k in ks]
    index = pd.Index(list(found), name="problem_id")
    return pd.DataFrame(list(found.values()), index=index, columns=list(ks), dtype=float)


def _majority(
    n_A: NDArray[np.int64], right_A: NDArray[np.float64], k: int, rng: np.random.Generator, subsets: int
) -> float:
    total = n_A.sum()
    if k > total:
        return np.nan
    if k <= 2:
        return float(n_A @ right_A / total)
    if k == total:
        counts_BA = n_A[None, :]
    else:
        counts_BA = rng.multivariate_hypergeometric(n_A, k, size=subsets, method="marginals")
    winners_BA = counts_BA == counts_BA.max(axis=1, keepdims=True)
    return float((winners_BA @ right_A / winners_BA.sum(axis=1)).mean())
