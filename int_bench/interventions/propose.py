"""Ask the oracle about failed attempts at the hard problems (Algorithm 1, data collection)."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from int_bench.config import StepsConfig
from int_bench.interventions.leakage import LEAKS, leak_of
from int_bench.interventions.oracles.base import Case, Oracle, Proposal
from int_bench.interventions.steps import SEPARATOR, split_steps
from int_bench.records import Intervention, Problem, Rollout, scan_tables
from int_bench.synthetic.student import Student
from int_bench.synthetic.verifier import first_error, step_right
from int_bench.synthetic.world import parse_program

Placement = Literal["replace", "repair"]


class Attempt(NamedTuple):
    """A failed attempt: a wrong rollout of a problem."""

    problem_id: str
    rollout_id: str
    text: str


def failed_attempts(path: str, problems: Collection[str]) -> Iterator[Attempt]:
    """The wrong rollouts at some problems, without their tokens, of a file that may be larger than the memory."""
    wanted = pa.array(sorted(problems), pa.string())
    for table in scan_tables(path, Rollout, columns=[*Attempt._fields, "correct"]):
        wrong = pc.and_(pc.is_in(table["problem_id"], wanted), pc.invert(table["correct"]))
        for row in table.filter(wrong).select(Attempt._fields).to_pylist():
            yield Attempt(**row)


def chosen_attempts(
    problems: Sequence[Problem], attempts: Iterable[Attempt], per_problem: int, seed: int
) -> list[tuple[Problem, int, Attempt]]:
    """The attempts that are shown to an oracle: ``per_problem`` of each problem, drawn at random and numbered from 0.

    All oracles of a run are shown the same ones.
    """
    failed: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        failed[attempt.problem_id].append(attempt)
    chosen = []
    for problem in problems:
        tried = failed[problem.problem_id]
        drawn = _rng(seed, problem).permutation(len(tried))[:per_problem]
        chosen += [(problem, number, tried[index]) for number, index in enumerate(drawn.tolist())]
    return chosen


def cases_of(chosen: Iterable[tuple[Problem, int, Attempt]], steps: StepsConfig, seed: int) -> list[Case]:
    """The attempts cut into steps, each with draws of its own."""
    return [
        Case(problem, number, attempt.rollout_id, tuple(split_steps(attempt.text, steps)), _rng(seed, problem, number))
        for problem, number, attempt in chosen
    ]


def propose_interventions(
    chosen: Sequence[tuple[Problem, int, Attempt]],
    oracle: Oracle,
    placement: Placement,
    steps: StepsConfig,
    student: Student | None,
    seed: int,
) -> list[Intervention]:
    """One record for each proposal on each attempt that the oracle is shown.

    With a student (the synthetic world) the verifier's own finding is stored beside the oracle's.
    """
    cases = cases_of(chosen, steps, seed)
    records = []
    for case, proposals in zip(cases, oracle.ask(cases), strict=True):
        names = [case.key] if len(proposals) == 1 else [f"{case.key}.{i}" for i in range(len(proposals))]
        for name, proposal in zip(names, proposals, strict=True):
            record = record_of(name, case.problem, case.rollout_id, case.steps, proposal, placement)
            records.append(_with_truth(record, case, student) if student else record)
    return records


def _rng(seed: int, problem: Problem, *numbers: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(problem.problem_id.encode()), *numbers])


def _with_truth(record: Intervention, case: Case, student: Student) -> Intervention:
    """The record with the verifier's finding, and whether the step that was written is right."""
    program = parse_program(case.problem.text)
    error = first_error(program, case.steps, student)
    return replace(
        record,
        truth_location=error.location if error else None,
        truth_category=error.category if error else None,
        content_right=step_right(program, record.content) if record.content.strip() else None,
    )


def guided_prefix(intervention: Intervention) -> str:
    """What a rollout with intervention starts from: y_<i and the corrective step, ready for the next step."""
    return intervention.prefix + intervention.content + SEPARATOR


def record_of(
    identity: str,
    problem: Problem,
    rollout_id: str,
    pieces: Sequence[str],
    proposal: Proposal,
    placement: Placement = "replace",
) -> Intervention:
    """What becomes of a proposal for an attempt that consists of the given pieces, in which it names a place.

    A step that gives the answer away is none.
    """
    status, place = proposal.status, proposal.location
    leak = leak_of(proposal.content, problem.answer)
    if place is not None and not 0 <= place < len(pieces):
        status, place = "outside_trace", None
    elif leak in LEAKS:
        status = f"{leak}_answer"
    cut = 0 if place is None else place
    return Intervention(
        intervention_id=identity,
        problem_id=problem.problem_id,
        rollout_id=rollout_id,
        status=status,
        location=place,
        steps=len(pieces),
        category=proposal.category,
        before="".join(pieces[:cut]),
        prefix="".join(pieces[: cut if placement == "replace" else cut + 1]),
        content=proposal.content,
        leak=leak,
        truth_location=None,
        truth_category=None,
        content_right=None,
    )
