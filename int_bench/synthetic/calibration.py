"""Calibration of the base model alone, before any method runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from int_bench.config import CalibrationConfig
from int_bench.errors import UserError
from int_bench.records import Rollout


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the base model shows: accuracies and the share of groups with no correct rollout; n counts rollouts."""

    easy_accuracy: float
    easy_n: int
    null_accuracy: float
    null_n: int
    all_wrong: float
    groups: int

    def misses(self, wanted: CalibrationConfig) -> list[str]:
        """Each figure that misses its mark, in words."""
        found = []
        if not self.easy_accuracy >= wanted.easy_accuracy:
            found.append(f"easy accuracy {self.easy_accuracy:.4f} < {wanted.easy_accuracy} (n = {self.easy_n})")
        if not self.null_accuracy <= wanted.null_accuracy:
            found.append(
                f"accuracy of the null pass {self.null_accuracy:.4f} > {wanted.null_accuracy} (n = {self.null_n})"
            )
        if not self.all_wrong >= wanted.all_wrong:
            found.append(f"all-wrong group ratio {self.all_wrong:.4f} < {wanted.all_wrong} ({self.groups} groups)")
        return found

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file."""
        return asdict(self)


class NotCalibrated(UserError):
    """The base model misses its marks: no result of a method on it would mean what it should."""


def calibrate(easy: Sequence[Rollout], null: Sequence[Rollout], group: int) -> Calibration:
    """Measure the base model on easy problems and on a second pass over the hard set.

    The second pass is cut into groups of ``group`` rollouts of one problem, as RL's first step would see them.
    """
    by_problem: dict[str, list[bool]] = {}
    for row in null:
        by_problem.setdefault(row.problem_id, []).append(row.correct)
    groups = [
        hits[start : start + group] for hits in by_problem.values() for start in range(0, len(hits) - group + 1, group)
    ]
    return Calibration(
        easy_accuracy=float(np.mean([row.correct for row in easy])),
        easy_n=len(easy),
        null_accuracy=float(np.mean([row.correct for row in null])),
        null_n=len(null),
        all_wrong=float(np.mean([not any(hits) for hits in groups])),
        groups=len(groups),
    )
