"""The published numbers and claims, read from ``paper_values.yaml``, and the captions; all are data of the package."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

ELSEWHERE = "paper (another model and problems)"
"""Heading of every number that is the paper's and not this run's."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the paper's text says follows from its numbers: our words, and references to the numbers it rests on."""

    id: str
    place: str
    statement: str
    numbers: tuple[str, ...]


@cache
def paper_values() -> dict[str, Any]:
    """Return the published numbers by table.

    >>> paper_values()["table1"]["rows"]["int"]
    {'nonzero': 202, 'accuracy': 0.0771}
    """
    return yaml.safe_load((files("int_bench.report") / "paper_values.yaml").read_text())


@cache
def text_values() -> dict[str, dict[str, Any]]:
    """Return the numbers in the paper's text by id: each with its place, value, unit, and what it is of.

    >>> text_values()["gain_pass64_int"]["value"], text_values()["gain_pass64_int"]["place"]
    (0.0609, 'section 1')
    """
    return {entry["id"]: entry for entry in paper_values()["text"]}


@cache
def claims() -> dict[str, Claim]:
    """Return the paper's claims by id.

    >>> claims()["suffix_hurts"].place
    'section 4.2, Table 1'
    """
    rows = paper_values()["claims"]
    return {row["id"]: Claim(row["id"], row["place"], row["statement"], tuple(row["numbers"])) for row in rows}


def number(reference: str) -> float:
    """Return the published number of a reference: its path in the file, or ``text/ID``, or ``text/ID/low`` of an end.

    Raises ValueError for a reference to no number.

    >>> number("table1/rows/int/nonzero"), number("text/hard_unsolved"), number("text/gain_pass64_int/low")
    (202, 472, 0.0312)
    """
    head, *keys = reference.split("/")
    found: Any = paper_values().get(head)
    if head == "text":
        found, keys = text_values(), keys if len(keys) > 1 else [*keys, "value"]
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ValueError(f"no published number {reference!r}")
    return found


def place(reference: str) -> str:
    """Return where the number of a reference is published.

    >>> place("table6/rows/naive/nonzero"), place("text/hard_unsolved")
    ('Appendix H, Table 6', 'section 6.1')
    """
    number(reference)
    head, item, *_ = reference.split("/")
    return text_values()[item]["place"] if head == "text" else paper_values()[head]["place"]


def caption(name: str) -> str:
    """Return the caption of a table or figure as one line.

    >>> caption("table1")[:8]
    'Table 1.'
    """
    return " ".join((files("int_bench.report") / "captions" / f"{name}.rst").read_text().split())
