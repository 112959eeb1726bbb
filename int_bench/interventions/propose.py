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

from int_bench.config import InterventionsConfig, StepsConfig
from int_bench.grading import extract_answer
from int_bench.interventions.oracles import Oracle, Proposal
from int_bench.interventions.steps import SEPARATOR, split_steps
from int_bench.records import Intervention, Problem, Rollout, scan_tables
from int_bench.synthetic.student import Student
from int_bench.synthetic.verifier import first_error
from int_bench.synthetic.world import parse_program


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


def propose_interventions(
    problems: Sequence[Problem],
    attempts: Iterable[Attempt],
    oracle: Oracle,
    config: InterventionsConfig,
    steps: StepsConfig,
    student: Student | None,
    seed: int,
) -> list[Intervention]:
    """One record for each failed attempt shown to the oracle, ``per_problem`` of them a problem drawn at random.

    With a student (the synthetic world) the verifier's own finding is stored beside the oracle's.
    """
    failed: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        failed[attempt.problem_id].append(attempt)
    records = []
    for problem in problems:
        rng = np.random.default_rng([seed, zlib.crc32(problem.problem_id.encode())])
        tried = failed[problem.problem_id]
        chosen = rng.permutation(len(tried))[: config.per_problem]
        for number, index in enumerate(chosen.tolist()):
            attempt = tried[index]
            pieces = split_steps(attempt.text, steps)
            proposal = oracle.propose(problem, pieces, number, rng)
            error = first_error(parse_program(problem.text), pieces, student) if student else None
            identity = f"{problem.problem_id}/{number}"
            record = record_of(identity, problem.problem_id, attempt.rollout_id, pieces, proposal, config.placement)
            if error:
                record = replace(record, truth_location=error.location, truth_category=error.category)
            records.append(record)
    return records


def guided_prefix(intervention: Intervention) -> str:
    """What a rollout with intervention starts from: y_<i and the corrective step, ready for the next step."""
    return intervention.prefix + intervention.content + SEPARATOR


def record_of(
    identity: str,
    problem_id: str,
    rollout_id: str,
    pieces: Sequence[str],
    proposal: Proposal,
    placement: Literal["replace", "repair"] = "replace",
) -> Intervention:
    """What becomes of a proposal for an attempt that consists of the given pieces, in which it names a place."""
    status, place = str(proposal.status), proposal.location
    if place is not None and not 0 <= place < len(pieces):
        status, place = "outside_trace", None
    elif extract_answer(proposal.content) is not None:
        # A box in what is handed over would be graded as the model's own answer.
        status = "boxed_answer"
    cut = 0 if place is None else place
    return Intervention(
        intervention_id=identity,
        problem_id=problem_id,
        rollout_id=rollout_id,
        status=status,
        location=place,
        steps=len(pieces),
        category=proposal.category,
        before="".join(pieces[:cut]),
        prefix="".join(pieces[: cut if placement == "replace" else cut + 1]),
        content=proposal.content,
        truth_location=None,
        truth_category=None,
    )
