"""The exact verifier: what is right and wrong in a trace, where the first uncorrected error stands, and of which kind.

A step assigns a value to a variable. It is wrong if the value is not the true one, and recovered from if a later step
of the trace gives that variable its true value. The kinds are those of the paper's error prompt (Appendix A): HIGH, a
knowledge gap, for a step that follows one of the student's misconceptions; EXECUTION for any other error, such as a
slip in the value, a misread variable or a step left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from int_bench.synthetic.student import BLANK, Student, right_step
from int_bench.synthetic.world import Operation, Program, parse_program

Category = Literal["HIGH", "EXECUTION"]

_STEP = re.compile(r"(?:Wait, )?([a-z])=(?:(\d[+\-*]\d)=)?(\d)")
_BOX = re.compile(r"\\(?:boxed|fbox)\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Error:
    """The first uncorrected error: the index of its step from 0, its kind, and the right step (None at the answer)."""

    location: int
    category: Category
    correction: str | None


def first_error(program: Program, steps: Sequence[str], student: Student) -> Error | None:
    """The first error in a trace that the trace itself does not correct later; None if there is none.

    A step that cannot be read, or that assigns a variable before the variables it depends on, counts as an error: the
    right step is then the first one that is still missing. An answer that does not follow from right steps is an
    error too, but one whose correction would be the answer itself. A trace that was cut off after right steps has none:
    to replace one of them would be wrong.
    """
    truth = program.values()
    i, said = _until_error(program, steps)
    if i == len(steps):
        return None
    match = _STEP.fullmatch(steps[i].strip())
    if match is None and _BOX.search(steps[i]):
        return _at_answer(program, steps[i], i, said, truth)
    operation = next((found for found in program.operations if match and found.target == match[1]), None)
    if match is None or operation is None or operation.parent not in said:
        return Error(i, "EXECUTION", _first_missing(program, said, truth))
    wrong = _misconceived(operation, match[2], int(match[3]), said[operation.parent], student)
    return Error(i, "HIGH" if wrong else "EXECUTION", right_step(operation, truth[operation.parent]))


def all_steps_right(program: Program, steps: Sequence[str]) -> bool:
    """Whether every variable ends with its true value and each line of the trace can be read."""
    truth = program.values()
    said = {program.first: program.constant}
    for step in steps:
        match = _STEP.fullmatch(step.strip())
        if match is None:
            if _BOX.search(step):
                break
            return False
        said[match[1]] = int(match[3])
    return said == truth


def steps_before_error(program: Program, steps: Sequence[str]) -> float:
    r"""The share of a problem's variables that a trace has right before its first error, or its answer.

    >>> program = parse_program("a=3\nb=a-6\nc=9-b\nFind a,b,c mod 10.")
    >>> [steps_before_error(program, trace) for trace in (["b=3-6=7", "c=9-7=2"], ["b=3-6=7", "c=9-7=3"], ["c=9-7=2"])]
    [1.0, 0.5, 0.0]
    """
    truth = program.values()
    _, said = _until_error(program, steps)
    return sum(said.get(operation.target) == truth[operation.target] for operation in program.operations) / len(
        program.operations
    )


def step_right(program: Program, step: str) -> bool:
    r"""Whether a text is a step, or several, that give the problem's variables their true values.

    >>> program = parse_program("a=3\nb=a-6\nc=9-b\nFind a,b,c mod 10.")
    >>> step_right(program, "Wait, c=9-7=2"), step_right(program, "c=9-7=3"), step_right(program, "Think again.")
    (True, False, False)
    >>> step_right(program, "b=3-6=7\n\nc=2"), step_right(program, "b=3-6=7\n\nc=3")
    (True, False)
    """
    truth = program.values()
    matches = [_STEP.fullmatch(line.strip()) for line in step.strip().split(BLANK)]
    return all(match is not None and truth.get(match[1]) == int(match[3]) for match in matches)


def _until_error(program: Program, steps: Sequence[str]) -> tuple[int, dict[str, int]]:
    """The index of the first step that is no right one, nor corrected later, and the values that were said before it.

    The answer is such a step, right or wrong; without one it is the number of steps.
    """
    truth = program.values()
    parents = {operation.target: operation.parent for operation in program.operations}
    read = [_STEP.fullmatch(step.strip()) for step in steps]
    last_right = {m[1]: i for i, m in enumerate(read) if m and truth.get(m[1]) == int(m[3])}
    said = {program.first: program.constant}
    for i, match in enumerate(read):
        if match is None or parents.get(match[1]) not in said:
            return i, said
        name, value = match[1], int(match[3])
        if value != truth[name] and last_right.get(name, -1) < i:
            return i, said
        said[name] = value
    return len(steps), said


def _misconceived(operation: Operation, expression: str | None, value: int, held: int, student: Student) -> bool:
    """Whether a wrong step follows what the student believes about this kind, from the value that the trace held."""
    if operation.kind not in student.misconceived_kinds:
        return False
    believed, result = student.believes(operation, held)
    return value == result and expression in (None, believed)


def _at_answer(program: Program, step: str, i: int, said: dict[str, int], truth: dict[str, int]) -> Error | None:
    missing = _first_missing(program, said, truth)
    if missing is not None:
        return Error(i, "EXECUTION", missing)
    boxes = _BOX.findall(step)
    return None if boxes[-1].replace(" ", "") == program.answer() else Error(i, "EXECUTION", None)


def _first_missing(program: Program, said: dict[str, int], truth: dict[str, int]) -> str | None:
    for operation in program.operations:
        if operation.target not in said:
            return right_step(operation, truth[operation.parent])
    return None


def steps_right(text: str, trace: str) -> bool:
    """:func:`all_steps_right` for a problem's text and a whole trace."""
    return all_steps_right(parse_program(text), trace.split(BLANK))
