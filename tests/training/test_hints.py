"""Hints: what may stand in one, and how much of the reference they show over a training."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import FamilyConfig, HintsConfig, StudentConfig, SyntheticProblems
from int_bench.interventions.leakage import LEAKS, leak_of
from int_bench.records import Problem
from int_bench.synthetic.problems import draw_problems
from int_bench.training.hints import hint_of, hinted, shares

WORLD = SyntheticProblems(
    kind="synthetic",
    student=StudentConfig(rules={"*7": 2}, reads_backwards=True, slip=0.0, slip_growth=0.0, notice=0.0),
    pools={"all": FamilyConfig(size=40, operations=(3, 9), misconceived=(0, 2))},
    benchmarks={"easy": FamilyConfig(size=8, operations=(2, 3))},
)
SYNTHETIC = draw_problems(WORLD, "all", WORLD.pools["all"], set())
LONG = Problem(
    "p",
    "pool",
    "How many are left?",
    "1475",
    "There are $37\\cdot40=1480$ of them.\n\nFive of those   are lost. So the answer is 1475.\n\n"
    "That is \\boxed{1475}, or \\boxed{1480 - 5}.",
)
PROBLEMS = st.sampled_from([*SYNTHETIC, LONG])
SHARES = st.floats(0.0, 1.0)


@given(PROBLEMS, SHARES)
def test_a_hint_begins_the_reference_and_gives_no_answer(problem: Problem, share: float):
    hint = hint_of(problem, share)
    assert problem.reference.startswith(hint)
    assert "boxed" not in hint
    assert leak_of(hint, problem.answer) not in LEAKS
    whole = problem.reference.split("\\boxed")[0].split()
    assert len(hint.split()) <= share * len(whole)


@given(PROBLEMS, SHARES, SHARES)
def test_a_larger_share_shows_no_less(problem: Problem, one: float, other: float):
    low, high = sorted((one, other))
    assert hint_of(problem, high).startswith(hint_of(problem, low))


@pytest.mark.parametrize("problem", SYNTHETIC, ids=lambda problem: problem.problem_id)
def test_a_synthetic_hint_lacks_the_last_value_at_least(problem: Problem):
    values = re.findall(r"[a-z]=\d", problem.reference)
    assert re.findall(r"[a-z]=\d", hint_of(problem, 1.0)) == values[:-1]


def test_a_hint_stops_before_the_answer_is_stated_in_words():
    assert hint_of(LONG, 1.0).endswith("So the answer is")


@pytest.mark.parametrize("reference", [None, "", "\\boxed{1}", "\\boxed{1}, since it is."])
@pytest.mark.parametrize("style", ["full", "compact"])
def test_without_anything_to_show_the_problem_stands_alone(reference: str | None, style: str):
    problem = Problem("p", "pool", "Find x.", "1", reference)
    assert hinted(problem, 1.0, style) == "Find x."


@pytest.mark.parametrize("style", ["full", "compact"])
def test_the_prompt_holds_problem_and_hint(style: str):
    text = hinted(LONG, 0.5, style)
    assert text.startswith(LONG.text)
    assert hint_of(LONG, 0.5) in text
    assert hinted(LONG, 0.0, style) == LONG.text


@given(st.integers(1, 12), st.integers(1, 5), st.tuples(SHARES, SHARES))
def test_annealing_goes_from_one_end_to_the_other_step_by_step(steps: int, prompts: int, ends: tuple[float, float]):
    config = HintsConfig(schedule="annealed", share=ends)
    shown = np.reshape(shares(config, steps, prompts, np.random.default_rng(0)), (steps, prompts))
    assert (shown == shown[:, :1]).all()
    assert shown[0, 0] == ends[0]
    assert steps == 1 or shown[-1, 0] == pytest.approx(ends[1])
    assert np.diff(shown[:, 0]) * np.sign(ends[1] - ends[0]) == pytest.approx(abs(np.diff(shown[:, 0])))


def test_uniform_shares_are_drawn_for_each_prompt_and_always_the_same():
    config = HintsConfig(schedule="uniform", share=(0.2, 0.8))
    one, same, other = (shares(config, 50, 8, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert one == same != other
    assert len(set(one)) == len(one) == 400
    assert 0.2 <= min(one) < 0.25
    assert 0.75 < max(one) <= 0.8
