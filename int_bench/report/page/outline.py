"""The order of the report: its parts, and which tables and figures of a run belong to each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import NamedTuple

import yaml

OTHER = "other"
"""The part for what no other part names."""
_HEADLINE = re.compile(r"((?:Tables?|Figures?) [^.]*\. )?(.*?)[.:;](?: (.*)|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report: its text, and what it shows as ``tables/NAME`` or ``figures/NAME``."""

    id: str
    title: str
    text: str
    shows: tuple[str, ...]


class Caption(NamedTuple):
    """A caption as a title and what is said below it."""

    title: str
    notes: str


def outline(there: Sequence[str]) -> list[Part]:
    """The parts for the results that are there, in order; a part for which there are none is left out.

    >>> [(part.id, part.shows) for part in outline(["figures/figure7", "tables/new", "tables/table2"])]
    [('learning', ('tables/table2', 'figures/figure7')), ('other', ('tables/new',))]
    """
    known = [Part(**part) for part in yaml.safe_load((files(__package__) / "outline.yaml").read_text(encoding="utf-8"))]
    named = {name for part in known for name in part.shows}
    rest = [name for name in there if name not in named]
    shown = [rest if part.id == OTHER else [name for name in part.shows if name in there] for part in known]
    return [replace(part, shows=tuple(names)) for part, names in zip(known, shown, strict=True) if names]


def split_caption(caption: str) -> Caption:
    """Divide a caption after what it is of.

    >>> split_caption("Figure 8. RL from each start: (a) reward, (b) pass@1. One run each.")
    Caption(title='Figure 8. RL from each start', notes='(a) reward, (b) pass@1. One run each.')
    >>> split_caption("Leakage.")
    Caption(title='Leakage', notes='')
    """
    match = _HEADLINE.match(caption)
    if match is None:
        return Caption(caption, "")
    number, title, notes = match.groups(default="")
    return Caption(number + title, notes[:1].upper() + notes[1:])
