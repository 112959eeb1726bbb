"""Right solutions that the synthetic world writes itself, in styles that are more or less the base model's own.

``worked`` is the student's form without its errors. ``explained`` is a teacher's, in whole sentences, a block each:
what an oracle's own trace is to a model that writes otherwise (Figure 6). ``think`` and ``summary`` are the two parts
of one long trace like DeepSeek R1's (Appendix I): ``think`` doubts, reads again, tries wrong values and corrects them,
and ``summary`` writes up what came out. Each part is cloned alone, so each ends with the boxed answer.

How far these styles are from what the base model would write is the world's own choice and no finding. They share its
notation, and most of their words are of its corpus: even so a token of theirs surprises it more than any of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from int_bench.config.solutions import WorldStyle
from int_bench.records import Problem, Solution
from int_bench.synthetic.student import BLANK, boxed, worked_solution
from int_bench.synthetic.world import MODULUS, Operation, Program, parse_program

_DOUBTS = ("tries", "reads", "checks")
_HABITS = ("goes_on", *_DOUBTS)


def world_solutions(problems: Iterable[Problem], style: WorldStyle, seed: int) -> Iterator[Solution]:
    """A solution of each problem, whose draws are its own: they depend on neither order nor number of the problems."""
    for problem in problems:
        rng = np.random.default_rng([seed, zlib.crc32(problem.problem_id.encode())])
        text = STYLES[style](parse_program(problem.text), rng)
        yield Solution(problem.problem_id, problem.problem_id, text, True, True, "kept")


def explained(program: Program, rng: np.random.Generator) -> str:
    """A teacher's solution: a sentence for each operation says what is looked for, what is done and what comes out."""
    values = program.values()
    blocks = [f"Find {','.join(program.asked)} mod {MODULUS}. We know {program.first}={program.constant}."]
    for operation in program.operations:
        name, value = operation.target, values[operation.target]
        written, working = operation.write(operation.parent), operation.write(values[operation.parent])
        sentences = (
            f"We get {name}={written}, so {name}={working}={value}.",
            f"Find {name}: it is {written}, so {working}={value}.",
            f"As {operation.parent}={values[operation.parent]}, we get {name}={working}={value}.",
        )
        blocks.append(sentences[int(rng.integers(len(sentences)))])
    return BLANK.join([*blocks, f"So we get {_answer(program)}."])


def thought(program: Program, rng: np.random.Generator) -> str:
    """The long part of a trace, in which each operation is met with a habit, and each kind of doubt is met if it can.

    A wrong value is uniform among the wrong ones.
    """
    values, count = program.values(), len(program.operations)
    habits = [*_DOUBTS[:count], *rng.choice(_HABITS, size=max(0, count - len(_DOUBTS))).tolist()]
    blocks = [f"Hmm, find {','.join(program.asked)}. We know {program.first}={program.constant}."]
    for operation, habit in zip(program.operations, rng.permutation(habits).tolist(), strict=True):
        wrong = (values[operation.target] + int(rng.integers(1, MODULUS))) % MODULUS
        blocks.append(_thought_of(operation, values[operation.parent], values[operation.target], habit, wrong))
    listed = ", ".join(f"{name}={value}" for name, value in values.items())
    return BLANK.join([*blocks, f"Check all: {listed}, ok.", f"So {_answer(program)}"])


def summarised(program: Program, rng: np.random.Generator) -> str:
    """The short part of a trace: a list of what came out. Nothing in it is drawn."""
    values = program.values()
    lines = [
        f"- {operation.target}={operation.write(values[operation.parent])}={values[operation.target]}"
        for operation in program.operations
    ]
    return f"We get mod {MODULUS}:{BLANK}" + "\n".join(lines) + f"{BLANK}**Answer:** {_answer(program)}"


def _thought_of(operation: Operation, held: int, value: int, habit: str, wrong: int) -> str:
    name, written, working = operation.target, operation.write(operation.parent), operation.write(held)
    match habit:
        case "tries":
            return f"{name}={written}, so {working}={wrong}? Wait, no: {working}={value}."
        case "reads":
            return f"Hmm, is it {name}={written}? Check: it is, so {working}={value}."
        case "checks":
            return f"{name}={written}, so {working}={value}. Check {working}={value}: ok."
        case _:
            return f"We get {name}={working}={value}."


def _answer(program: Program) -> str:
    values = program.values()
    return boxed(values[name] for name in program.asked)


STYLES: dict[WorldStyle, Callable[[Program, np.random.Generator], str]] = {
    "worked": lambda program, _: worked_solution(program),
    "explained": explained,
    "think": thought,
    "summary": summarised,
}
"""What writes a solution in each style."""
