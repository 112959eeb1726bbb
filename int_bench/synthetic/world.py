"""Problems of the synthetic world: straight-line programs modulo 10, their text and their exact solution.

A problem reads

    a=3
    b=a-6
    c=9-b
    d=c*7
    Find b,c,d mod 10.

and its answer is ``7,2,4``. Every operation is one-to-one modulo 10, so a wrong value always changes what follows, and
three values asked for jointly leave 1,000 possible answers: guessing solves one problem in a thousand.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

import numpy as np

MODULUS = 10
ASKED = 3
CHANCE = MODULUS**-ASKED
"""Accuracy of a uniform guess."""

PLAIN = (*(f"{operator}{operand}" for operator in "+-" for operand in range(2, 10)), "*3", "*7", "*9")
REVERSED = tuple(f"{operand}-" for operand in range(2, 10))
KINDS = PLAIN + REVERSED
"""Every kind of operation: ``+4`` is x+4, ``*7`` is x*7, and ``9-`` is 9-x."""

_CONSTANT = re.compile(r"([a-z])=(\d)")
_OPERATION = re.compile(r"([a-z])=(?:([a-z])([+\-*])(\d)|(\d)-([a-z]))")
_QUESTION = re.compile(r"Find ([a-z](?:,[a-z])*) mod 10\.")


@dataclass(frozen=True, slots=True)
class Operation:
    """``target = parent operator operand``, or ``target = operand - parent`` for a reversed kind."""

    target: str
    parent: str
    kind: str

    @property
    def reversed(self) -> bool:
        """Whether the operand stands on the left, as in ``9-b``."""
        return self.kind.endswith("-")

    def write(self, parent: str | int) -> str:
        """The right-hand side with the parent's name or value put in.

        >>> Operation("c", "b", "9-").write("b"), Operation("c", "b", "*7").write(4)
        ('9-b', '4*7')
        """
        return f"{self.kind}{parent}" if self.reversed else f"{parent}{self.kind}"

    def apply(self, value: int) -> int:
        """The right result modulo 10 for the parent's value.

        >>> Operation("c", "b", "9-").apply(4), Operation("c", "b", "*7").apply(4)
        (5, 8)
        """
        return evaluate(self.write(value))


@dataclass(frozen=True, slots=True)
class Program:
    """A problem: one given constant, then operations in the order of their text."""

    first: str
    constant: int
    operations: tuple[Operation, ...]
    asked: tuple[str, ...]

    def values(self) -> dict[str, int]:
        """The true value of each variable."""
        values = {self.first: self.constant}
        for operation in self.operations:
            values[operation.target] = operation.apply(values[operation.parent])
        return values

    def answer(self) -> str:
        """The values asked for, joined by commas."""
        values = self.values()
        return ",".join(str(values[name]) for name in self.asked)

    def text(self) -> str:
        """The problem as the model reads it."""
        lines = [f"{self.first}={self.constant}"]
        lines += [f"{op.target}={op.write(op.parent)}" for op in self.operations]
        return "\n".join([*lines, f"Find {','.join(self.asked)} mod 10."])


def evaluate(expression: str) -> int:
    """The value modulo 10 of ``digit operator digit``.

    >>> evaluate("3-6"), evaluate("4*7")
    (7, 8)
    """
    left, operator, right = int(expression[0]), expression[1], int(expression[2])
    match operator:
        case "+":
            return (left + right) % MODULUS
        case "-":
            return (left - right) % MODULUS
        case "*":
            return (left * right) % MODULUS
    raise ValueError(f"unknown operator {operator!r} in {expression!r}")


def parse_program(text: str) -> Program:
    r"""Read a problem's text back.

    >>> program = parse_program("a=3\nb=a-6\nc=9-b\nd=c*7\nFind b,c,d mod 10.")
    >>> program.answer()
    '7,2,4'

    Raises ValueError for a text that is no problem of this world.
    """
    *lines, question = text.splitlines()
    constant = _CONSTANT.fullmatch(lines[0]) if lines else None
    operations = [_OPERATION.fullmatch(line) for line in lines[1:]]
    asked = _QUESTION.fullmatch(question)
    if constant is None or asked is None or not all(operations):
        raise ValueError(f"not a problem of the synthetic world: {text!r}")
    return Program(
        first=constant[1],
        constant=int(constant[2]),
        operations=tuple(
            Operation(m[1], m[2], m[3] + m[4]) if m[2] else Operation(m[1], m[6], m[5] + "-") for m in operations if m
        ),
        asked=tuple(asked[1].split(",")),
    )


@dataclass(frozen=True, slots=True)
class Family:
    """What the problems of one pool or benchmark are like; both ends of a range are included.

    Every operation, misconceived ones too, is of one of ``kinds``.
    """

    operations: tuple[int, int]
    misconceived: tuple[int, int]
    fan_out: float
    kinds: tuple[str, ...] = KINDS


def draw_program(family: Family, misconceived_kinds: tuple[str, ...], rng: np.random.Generator) -> Program:
    """Draw a problem whose number of operations and of misconceived operations lie in the family's ranges.

    With probability ``family.fan_out`` an operation reads the last variable but one, so that a value is used twice.
    """
    taught = [kind for kind in family.kinds if kind not in misconceived_kinds]
    mistaken = [kind for kind in misconceived_kinds if kind in family.kinds]
    count = int(rng.integers(family.operations[0], family.operations[1] + 1))
    wrong = int(rng.integers(family.misconceived[0], family.misconceived[1] + 1))
    at = set(rng.choice(count, size=min(wrong, count), replace=False).tolist())
    names = string.ascii_lowercase[: count + 1]
    operations = []
    for i in range(count):
        kinds = mistaken if i in at else taught
        parent = names[i - 1] if i > 0 and rng.random() < family.fan_out else names[i]
        operations.append(Operation(names[i + 1], parent, kinds[int(rng.integers(len(kinds)))]))
    asked = tuple(names[max(0, len(names) - ASKED) :])
    return Program(names[0], int(rng.integers(MODULUS)), tuple(operations), asked)
