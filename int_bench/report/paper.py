"""The published numbers, read from ``paper_values.yaml``, and the captions; both are data of the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

ELSEWHERE = "paper (another model and problems)"
"""Heading of every number that is the paper's and not this run's."""


@cache
def paper_values() -> dict[str, Any]:
    """Return the published numbers by table.

    >>> paper_values()["table1"]["rows"]["int"]
    {'nonzero': 202, 'accuracy': 0.0771}
    """
    return yaml.safe_load((files("int_bench.report") / "paper_values.yaml").read_text())


def caption(name: str) -> str:
    """Return the caption of a table or figure as one line.

    >>> caption("table1")[:8]
    'Table 1.'
    """
    return " ".join((files("int_bench.report") / "captions" / f"{name}.rst").read_text().split())
