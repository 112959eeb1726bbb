"""Problems drawn from the synthetic world."""

from __future__ import annotations

import zlib

import numpy as np

from int_bench.config import ConfigError, FamilyConfig, StudentConfig, SyntheticProblems
from int_bench.config.section import nearest
from int_bench.records import Problem
from int_bench.synthetic.student import Student, reference_solution
from int_bench.synthetic.world import KINDS, Family, draw_program


def student_of(config: StudentConfig) -> Student:
    """The world's student."""
    return Student(**config.model_dump())


def family_of(config: FamilyConfig) -> Family:
    """A family without its size; raises ConfigError for a kind of operation that the world does not have."""
    for kind in config.kinds or ():
        if kind not in KINDS:
            raise ConfigError(f"kinds: no kind of operation {kind!r}{nearest(kind, KINDS)}")
    return Family(config.operations, config.misconceived, config.fan_out, config.kinds or KINDS)


def _check_kinds(name: str, family: Family, misconceived: tuple[str, ...]) -> None:
    """Raise ConfigError where the kinds of a family leave nothing to draw from."""
    mistaken = [kind in misconceived for kind in family.kinds]
    if family.misconceived[1] and not any(mistaken):
        raise ConfigError(f"problems: none of the kinds of {name!r} is misconceived, but its problems shall hold some")
    if family.misconceived[0] < family.operations[1] and all(mistaken):
        raise ConfigError(f"problems: every one of the kinds of {name!r} is misconceived, so none is left for the rest")


def draw_problems(world: SyntheticProblems, name: str, family: FamilyConfig, taken: set[str]) -> list[Problem]:
    """Draw a family's problems, none of which is already in ``taken``; their texts are added to it.

    Raises ConfigError for kinds of operations of which no problem of the family can be made.
    """
    rng = np.random.default_rng([world.seed, zlib.crc32(name.encode())])
    kinds = student_of(world.student).misconceived_kinds
    drawn_from = family_of(family)
    _check_kinds(name, drawn_from, kinds)
    problems: list[Problem] = []
    while len(problems) < family.size:
        program = draw_program(drawn_from, kinds, rng)
        text = program.text()
        if text not in taken:
            taken.add(text)
            identity = f"{name}-{len(problems):04d}"
            gold = f"({program.answer()})"  # in brackets: unlike a bare list, a tuple has an order
            problems.append(Problem(identity, name, text, gold, reference_solution(program)))
    return problems
