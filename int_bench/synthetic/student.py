"""The flawed student whose traces teach the base model, and the reference solutions of the world's teacher.

The student names each step (``b=3-6=7``), slips at random, more often later in a trace, and notices some slips in the
next step (``Wait, b=3-6=7``): errors of execution. It also holds misconceptions, and never sees the right value
for one: a wrong rule for a kind of operation, or a wrong plan, where ``9-b`` is read as ``b-9``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from int_bench.synthetic.world import MODULUS, REVERSED, Operation, Program, evaluate

BLANK = "\n\n"
"""Separates the steps of a trace."""


@dataclass(frozen=True, slots=True)
class Student:
    """Habits of the flawed student.

    ``rules`` maps a kind to what the student adds to its right result (one more for odd inputs); ``reads_backwards``
    says that reversed operations are read the wrong way round; ``slip`` and ``slip_growth`` give the chance of a slip
    at step t (from 0) as ``slip + slip_growth * t``; ``notice`` is the share of slips corrected in the next step.
    """

    rules: dict[str, int]
    reads_backwards: bool
    slip: float
    slip_growth: float
    notice: float

    @property
    def misconceived_kinds(self) -> tuple[str, ...]:
        """The kinds that the student gets wrong."""
        return (*self.rules, *(REVERSED if self.reads_backwards else ()))

    def believes(self, operation: Operation, value: int) -> tuple[str, int]:
        """The expression that the student writes down and the result it believes in, without slips."""
        if operation.reversed and self.reads_backwards:
            backwards = f"{value}-{operation.kind[0]}"
            return backwards, evaluate(backwards)
        result = operation.apply(value)
        if operation.kind in self.rules:
            result = (result + self.rules[operation.kind] + value % 2) % MODULUS
        return operation.write(value), result

    def solve(self, program: Program, rng: np.random.Generator) -> str:
        """A trace of the student's, steps parted by blank lines and the answer boxed at the end."""
        values = {program.first: program.constant}
        blocks = []
        for t, operation in enumerate(program.operations):
            expression, result = self.believes(operation, values[operation.parent])
            if rng.random() < self.slip + self.slip_growth * t:
                slipped = (result + int(rng.integers(1, MODULUS))) % MODULUS
                blocks.append(f"{operation.target}={expression}={slipped}")
                if rng.random() < self.notice:
                    blocks.append(f"Wait, {operation.target}={expression}={result}")
                else:
                    result = slipped
            else:
                blocks.append(f"{operation.target}={expression}={result}")
            values[operation.target] = result
        return BLANK.join([*blocks, boxed(values[name] for name in program.asked)])


def right_step(operation: Operation, value: int) -> str:
    """The step as it should be, given the parent's true value.

    >>> right_step(Operation("c", "b", "9-"), 4)
    'c=9-4=5'
    """
    return f"{operation.target}={operation.write(value)}={operation.apply(value)}"


def boxed(values) -> str:
    r"""The answer block.

    >>> boxed([7, 2, 4])
    '\\boxed{7,2,4}'
    """
    return f"\\boxed{{{','.join(str(value) for value in values)}}}"


def worked_solution(program: Program) -> str:
    """A flawless trace in the student's own form."""
    values = program.values()
    steps = [right_step(operation, values[operation.parent]) for operation in program.operations]
    return BLANK.join([*steps, boxed(values[name] for name in program.asked)])


def reference_solution(program: Program) -> str:
    """A terse solution in a human's style: values alone, the working left out."""
    values = program.values()
    listed = ", ".join(f"{operation.target}={values[operation.target]}" for operation in program.operations)
    return f"We get {listed}, so {boxed(values[name] for name in program.asked)}"
