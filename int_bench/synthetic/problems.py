"""Problems drawn from the synthetic world."""

from __future__ import annotations

import zlib

import numpy as np

from int_bench.config import FamilyConfig, StudentConfig, SyntheticProblems
from int_bench.records import Problem
from int_bench.synthetic.student import Student, reference_solution
from int_bench.synthetic.world import Family, draw_program


def student_of(config: StudentConfig) -> Student:
    """The world's student."""
    return Student(**config.model_dump())


def family_of(config: FamilyConfig) -> Family:
    """A family without its size."""
    return Family(config.operations, config.misconceived, config.fan_out)


def draw_problems(world: SyntheticProblems, name: str, family: FamilyConfig, taken: set[str]) -> list[Problem]:
    """Draw a family's problems, none of which is already in ``taken``; their texts are added to it."""
    rng = np.random.default_rng([world.seed, zlib.crc32(name.encode())])
    kinds = student_of(world.student).misconceived_kinds
    problems: list[Problem] = []
    while len(problems) < family.size:
        program = draw_program(family_of(family), kinds, rng)
        text = program.text()
        if text not in taken:
            taken.add(text)
            identity = f"{name}-{len(problems):04d}"
            gold = f"({program.answer()})"  # in brackets: unlike a bare list, a tuple has an order
            problems.append(Problem(identity, name, text, gold, reference_solution(program)))
    return problems
