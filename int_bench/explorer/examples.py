"""From the records of a run to examples of interventions, laid out as in Figure 2 and Appendix B."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from int_bench.config import StepsConfig
from int_bench.interventions.steps import split_steps
from int_bench.records import Intervention, Problem, Selection, Status

UNLABELLED = "unlabelled"
"""Category of an intervention whose oracle named none."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What is shown of a graded rollout: its text without what was handed over, and the verdict on its answer."""

    text: str
    status: Status
    extracted: str | None
    correct: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One answer of an oracle and what came of it.

    ``shared`` are the steps of the failed attempt before the step at fault, ``wrong`` those from it on (all of them
    where no place was named); the first ``repaired`` of these stay in what is handed to the model. ``guided`` is a
    correct rollout with intervention if there is one, else the first one, of ``samples`` with ``correct`` right.
    """

    oracle: str
    arms: tuple[str, ...]
    problem: Problem
    record: Intervention
    outcome: str
    shared: tuple[str, ...]
    wrong: tuple[str, ...]
    repaired: int
    student: Trace
    guided: Trace | None
    continuation: tuple[str, ...]
    samples: int
    correct: int

    @property
    def category(self) -> str:
        """HIGH, EXECUTION, or that there is none."""
        return self.record.category or UNLABELLED

    @property
    def fragment(self) -> str:
        """What a link to the example ends with."""
        return f"{self.oracle}/{self.record.intervention_id}"


def example_of(
    oracle: str,
    record: Intervention,
    selection: Selection,
    problem: Problem,
    student: Trace,
    guided: Trace | None,
    arms: Sequence[str],
    steps: StepsConfig,
) -> Example:
    """Lay out one answer of the named oracle; ``arms`` are those that were trained on it."""
    pieces = split_steps(student.text, steps)
    cut = record.location or 0
    return Example(
        oracle=oracle,
        arms=tuple(arms),
        problem=problem,
        record=record,
        outcome=selection.reason,
        shared=tuple(pieces[:cut]),
        wrong=tuple(pieces[cut:]),
        repaired=int(len(record.prefix) > len(record.before)),
        student=student,
        guided=guided,
        continuation=tuple(split_steps(guided.text, steps)) if guided else (),
        samples=selection.samples,
        correct=selection.correct,
    )


def drawn(identities: Sequence[str], limit: int, oracle: str, seed: int) -> list[str]:
    """At most ``limit`` of an oracle's interventions in random order: the same for a run's seed and the oracle's name.

    >>> drawn(["a", "b", "c"], 9, "exact", 0) == drawn(["a", "b", "c"], 9, "exact", 0)
    True
    """
    rng = np.random.default_rng([seed, zlib.crc32(oracle.encode())])
    return [identities[index] for index in rng.permutation(len(identities))[:limit]]
