"""The hard set: which problems are in it, and how they are split."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.errors import UserError
from int_bench.records import Problem
from int_bench.rollouts.hard_set import split, unsolved


def numbered(count: int) -> list[Problem]:
    return [Problem(f"p{i}", "pool", f"text {i}", "1", None) for i in range(count)]


def test_unsolved_problems_were_tried_and_never_solved():
    grades = [("p3", False), ("p0", False), ("p0", False), ("p1", False), ("p1", True), ("p1", False)]
    # p1 was solved once, p2 was never tried; the order is that of the problems.
    assert [problem.problem_id for problem in unsolved(numbered(4), grades)] == ["p0", "p3"]


@given(st.integers(2, 40), st.integers(1, 20), st.integers(1, 20), st.integers(0, 2**32))
def test_parts_are_disjoint_seeded_and_of_the_sizes_asked_for(count: int, train: int, test: int, seed: int):
    hard = numbered(count)
    one, other = split(hard, train, test, None, np.random.default_rng(seed))
    assert (one, other) == split(hard, train, test, None, np.random.default_rng(seed))
    ids = [problem.problem_id for problem in [*one, *other]]
    assert len(set(ids)) == len(ids)
    assert set(ids) <= {problem.problem_id for problem in hard}
    if count >= train + test:
        assert (len(one), len(other)) == (train, test)
    else:
        # All are used, neither part is empty, and the proportion is kept as well as whole problems allow.
        assert len(one) + len(other) == count
        assert min(len(one), len(other)) >= 1
        if min(len(one), len(other)) > 1:
            assert abs(len(one) - count * train / (train + test)) <= 0.5


def test_both_parts_are_drawn_at_random():
    hard = numbered(40)
    first, _ = split(hard, 20, 20, None, np.random.default_rng(0))
    assert first != split(hard, 20, 20, None, np.random.default_rng(1))[0]
    assert first != hard[:20]


def test_only_what_the_oracle_solves_is_kept():
    solvable = {"p1", "p2", "p5", "p7"}
    one, other = split(numbered(10), 2, 2, solvable, np.random.default_rng(0))
    assert {problem.problem_id for problem in [*one, *other]} == solvable


@pytest.mark.parametrize(("count", "solvable", "left"), [(0, None, 0), (1, None, 1), (9, {"p3"}, 1), (9, set(), 0)])
def test_fewer_than_two_problems_are_refused(count: int, solvable: set[str] | None, left: int):
    with pytest.raises(UserError, match=f"hard set: {left} of {count} unsolved problems"):
        split(numbered(count), 4, 4, solvable, np.random.default_rng(0))
