"""Rejection sampling: the correct ones among the base model's own rollouts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow.compute as pc

from int_bench.records import Rollout, scan_tables
from int_bench.solutions.choose import Written


class _Read(NamedTuple):
    rollout_id: str
    problem_id: str
    text: str
    status: str
    finish_reason: str
    correct: bool


def correct_rollouts(path: str) -> Iterator[Written]:
    """The correct rollouts of a file that may be larger than the memory; of the wrong ones no record is made."""
    for table in scan_tables(path, Rollout, columns=list(_Read._fields)):
        for row in table.filter(pc.field("correct")).select(_Read._fields).to_pylist():
            yield Written(*_Read(**row))
