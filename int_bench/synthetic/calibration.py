"""Calibration of the base model alone, before any method runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from int_bench.analysis.intervals import paired_difference
from int_bench.analysis.places import shuffled_hits
from int_bench.config import CalibrationConfig
from int_bench.errors import UserError
from int_bench.records import Intervention, Rollout


@dataclass(frozen=True, slots=True)
class Places:
    """How often an oracle names the place of the first error, and its lead over what it names for other problems.

    Both are means over problems; ``low`` and ``high`` are the ends of the lead's interval. n counts proposals.
    """

    oracle: str
    exact: float
    lead: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the base model shows: accuracies and the share of groups with no correct rollout; n counts rollouts."""

    easy_accuracy: float
    easy_n: int
    null_accuracy: float
    null_n: int
    all_wrong: float
    groups: int
    places: Places | None = None

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
        if self.places and not self.places.low > 0.0:
            place = self.places
            found.append(
                f"oracle {place.oracle} names the place of {place.exact:.1%} of errors, and what it names for other "
                f"problems {place.exact - place.lead:.1%}: the interval of its lead begins at {place.low:+.1%} "
                f"(n = {place.n})"
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """For a JSON file."""
        return asdict(self)


class NotCalibrated(UserError):
    """The base model misses its marks: no result of a method on it would mean what it should."""


def calibrate(
    easy: Sequence[Rollout], null: Sequence[Rollout], group: int, places: Places | None = None
) -> Calibration:
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
        places=places,
    )


def places_of(oracle: str, proposals: Sequence[Intervention], rng: np.random.Generator) -> Places:
    """Compare the places that an oracle names with those that it names for attempts at other problems.

    Attempts without an error are left out; a proposal that names no place counts as a miss.
    """
    known = [row for row in proposals if row.truth_location is not None]
    truths = [row.truth_location for row in known if row.truth_location is not None]
    chances = shuffled_hits([row.location for row in known], truths, [row.problem_id for row in known])
    scores: dict[str, list[tuple[bool, float]]] = defaultdict(list)
    for row, chance in zip(known, chances, strict=True):
        scores[row.problem_id].append((row.location == row.truth_location, chance))
    hits_P, chances_P = np.array([np.mean(pairs, axis=0) for pairs in scores.values()]).T
    lead = paired_difference(hits_P, chances_P, rng)
    return Places(oracle, float(np.mean(hits_P)), lead.value, lead.low, lead.high, len(known))
