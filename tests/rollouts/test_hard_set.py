"""The hard set: which problems are in it, and how they are split."""

import json
from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import load
from int_bench.errors import UserError
from int_bench.interventions.oracles.base import OneByOne, Proposal
from int_bench.layout import Layout
from int_bench.manifest import manifest_path
from int_bench.records import Problem, Rollout, write_records
from int_bench.rollouts.hard_set import split, unsolved
from int_bench.rollouts.stage import make_hard_set
from tests.smoke.conftest import ROOT


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


class Half(OneByOne):
    """Solves every second problem that it is asked about, and counts them."""

    def __init__(self) -> None:
        self.tried = 0

    @property
    def facts(self) -> dict[str, float]:
        return {"queries": self.tried}

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        raise NotImplementedError

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        self.tried += 1
        return self.tried % 2 == 1


@pytest.mark.parametrize("must_solve", [True, False])
def test_what_it_took_to_ask_the_oracle_is_in_the_manifest(tmp_path, monkeypatch, make_rollout, must_solve: bool):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("int_bench.rollouts.stage.oracle_of", lambda *run: nullcontext(Half()))
    layout, pool = Layout("smoke"), numbered(10)
    write_records(layout.pool, pool, Problem)
    write_records(layout.rollouts("mining"), [make_rollout(row.problem_id) for row in pool], Rollout)
    config = load(ROOT / "configs" / "smoke.yaml", {"hard_set": {"oracle_must_solve": must_solve}})
    train, _ = make_hard_set(config, layout)
    facts = json.loads(manifest_path(train).read_text())["facts"]
    assert facts["train"] + facts["test"] == (5 if must_solve else 10)
    assert facts.get("oracle") == ({"queries": 10} if must_solve else None)
