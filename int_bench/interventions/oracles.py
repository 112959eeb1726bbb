"""Oracles: who sees the reference, finds the first uncorrected error of an attempt and writes the corrective step."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from int_bench.config import ExactOracle, InterventionsConfig, NoisyOracle
from int_bench.errors import UserError
from int_bench.records import Problem
from int_bench.synthetic.student import Student, right_step
from int_bench.synthetic.verifier import first_error
from int_bench.synthetic.world import MODULUS, parse_program

Status = Literal["proposed", "no_error", "answer_step", "not_in_file"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An oracle's answer. ``location`` is the index of the step at fault, from 0.

    ``no_error``: every step is right; ``answer_step``: only the final answer is wrong, so that the correction would
    give it away; ``not_in_file``: a replayed oracle that has nothing for this problem.
    """

    status: Status
    location: int | None = None
    category: str | None = None
    content: str = ""


class Oracle(Protocol):
    """Compares an attempt with the reference, and may try the problem itself."""

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """The first uncorrected error in the ``number``-th failed attempt (from 0) at a problem, and its correction."""
        ...

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """Whether one attempt of the oracle's own at the problem is correct (section 6.1)."""
        ...


@dataclass(frozen=True, slots=True)
class Exact:
    """The verifier of the synthetic world."""

    student: Student
    placement: Literal["replace", "repair"]

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`Oracle`; always the true place and the right step."""
        error = first_error(parse_program(problem.text), steps, self.student)
        if error is None:
            return Proposal("no_error")
        if error.correction is None:
            return Proposal("answer_step", error.location, error.category)
        return Proposal("proposed", error.location, error.category, self._write(error.correction))

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """An exact oracle solves every problem."""
        return True

    def _write(self, step: str) -> str:
        return step if self.placement == "replace" else f"Wait, {step}"


@dataclass(frozen=True, slots=True)
class Noisy:
    """The exact oracle, wrong at stated rates.

    At a wrong place it corrects another step, drawn at random, that needs no correction or comes too late; with a
    wrong content the corrected value is off by a random amount. It solves a problem if it slips at none of its steps,
    at the same rate of wrong contents.
    """

    exact: Exact
    wrong_place: float
    wrong_content: float

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`Oracle`."""
        proposal = self.exact.propose(problem, steps, number, rng)
        misplaced, altered = rng.random() < self.wrong_place, rng.random() < self.wrong_content
        if proposal.status != "proposed" or proposal.location is None:
            return proposal
        if misplaced:
            proposal = self._elsewhere(problem, steps, proposal, rng)
        if altered:
            offset = int(rng.integers(1, MODULUS))
            value = (int(proposal.content[-1]) + offset) % MODULUS
            proposal = replace(proposal, content=f"{proposal.content[:-1]}{value}")
        return proposal

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """Whether no step of an attempt goes wrong."""
        return bool((rng.random(len(parse_program(problem.text).operations)) >= self.wrong_content).all())

    def _elsewhere(
        self, problem: Problem, steps: Sequence[str], proposal: Proposal, rng: np.random.Generator
    ) -> Proposal:
        program = parse_program(problem.text)
        truth = program.values()
        operations = {operation.target: operation for operation in program.operations}
        names = [step.strip().removeprefix("Wait, ")[:1] for step in steps]
        others = [i for i, name in enumerate(names) if name in operations and i != proposal.location]
        if not others:
            return proposal
        place = others[int(rng.integers(len(others)))]
        operation = operations[names[place]]
        step = right_step(operation, truth[operation.parent])
        return replace(proposal, location=place, content=self.exact._write(step))


@dataclass(frozen=True, slots=True)
class Replay:
    """Interventions written elsewhere, in the order of the file for problems with several."""

    entries: dict[str, list[Proposal]]

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`Oracle`; the place is taken from the file as it is, and checked by the caller."""
        known = self.entries.get(problem.problem_id, [])
        return known[number] if number < len(known) else Proposal("not_in_file")

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """A replayed oracle counts as having solved what it wrote an intervention for."""
        return problem.problem_id in self.entries


def oracle_of(config: InterventionsConfig, student: Student | None) -> Oracle:
    """The oracle that a configuration names; the exact and the noisy one need the world's student."""
    oracle = config.oracle
    if isinstance(oracle, ExactOracle | NoisyOracle):
        if student is None:
            raise UserError(f"interventions.oracle: a {oracle.kind} oracle needs the synthetic world")
        exact = Exact(student, config.placement)
        return exact if oracle.kind == "exact" else Noisy(exact, oracle.wrong_place, oracle.wrong_content)
    return Replay(read_replay(Path(oracle.source)))


def read_replay(path: Path) -> dict[str, list[Proposal]]:
    """Read interventions from JSONL with the keys ``problem_id, location, content`` and perhaps ``category``.

    Raises UserError naming file, line and key for anything that is missing or of the wrong type.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file of interventions")
    entries: dict[str, list[Proposal]] = defaultdict(list)
    # Not splitlines(): JSON allows U+2028 and the like inside a text, and a language model may write them.
    for number, line in enumerate(io.StringIO(path.read_text(encoding="utf-8")), start=1):
        try:
            row = json.loads(line)
            problem, location, content = row["problem_id"], row["location"], row["content"]
        except json.JSONDecodeError as error:
            raise UserError(f"{path}:{number}: not JSON ({error.msg})") from None
        except (KeyError, TypeError) as error:
            raise UserError(
                f"{path}:{number}: an intervention needs problem_id, location, content; got {error}"
            ) from None
        if not isinstance(location, int) or not isinstance(content, str) or not content.strip():
            raise UserError(f"{path}:{number}: location must be a whole number and content a text")
        entries[str(problem)].append(Proposal("proposed", location, row.get("category"), content.strip()))
    return dict(entries)
