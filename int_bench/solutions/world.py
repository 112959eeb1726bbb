"""Right solutions that the synthetic world writes itself, in styles that are more or less the base model's own.

``worked`` is the student's form without its errors. ``explained`` is a teacher's, in whole sentences, a block each:
what an oracle's own trace is to a model that writes otherwise (Figure 6). ``think`` and ``summary`` are the two parts
of one long trace like DeepSeek R1's (Appendix I): ``think`` doubts, reads again, tries wrong values and corrects them,
and ``summary`` writes up what came out. Each part is cloned alone, so each ends with the boxed answer.
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
    """A teacher's solution: a sentence for each operation says what is known, what is done and what comes out."""
    values = program.values()
    blocks = [f"We go on from {program.first}={program.constant}, mod {MODULUS}."]
    for operation in program.operations:
        name, parent, value = operation.target, operation.parent, values[operation.target]
        held, written, working = values[parent], operation.write(parent), operation.write(values[parent])
        sentences = (
            f"As {parent} is {held}, we get {working} for {name}, so {name} is {value}.",
            f"Now {name} is {written}. With {parent}={held} it is {working}, so {value}.",
            f"So {name}={written} is {working}, and {name} is {value}.",
        )
        blocks.append(sentences[int(rng.integers(len(sentences)))])
    return BLANK.join([*blocks, f"So the answer is {_answer(program)}."])


def thought(program: Program, rng: np.random.Generator) -> str:
    """The long part of a trace, in which each operation is met with a habit, and each kind of doubt is met if it can.

    A wrong value is uniform among the wrong ones.
    """
    values, count = program.values(), len(program.operations)
    habits = [*_DOUBTS[:count], *rng.choice(_HABITS, size=max(0, count - len(_DOUBTS))).tolist()]
    blocks = [f"Hmm, so {program.first}={program.constant}, and I need {','.join(program.asked)}."]
    for operation, habit in zip(program.operations, rng.permutation(habits).tolist(), strict=True):
        wrong = (values[operation.target] + int(rng.integers(1, MODULUS))) % MODULUS
        blocks.append(_thought_of(operation, values[operation.parent], values[operation.target], habit, wrong))
    listed = ", ".join(f"{name}={value}" for name, value in values.items())
    return BLANK.join([*blocks, f"Wait, so {listed}? Yes.", f"So it is {_answer(program)}"])


def summarised(program: Program, rng: np.random.Generator) -> str:
    """The short part of a trace: a list of what came out. Nothing in it is drawn."""
    values = program.values()
    lines = [
        f"- {operation.target} = {operation.write(values[operation.parent])} = {values[operation.target]}"
        for operation in program.operations
    ]
    return f"The values mod {MODULUS}:{BLANK}" + "\n".join(lines) + f"{BLANK}**Answer:** {_answer(program)}"


def _thought_of(operation: Operation, held: int, value: int, habit: str, wrong: int) -> str:
    name, written, working = operation.target, operation.write(operation.parent), operation.write(held)
    match habit:
        case "tries":
            return f"{name}={written}, so {working}, is it {wrong}? Wait, no. It is {value}, so {name}={value}."
        case "reads":
            return f"Hmm, is it {name}={written}? Yes, it is. So {working}, and {name}={value}."
        case "checks":
            return f"{name}={written}, so {working}, {value}. Check: {working} is {value}, ok."
        case _:
            return f"So {name}={written} is {working}, {value}."


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
