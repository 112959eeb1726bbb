"""The corpus that teaches the base model."""

import numpy as np
import pytest

from int_bench.synthetic import corpus as module
from int_bench.synthetic.corpus import corpus
from int_bench.synthetic.student import BLANK
from int_bench.synthetic.world import Family, parse_program

FAMILY = Family((2, 4), (0, 1), 0.1)


def taken(count: int, mixture: dict[str, float], student, seed: int = 0) -> list[tuple[str, str]]:
    pairs = list(corpus(FAMILY, student, mixture, count, np.random.default_rng(seed)))
    assert len(pairs) == count
    return pairs


def test_a_pair_is_a_problem_and_a_trace_that_answers_it(student):
    for prompt, response in taken(50, {"solve": 1.0}, student):
        program = parse_program(prompt)
        assert 2 <= len(program.operations) <= 4
        assert {step.removeprefix("Wait, ")[0] for step in response.split(BLANK)[:-1]} == {
            operation.target for operation in program.operations
        }
        assert response.split(BLANK)[-1].startswith("\\boxed{")


def test_the_corpus_is_seeded(student):
    first = taken(5, {"solve": 1.0}, student)
    assert first == taken(5, {"solve": 1.0}, student)
    assert first != taken(5, {"solve": 1.0}, student, seed=1)


def test_tasks_are_drawn_by_their_weights(student, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(module.TASKS, "other", lambda family, student, rng: ("other", ""))
    pairs = taken(2000, {"solve": 3.0, "other": 1.0}, student)
    assert np.mean([prompt == "other" for prompt, _ in pairs]) == pytest.approx(0.25, abs=0.04)
    assert all(prompt == "other" for prompt, _ in taken(20, {"solve": 0.0, "other": 1.0}, student))
