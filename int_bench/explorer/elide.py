"""Steps as they are shown: numbered, and without the middle of what is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Line(NamedTuple):
    """A step with its number, from 1; or, without a number, that some steps are left out."""

    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Room:
    """How many steps of a part are shown at its beginning and at its end, and how many characters of each."""

    head: int
    tail: int
    characters: int


def elided(steps: Sequence[str], before: int, room: Room) -> list[Line]:
    """Lines for the steps of a part of a trace that has ``before`` steps before it.

    >>> for line in elided(["b=1", "c=2", "d=3", "e=4"], 5, Room(1, 1, 80)):
    ...     print(line.number, line.text)
    6 b=1
    None 2 steps left out
    9 e=4
    """
    lines = [Line(before + place, shortened(step, room.characters)) for place, step in enumerate(steps, start=1)]
    # To leave out a single step would save nothing.
    if (middle := len(lines) - room.head - room.tail) <= 1:
        return lines
    return [*lines[: room.head], Line(None, f"{middle} steps left out"), *lines[len(lines) - room.tail :]]


def shortened(text: str, characters: int) -> str:
    """A text without the white space around it, cut at white space where it is longer than ``characters``.

    >>> shortened("one two three ", 9), shortened("onetwothree", 6)
    ('one two …', 'onetwo …')
    """
    text = text.strip()
    if len(text) <= characters:
        return text
    cut = max(text.rfind(space, 0, characters + 1) for space in " \n\t")
    return f"{text[: cut if cut > 0 else characters].rstrip()} …"
