"""Sample rollouts, keep them as they are finished, and grade them.

A rollout's draws are keyed by run seed, purpose, problem and sample. So the file that results is the same however often
a stage was killed and into however many jobs it was divided; and a stage that may stop early (``Request.enough``)
decides as if it had drawn all samples, since it leaves out only those that could not change its decision.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
from transformers import PreTrainedTokenizerBase

from int_bench.config import SamplingConfig
from int_bench.engines import Ask, Completion, Engine, Finished, Prompt, SamplingSettings
from int_bench.grading import Grade, Grader, Response
from int_bench.manifest import Job
from int_bench.progress import track
from int_bench.records import Mode, Problem, Rollout, table_of, write_tables
from int_bench.rollouts.chat import open_turn
from int_bench.rollouts.journal import Journal
from int_bench.rollouts.rounds import growing
from int_bench.synthetic.verifier import steps_right

_GRADED = 512  # rollouts that are graded together, and held in memory


@dataclass(frozen=True, slots=True)
class Request:
    """What to sample from: a problem and, for a guided rollout, what is handed over before sampling begins.

    Sampling may stop before ``samples`` once ``enough`` are correct; None asks for all. ``oracle`` names whose
    intervention it is: the rollouts are called by it, but their draws are the same for all oracles.
    """

    problem: Problem
    problem_set: str
    samples: int
    mode: Mode = "naive"
    intervention_id: str | None = None
    prefix: str = ""
    enough: int | None = None
    oracle: str | None = None


@dataclass(frozen=True, slots=True)
class Sampler:
    """Everything that stays the same over the requests of one stage.

    ``purpose`` keys the draws: two passes with different purposes are independent. With ``verify`` each trace is also
    checked step by step by the synthetic world's verifier. With ``prefix_boxes`` a boxed answer in the prefix counts.
    """

    engine: Engine
    tokenizer: PreTrainedTokenizerBase
    grader: Grader
    settings: SamplingSettings
    purpose: str
    verify: bool
    prefix_boxes: bool = False

    def prompt(self, request: Request) -> Prompt:
        """What the engine is given for a request."""
        ids = open_turn(self.tokenizer, request.problem.text, request.prefix)
        return Prompt(self.key(request), ids, request.problem.text, request.prefix)

    def key(self, request: Request) -> str:
        """What names the draws of a request."""
        parts = (self.purpose, request.problem_set, request.problem.problem_id, request.intervention_id or "")
        return "/".join(parts)

    def key_of(self, row: Rollout) -> str:
        """The key of the request that a rollout answers."""
        return "/".join((self.purpose, row.problem_set, row.problem_id, row.intervention_id or ""))

    def grade(self, sampled: Sequence[tuple[Request, Completion]]) -> list[Grade]:
        """Grade all together, so that the grader's workers share what takes long."""
        return self.grader.grade_many(
            Response(
                request.prefix + completion.text,
                completion.finish_reason,
                request.problem.answer,
                0 if self.prefix_boxes else len(request.prefix),
            )
            for request, completion in sampled
        )

    def rollout(self, request: Request, sample: int, completion: Completion, grade: Grade) -> Rollout:
        """The record of a completion and its grade."""
        problem = request.problem
        names = (self.purpose, request.oracle, request.problem_set, request.intervention_id or problem.problem_id)
        return Rollout(
            rollout_id="/".join([*filter(None, names), str(sample)]),
            problem_id=problem.problem_id,
            problem_set=request.problem_set,
            intervention_id=request.intervention_id,
            mode=request.mode,
            sample=sample,
            prefix=request.prefix,
            text=completion.text,
            token_ids=list(completion.token_ids),
            logprobs=list(completion.logprobs),
            finish_reason=completion.finish_reason,
            status=grade.status,
            extracted=grade.extracted,
            method=grade.method,
            correct=grade.correct,
            all_steps_right=steps_right(problem.text, request.prefix + completion.text) if self.verify else None,
        )


def settings_of(config: SamplingConfig, seed: int) -> SamplingSettings:
    """Sampling settings of a configuration's section and the run's seed."""
    return SamplingSettings(**config.model_dump(), seed=seed)


def sample(sampler: Sampler, requests: Sequence[Request], first_round: int, journal: Journal) -> list[int]:
    """Sample into the journal what it does not hold yet; returns how many samples of each request count.

    All samples of a request do unless it may stop early. Those that may are sampled in growing rounds, of which the
    first has ``first_round`` samples; after each, the requests that have enough correct ones are done.
    """
    taken, correct = [0] * len(requests), [0] * len(requests)
    going = list(range(len(requests)))
    for round_ in growing(first_round, max(request.samples for request in requests)) if requests else []:
        drawn: list[tuple[int, int]] = []
        for i in going:
            bound = requests[i].samples if requests[i].enough is None else min(round_, requests[i].samples)
            drawn += [(i, number) for number in range(taken[i], bound)]
            taken[i] = bound
        _fill(sampler, requests, drawn, journal)
        may_stop = [(i, number) for i, number in drawn if requests[i].enough is not None]
        for (i, _), grade in zip(may_stop, _grades(sampler, requests, may_stop, journal), strict=True):
            correct[i] += grade.correct
        going = [i for i in going if taken[i] < requests[i].samples and correct[i] < (requests[i].enough or math.inf)]
        if not going:
            break
    return taken


def rollouts(
    sampler: Sampler, requests: Sequence[Request], taken: Sequence[int], journal: Journal
) -> Iterator[list[Rollout]]:
    """The graded rollouts that count, in the order of requests and samples, some at a time."""
    drawn = [(i, number) for i, count in enumerate(taken) for number in range(count)]
    for part in _parts(drawn):
        completions = [journal[sampler.key(requests[i]), number] for i, number in part]
        grades = sampler.grade([(requests[i], done) for (i, _), done in zip(part, completions, strict=True)])
        yield [
            sampler.rollout(requests[i], number, completion, grade)
            for (i, number), completion, grade in zip(part, completions, grades, strict=True)
        ]


def sample_to(
    job: Job, sampler: Sampler, requests: Sequence[Request], first_round: int = 1, given: Iterable[Rollout] = ()
) -> None:
    """Sample and grade the requests and publish the rollouts as the job's output, holding few of them at a time.

    ``given`` are rollouts of another stage that drew some of the same samples: they are not sampled again.
    """
    facts: Counter[str] = Counter(rollouts=0, correct=0)
    lengths: Counter[str] = Counter()  # tokens by request
    with Journal(job.work, {sampler.key(request) for request in requests}) as journal:
        _take_over(sampler, requests, given, journal)
        taken = sample(sampler, requests, first_round, journal)

        def counted() -> Iterator[pa.Table]:
            for rows in rollouts(sampler, requests, taken, journal):
                facts["rollouts"] += len(rows)
                facts["correct"] += sum(row.correct for row in rows)
                for row in rows:
                    lengths[sampler.key_of(row)] += len(row.token_ids)
                yield table_of(rows, Rollout)
            facts["tokens"] = lengths.total()
            # What the samples that were left out would have cost, if they are as long as those of their request.
            facts["all_rollouts"] = sum(request.samples for request in requests)
            facts["all_tokens"] = round(
                sum(
                    lengths[sampler.key(request)] * request.samples / count
                    for request, count in zip(requests, taken, strict=True)
                )
            )
            job.note(**facts)

        write_tables(job.output, counted(), Rollout, job.about)
    if facts["rollouts"] < facts["all_rollouts"]:
        share = facts["tokens"] / facts["all_tokens"]
        said = f"{facts['rollouts']} of {facts['all_rollouts']} rollouts and {share:.0%} of their tokens were enough"
        print(f"{sampler.purpose}: {said}", file=sys.stderr, flush=True)


def _take_over(sampler: Sampler, requests: Sequence[Request], given: Iterable[Rollout], journal: Journal) -> None:
    """Put given rollouts that the requests ask for and the journal lacks into it, as if the engine had given them."""
    asked = {sampler.key(request) for request in requests}
    named = ((sampler.key_of(row), row) for row in given)
    lacking = (
        Finished(
            Ask(Prompt(key, ()), row.sample),
            Completion(tuple(row.token_ids), row.text, row.finish_reason, tuple(row.logprobs)),
        )
        for key, row in named
        if key in asked and (key, row.sample) not in journal
    )
    while some := list(islice(lacking, _GRADED)):
        journal.append(some)
    journal.refresh()


def _fill(sampler: Sampler, requests: Sequence[Request], drawn: Sequence[tuple[int, int]], journal: Journal) -> None:
    """Sample what the journal lacks of the drawn (request, sample) pairs."""
    keys = {i: sampler.key(requests[i]) for i in {i for i, _ in drawn}}
    missing = [(i, number) for i, number in drawn if (keys[i], number) not in journal]
    prompts = {i: sampler.prompt(requests[i]) for i in dict.fromkeys(i for i, _ in missing)}
    asks = [Ask(prompts[i], number) for i, number in missing]
    with track(sampler.purpose, len(asks)) as progress:
        if known := len(drawn) - len(asks):
            progress.say(f"{sampler.purpose}: {known} of {len(drawn)} were sampled before")
        for finished in sampler.engine.stream(asks, sampler.settings) if asks else ():
            journal.append(finished)
            progress.advance(len(finished), sum(len(done.token_ids) for _, done in finished))
    journal.refresh()


def _grades(
    sampler: Sampler, requests: Sequence[Request], drawn: Sequence[tuple[int, int]], journal: Journal
) -> Iterator[Grade]:
    for part in _parts(drawn):
        yield from sampler.grade([(requests[i], journal[sampler.key(requests[i]), number]) for i, number in part])


def _parts(drawn: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    return (drawn[start : start + _GRADED] for start in range(0, len(drawn), _GRADED))
