"""What every oracle keeps to: the failed attempts that it is shown, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from int_bench.records import Problem


@dataclass(frozen=True, slots=True)
class Case:
    """One failed attempt, the ``number``-th (from 0) at its problem, cut into steps.

    ``rng`` is the attempt's own, so that what an oracle says of it does not depend on the others.
    """

    problem: Problem
    number: int
    rollout_id: str
    steps: tuple[str, ...]
    rng: np.random.Generator

    @property
    def key(self) -> str:
        """What names the attempt among all that oracles are shown."""
        return f"{self.problem.problem_id}/{self.number}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An oracle's answer. ``location`` is the index of the step at fault, from 0.

    The status is "proposed", or why there is no corrective step: ``no_error``, every step is right; ``answer_step``,
    only the final answer is wrong, so that the correction would give it away; ``not_in_file``, nothing was written for
    this attempt; ``no_other``, nothing was written for another problem either (``altered.py``); what a language model's
    reply lacks (see ``interventions/parse.py``), or what became of the request (``chats/base.py``).
    """

    status: str
    location: int | None = None
    category: str | None = None
    content: str = ""


class Oracle(ABC):
    """Compares attempts with the reference, and may try the problems itself."""

    @abstractmethod
    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        """What it says of each attempt: one proposal or several."""

    @property
    def facts(self) -> dict[str, float]:
        """What it took to ask, for the manifest."""
        return {}

    @abstractmethod
    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        """The ids of the problems of which one attempt of the oracle's own is correct (section 6.1)."""


class OneByOne(Oracle):
    """An oracle that looks at one attempt after the other, and proposes one step for each."""

    @abstractmethod
    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """The first uncorrected error in the ``number``-th failed attempt (from 0) at a problem, and its correction."""

    @abstractmethod
    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """Whether one attempt of the oracle's own at the problem is correct."""

    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        """See :class:`Oracle`."""
        return [[self.propose(case.problem, case.steps, case.number, case.rng)] for case in cases]

    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        """See :class:`Oracle`."""
        return {problem.problem_id for problem in problems if self.solves(problem, rng)}
