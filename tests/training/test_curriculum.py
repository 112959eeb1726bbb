"""What an RL training asks: all problems in turn, the same with hints as without, whenever it is drawn."""

from __future__ import annotations

from collections import Counter

import pytest

from int_bench.config import HintsConfig, load, override_of
from int_bench.records import Problem
from int_bench.training.curriculum import curriculum
from int_bench.training.hints import hinted
from tests.test_config import ROOT

HARD = [
    Problem(f"hard-{i}", "pool", f"Find {i}.", "1", f"First we see that {i} is odd. So \\boxed{{1}}") for i in range(5)
]
EASIER = [Problem(f"easier-{i}", "easier", f"What is {i}?", "1", None) for i in range(7)]


@pytest.mark.parametrize("problems", [HARD, [*HARD, *EASIER]], ids=["hard", "enlarged"])
def test_each_pass_asks_every_problem_once(problems: list[Problem]):
    asked = curriculum(problems, steps=15, prompts=4, seed=0)
    assert len(asked.texts) == 60
    for start in range(0, 60, len(problems)):
        met = Counter(asked.problems[text].problem_id for text in asked.texts[start : start + len(problems)])
        assert met == {problem.problem_id: 1 for problem in problems}


def test_the_enlarged_set_has_its_sets_mixed():
    asked = curriculum([*HARD, *EASIER], steps=3, prompts=4, seed=0)
    sources = [asked.problems[text].source for text in asked.texts]
    assert sources != sorted(sources)
    assert sources != sorted(sources, reverse=True)


def test_hints_change_the_texts_and_not_the_order():
    hints = HintsConfig(schedule="annealed", share=(1.0, 0.0))
    plain, shown = (curriculum([*HARD, *EASIER], 9, 4, 0, given) for given in (None, hints))
    ids = [[asked.problems[text].problem_id for text in asked.texts] for asked in (plain, shown)]
    assert ids[0] == ids[1]
    assert shown.texts[-4:] == plain.texts[-4:]  # annealed to nothing
    for text, alone in zip(shown.texts[:4], plain.texts[:4], strict=True):
        problem = plain.problems[alone]
        assert text == hinted(problem, 1.0, "full")
        assert (text == alone) == (problem.reference is None)
    assert len(shown.problems) > len(plain.problems)


@pytest.mark.parametrize("schedule", ["annealed", "uniform"])
def test_the_same_is_drawn_again(schedule: str):
    hints = HintsConfig(schedule=schedule, share=(0.8, 0.1))
    one, same, other = (curriculum(HARD, 6, 4, seed, hints) for seed in (0, 0, 1))
    assert one == same
    assert one.texts != other.texts


def test_the_steps_of_int_s_budget_sample_as_much_as_its_filter_may():
    overrides = [
        "rl.arms.base.int_budget=true",
        "hard_set.train=64",
        "interventions.per_problem=3",
        "selection.samples=5",
    ]
    config = load(ROOT / "configs" / "smoke.yaml", override_of(overrides))
    more = config.rl_steps("base") - config.rl.steps
    batch = config.rl.prompts * config.rl.samples
    assert more * batch >= 64 * 3 * 5 > (more - 1) * batch
    assert config.rl_steps("int") == config.rl.steps
    assert config.rl_checkpoints("base") == [*config.rl.checkpoints, config.rl_steps("base")]
