"""Which attempts an oracle is shown, and what is recorded of its answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from int_bench.config import StepsConfig
from int_bench.interventions.oracles.base import Case, Oracle, Proposal
from int_bench.interventions.oracles.exact import Exact
from int_bench.interventions.propose import (
    Attempt,
    chosen_attempts,
    failed_attempts,
    guided_prefix,
    propose_interventions,
)
from int_bench.records import Problem, Rollout, write_records

PROBLEM = Problem("p0", "pool", "a=3\nb=a-6\nc=9-b\nd=c*3\nFind b,c,d mod 10.", "7,2,6", None)
ATTEMPT = "b=3-6=7\n\nc=7-9=8\n\nd=8*3=4\n\n\\boxed{7,8,4}"


@dataclass
class Fixed(Oracle):
    """An oracle that always gives the same answers."""

    proposals: list[Proposal]

    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        return [self.proposals for _ in cases]

    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        return ()


def every(oracle, student, placement: str = "replace"):
    chosen = [(PROBLEM, 0, Attempt("p0", "p0/0", ATTEMPT))]
    return propose_interventions(chosen, oracle, placement, StepsConfig(), student, 0)


def one(oracle, student, placement: str = "replace"):
    (record,) = every(oracle, student, placement)
    return record


@pytest.mark.parametrize(
    ("placement", "prefix", "content"),
    [("replace", "b=3-6=7\n\n", "c=9-7=2"), ("repair", "b=3-6=7\n\nc=7-9=8\n\n", "Wait, c=9-7=2")],
)
def test_a_step_is_replaced_or_repaired(student, placement: str, prefix: str, content: str):
    record = one(Exact(student, placement), student, placement)
    assert (record.status, record.location, record.steps, record.category) == ("proposed", 1, 4, "HIGH")
    assert (record.truth_location, record.truth_category, record.content_right) == (1, "HIGH", True)
    assert (record.before, record.prefix, record.content) == ("b=3-6=7\n\n", prefix, content)
    assert guided_prefix(record) == f"{prefix}{content}\n\n"
    assert (record.problem_id, record.rollout_id) == ("p0", "p0/0")


@pytest.mark.parametrize("place", [-1, 4, 99])
def test_a_place_outside_the_trace_is_a_status_of_its_own(student, place: int):
    record = one(Fixed([Proposal("proposed", place, "HIGH", "c=2")]), student)
    assert (record.status, record.location, record.before, record.prefix) == ("outside_trace", None, "", "")
    assert record.truth_location == 1


@pytest.mark.parametrize("place", [0, 3])
def test_the_first_and_the_last_step_are_inside_the_trace(student, place: int):
    record = one(Fixed([Proposal("proposed", place, "HIGH", "c=2")]), student)
    assert (record.status, record.location) == ("proposed", place)


@pytest.mark.parametrize("status", ["no_error", "not_in_file"])
def test_other_statuses_are_kept(student, status):
    record = one(Fixed([Proposal(status)]), student)
    assert (record.status, record.location, record.content) == (status, None, "")


def test_without_the_world_there_is_no_truth():
    record = one(Fixed([Proposal("proposed", 1, None, "x")]), None)
    assert (record.truth_location, record.truth_category, record.content_right) == (None, None, None)


def test_several_proposals_on_an_attempt_are_told_apart(student):
    proposals = [Proposal("proposed", 1, None, "c=9-7=2"), Proposal("no_error"), Proposal("proposed", 0, None, "c=0")]
    records = every(Fixed(proposals), student)
    assert [row.intervention_id for row in records] == ["p0/0.0", "p0/0.1", "p0/0.2"]
    assert [row.content_right for row in records] == [True, None, False]
    assert {row.truth_location for row in records} == {1}


def test_only_failed_attempts_are_shown_and_at_most_so_many(make_rollout, problems, tmp_path):
    few, many, solved, _ = problems[:4]
    rollouts = [make_rollout(few.problem_id, "x", sample=i, correct=i > 1) for i in range(6)]
    rollouts += [make_rollout(many.problem_id, "x", sample=i, correct=i % 5 == 0) for i in range(30)]
    rollouts += [make_rollout(solved.problem_id, "x", correct=True), make_rollout("not hard", "x")]
    write_records(tmp_path / "mining.parquet", rollouts, Rollout)
    hard = {problem.problem_id for problem in problems[:4]}

    def chosen(seed: int, per_problem: int = 3) -> list[str]:
        attempts = failed_attempts(str(tmp_path / "mining.parquet"), hard)
        rows = chosen_attempts(problems[:4], attempts, per_problem, seed)
        assert [(problem, number) for problem, number, _ in rows[-per_problem:]] == [
            (many, number) for number in range(per_problem)
        ]
        return [attempt.rollout_id for _, _, attempt in rows]

    failed = {row.rollout_id for row in rollouts if not row.correct and row.problem_id in hard}
    first = chosen(0)
    assert set(first[:2]) == {f"{few.problem_id}/0", f"{few.problem_id}/1"}
    assert len(first) == len(set(first)) == 2 + 3
    assert set(first) <= failed
    assert chosen(0) == first
    assert any(chosen(seed)[2:] != first[2:] for seed in range(1, 4))
    # Attempts are drawn at random, not taken from the front.
    assert {name for seed in range(40) for name in chosen(seed)} == failed


def test_a_boxed_answer_is_refused(student):
    leak = Fixed([Proposal("proposed", 1, "HIGH", r"So the answer is \boxed{7,2,4}.")])
    assert one(leak, student).status == "boxed_answer"
