"""The corpus that teaches the base model: a mixture of tasks, each a function from the world to prompt and response."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from int_bench.synthetic.student import Student
from int_bench.synthetic.world import Family, draw_program

Task = Callable[[Family, Student, np.random.Generator], tuple[str, str]]


def solve_task(family: Family, student: Student, rng: np.random.Generator) -> tuple[str, str]:
    """A problem and the student's trace."""
    program = draw_program(family, student.misconceived_kinds, rng)
    return program.text(), student.solve(program, rng)


TASKS: dict[str, Task] = {"solve": solve_task}
"""Tasks by the name that a mixture gives them."""


def corpus(
    family: Family, student: Student, mixture: Mapping[str, float], size: int, rng: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """``size`` pairs of prompt and response, tasks drawn by their weights."""
    names = sorted(mixture)
    weights = np.array([mixture[name] for name in names], dtype=float)
    for _ in range(size):
        task = TASKS[names[int(rng.choice(len(names), p=weights / weights.sum()))]]
        yield task(family, student, rng)
