"""Where two models part ways on the same problem (Figures 12 and 13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from int_bench.config import StepsConfig
from int_bench.explorer.examples import Trace
from int_bench.interventions.steps import split_steps
from int_bench.records import Problem


class Candidate(NamedTuple):
    """A solution of a model in little space: its steps as numbers that are equal for equal steps."""

    rollout_id: str
    correct: bool
    steps: tuple[int, ...]


class Pair(NamedTuple):
    """One solution of each of two models at a problem, which first differ in step ``at`` (from 0).

    It is ``telling`` if the first model is wrong and the second right.
    """

    problem_id: str
    rollouts: tuple[str, str]
    at: int
    telling: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One model's solution from the first step on that the other one does not share."""

    model: str
    steps: tuple[str, ...]
    trace: Trace


@dataclass(frozen=True, slots=True)
class Parting:
    """Two models' solutions of a problem: the steps that they share, as the first wrote them, and where each goes."""

    problem: Problem
    shared: tuple[str, ...]
    sides: tuple[Side, Side]


def normalised(step: str) -> str:
    r"""A step without what does not make it another step: white space and case.

    >>> normalised("So  x = 1,\n hence y = 2.\n\n")
    'so x = 1, hence y = 2.'
    """
    return " ".join(step.split()).casefold()


def divergence(one: Sequence[object], other: Sequence[object]) -> int | None:
    """Index of the first step in which two traces differ; None where neither does before one of them ends.

    >>> divergence(["b=1", "c=2", "d=3"], ["b=1", "c=5"]), divergence(["b=1"], ["b=1", "c=5"])
    (1, None)
    """
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)


def candidate(rollout_id: str, correct: bool, text: str, steps: StepsConfig) -> Candidate:
    """A rollout in little space, for comparison within this process."""
    # Numbers, not texts: all solutions of an evaluation together may be larger than the memory.
    return Candidate(rollout_id, correct, tuple(hash(normalised(step)) for step in split_steps(text, steps)))


def pair_of(problem_id: str, one: Iterable[Candidate], other: Iterable[Candidate]) -> Pair | None:
    """The pair that tells most, the first of equal ones; None where no two solutions part ways.

    That is the first model wrong and the second right, if there is such a pair, and then the longest shared beginning.
    """
    best: Pair | None = None
    for a, b in product(one, other):
        at = divergence(a.steps, b.steps)
        if at is None:
            continue
        pair = Pair(problem_id, (a.rollout_id, b.rollout_id), at, b.correct and not a.correct)
        if best is None or _rank(pair) > _rank(best):
            best = pair
    return best


def ranked(one: Mapping[str, Sequence[Candidate]], other: Mapping[str, Sequence[Candidate]], limit: int) -> list[Pair]:
    """The pairs of at most ``limit`` problems, by the same rule as within a problem; equal ones in order of ``one``."""
    pairs = [pair_of(problem_id, tried, other.get(problem_id, ())) for problem_id, tried in one.items()]
    return sorted((pair for pair in pairs if pair), key=_rank, reverse=True)[:limit]


def parting_of(
    pair: Pair, problem: Problem, models: tuple[str, str], traces: tuple[Trace, Trace], steps: StepsConfig
) -> Parting:
    """Lay out a pair whose texts were read."""
    one, other = (tuple(split_steps(trace.text, steps)) for trace in traces)
    sides = Side(models[0], one[pair.at :], traces[0]), Side(models[1], other[pair.at :], traces[1])
    return Parting(problem, one[: pair.at], sides)


def _rank(pair: Pair) -> tuple[bool, int]:
    return pair.telling, pair.at
