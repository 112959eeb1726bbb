"""The filter, one decision at a time."""

import pytest

from int_bench.interventions.select import select
from int_bench.records import Intervention


@pytest.fixture
def make():
    def make(identity: str, status: str = "proposed", content: str = "", prefix: str = "b=7\n\n", problem: str = "p0"):
        return Intervention(
            intervention_id=identity,
            problem_id=problem,
            rollout_id="r",
            status=status,
            location=1 if status == "proposed" else None,
            steps=4,
            category=None,
            before=prefix,
            prefix=prefix,
            content=content or identity,
            leak="none",
            truth_location=None,
            truth_category=None,
            content_right=None,
        )

    return make


def guided(identity: str, outcomes: str) -> list[tuple[str | None, bool]]:
    return [(identity, mark == "+") for mark in outcomes]


def reasons(decisions):
    return [(row.intervention_id, row.samples, row.correct, row.kept, row.reason) for row in decisions]


@pytest.mark.parametrize(
    ("min_correct", "kept"), [(0, [True, True, True]), (1, [False, True, True]), (2, [False, False, True])]
)
def test_an_intervention_is_kept_if_enough_guided_rollouts_are_correct(make, min_correct: int, kept):
    interventions = [make("none"), make("one"), make("two")]
    rollouts = [
        *guided("two", "-++-"),
        *guided("none", "----"),
        *guided("one", "---+"),
    ]
    assert reasons(select(interventions, rollouts, min_correct)) == [
        (name, 4, hits, keep, "kept" if keep else "too_few_correct")
        for name, hits, keep in zip(("none", "one", "two"), (0, 1, 2), kept, strict=True)
    ]


@pytest.mark.parametrize("status", ["no_error", "answer_step", "not_in_file", "outside_trace"])
def test_what_is_no_proposal_is_dropped_for_that_reason(make, status: str):
    assert reasons(select([make("i", status)], [], 0)) == [("i", 0, 0, False, status)]


def test_a_duplicate_is_dropped_after_the_first(make):
    interventions = [
        make("first", content="c=2"),
        make("again", content="c=2"),
        make("other place", content="c=2", prefix="b=7\n\nc=1\n\n"),
        make("other problem", content="c=2", problem="p1"),
    ]
    rollouts = [row for item in interventions for row in guided(item.intervention_id, "+")]
    assert [row.reason for row in select(interventions, rollouts, 1)] == ["kept", "duplicate", "kept", "kept"]


def test_what_is_no_proposal_makes_no_duplicates(make):
    interventions = [make("one", "answer_step", content="c=2"), make("two", content="c=2")]
    assert [row.reason for row in select(interventions, [], 0)] == ["answer_step", "kept"]


def test_rollouts_without_intervention_count_for_none(make):
    rollouts = [(None, True), *guided("i", "-")]
    assert reasons(select([make("i")], rollouts, 1)) == [("i", 1, 0, False, "too_few_correct")]
