"""The student as a verifier: what it finds in an attempt with a reference solution, the bare answer, or nothing.

What a reference names is right; of anything else the student can only judge by what it believes itself. So without a
reference it finds slips, but none of its own misconceptions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from int_bench.synthetic.student import Student
from int_bench.synthetic.verifier import Category
from int_bench.synthetic.world import Program

Mode = Literal["solution", "answer", "nothing"]
Verdict = Literal["ok", "mended", "no"]


@dataclass(frozen=True, slots=True)
class Check:
    """What the student thinks of one step: the variable's value as it should be, and a verdict.

    ``mended``: wrong, but a later step sets the variable right. ``correction`` is the step as it should be.
    """

    location: int
    name: str
    value: int
    verdict: Verdict
    category: Category
    correction: str


def known_values(program: Program, mode: Mode) -> dict[str, int]:
    """The values that what is shown of a reference names: all, those asked for, or none."""
    values = program.values()
    shown = {"solution": tuple(values), "answer": program.asked, "nothing": ()}[mode]
    return {name: values[name] for name in shown}


def checks(student: Student, program: Program, steps: Sequence[str], known: Mapping[str, int]) -> Iterator[Check]:
    """Go through an attempt in the student's own form, up to the first step at fault or the boxed answer."""
    operations = {operation.target: operation for operation in program.operations}
    assigned = [_assignment(step) for step in steps]
    held = {program.first: program.constant}
    for i, assignment in enumerate(assigned):
        if assignment is None:
            return
        name, value = assignment
        operation = operations[name]
        parent = held[operation.parent]
        expression, believed = student.believes(operation, parent)
        should = known.get(name, believed)
        # The misread plan gives way to what the problem says where the reference contradicts it.
        written = operation.write(parent) if name in known else expression
        mended = (name, should) in assigned[i + 1 :]
        verdict: Verdict = "ok" if value == should else "mended" if mended else "no"
        category: Category = "HIGH" if value == believed else "EXECUTION"
        yield Check(i, name, should, verdict, category, f"{name}={written}={should}")
        if verdict == "no":
            return
        held[name] = value


def verify(student: Student, program: Program, steps: Sequence[str], known: Mapping[str, int]) -> Check | None:
    """The check of the first step at fault; None if the student finds no fault."""
    return next((check for check in checks(student, program, steps, known) if check.verdict == "no"), None)


def _assignment(step: str) -> tuple[str, int] | None:
    """Name and value of a step, None for the boxed answer."""
    step = step.strip().removeprefix("Wait, ")
    return None if step.startswith("\\") else (step[0], int(step[-1]))
