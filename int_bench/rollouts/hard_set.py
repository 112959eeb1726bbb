"""The hard set: problems that the base model never solves, split into a training and a test part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from int_bench.errors import UserError
from int_bench.records import Problem


def unsolved(problems: Sequence[Problem], grades: Iterable[tuple[str, bool]]) -> list[Problem]:
    """Problems with at least one rollout and none correct, in their own order.

    A grade is the id of a rollout's problem and whether it is correct.
    """
    solved: dict[str, bool] = {}
    for problem_id, correct in grades:
        solved[problem_id] = solved.get(problem_id, False) or correct
    return [problem for problem in problems if solved.get(problem.problem_id) is False]


def split(
    hard: Sequence[Problem], train: int, test: int, solvable: Collection[str] | None, rng: np.random.Generator
) -> tuple[list[Problem], list[Problem]]:
    """Draw disjoint training and test problems at random, so that both come from one distribution.

    ``solvable`` restricts the hard problems to those that the oracle solved itself (section 6.1); None keeps all.
    A set that is too small for both sizes is shared out in their proportion.

    Raises UserError if fewer than two hard problems are left.
    """
    kept = [problem for problem in hard if solvable is None or problem.problem_id in solvable]
    if len(kept) < 2:
        raise UserError(
            f"hard set: {len(kept)} of {len(hard)} unsolved problems are left, two are the least that can be split; "
            "enlarge the pool or mine with fewer samples"
        )
    kept = [kept[i] for i in rng.permutation(len(kept))]
    if len(kept) < train + test:
        train = min(max(1, round(len(kept) * train / (train + test))), len(kept) - 1)
        test = len(kept) - train
    return kept[:train], kept[train : train + test]
