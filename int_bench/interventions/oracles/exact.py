"""Oracles of the synthetic world: its verifier, the same with errors, and places drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from int_bench.interventions.oracles.base import OneByOne, Proposal
from int_bench.records import Problem
from int_bench.synthetic.student import Student, right_step
from int_bench.synthetic.verifier import first_error
from int_bench.synthetic.world import MODULUS, parse_program


@dataclass(frozen=True, slots=True)
class Exact(OneByOne):
    """The verifier of the synthetic world."""

    student: Student
    placement: Literal["replace", "repair"]

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`OneByOne`; always the true place and the right step."""
        error = first_error(parse_program(problem.text), steps, self.student)
        if error is None:
            return Proposal("no_error")
        if error.correction is None:
            return Proposal("answer_step", error.location, error.category)
        return Proposal("proposed", error.location, error.category, self.write(error.correction))

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """An exact oracle solves every problem."""
        return True

    def write(self, step: str) -> str:
        """A right step in the words of the run's placement."""
        return step if self.placement == "replace" else f"Wait, {step}"


@dataclass(frozen=True, slots=True)
class Noisy(OneByOne):
    """The exact oracle, wrong at stated rates.

    At a wrong place it corrects another step, drawn at random, that needs no correction or comes too late; with a
    wrong content the corrected value is off by a random amount. It solves a problem if it slips at none of its steps,
    at the same rate of wrong contents.
    """

    exact: Exact
    wrong_place: float
    wrong_content: float

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`OneByOne`."""
        proposal = self.exact.propose(problem, steps, number, rng)
        misplaced, altered = rng.random() < self.wrong_place, rng.random() < self.wrong_content
        if proposal.status != "proposed" or proposal.location is None:
            return proposal
        if misplaced:
            proposal = self._elsewhere(problem, steps, proposal, rng)
        if altered:
            proposal = replace(proposal, content=slipped(proposal.content, rng))
        return proposal

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """Whether no step of an attempt goes wrong."""
        return bool((rng.random(len(parse_program(problem.text).operations)) >= self.wrong_content).all())

    def _elsewhere(
        self, problem: Problem, steps: Sequence[str], proposal: Proposal, rng: np.random.Generator
    ) -> Proposal:
        others = [place for place in _places(problem, steps) if place[0] != proposal.location]
        if not others:
            return proposal
        place, step = others[int(rng.integers(len(others)))]
        return replace(proposal, location=place, content=self.exact.write(step))


@dataclass(frozen=True, slots=True)
class RandomPlace(OneByOne):
    """Says nothing of the attempt: at a step drawn at random it writes what should stand there.

    The lowest rung of the ladder, since what it writes is right, but seldom where it is needed.
    """

    exact: Exact

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`OneByOne`."""
        places = _places(problem, steps)
        if not places:
            return Proposal("no_error")
        place, step = places[int(rng.integers(len(places)))]
        return Proposal("proposed", place, None, self.exact.write(step))

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """It writes right steps, as the exact oracle does."""
        return True


def slipped(step: str, rng: np.random.Generator) -> str:
    """A step of the world whose value is off by a random amount."""
    return f"{step[:-1]}{(int(step[-1]) + int(rng.integers(1, MODULUS))) % MODULUS}"


def _places(problem: Problem, steps: Sequence[str]) -> list[tuple[int, str]]:
    """The steps of an attempt that work a variable of the problem out, each with what should stand there."""
    program = parse_program(problem.text)
    truth = program.values()
    operations = {operation.target: operation for operation in program.operations}
    names = [step.strip().removeprefix("Wait, ")[:1] for step in steps]
    return [
        (i, right_step(operations[name], truth[operations[name].parent]))
        for i, name in enumerate(names)
        if name in operations
    ]
