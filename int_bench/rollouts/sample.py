"""Sample rollouts in shards and grade them.

A shard is a fixed slice of the requests. Each is written as soon as it is finished, so that a run that was killed goes
on with the first shard that is missing; and since draws are keyed by purpose, problem and sample, the file that results
is the same as that of a run left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from int_bench.config import SamplingConfig
from int_bench.engines import Completion, Engine, Prompt, SamplingSettings
from int_bench.grading import Grade, Grader, Response
from int_bench.progress import track
from int_bench.records import Mode, Problem, Rollout, read_records, write_records
from int_bench.rollouts.chat import open_turn
from int_bench.synthetic.verifier import steps_right


@dataclass(frozen=True, slots=True)
class Request:
    """What to sample from: a problem and, for a guided rollout, what is handed over before sampling begins."""

    problem: Problem
    problem_set: str
    samples: int
    mode: Mode = "naive"
    intervention_id: str | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Sampler:
    """Everything that stays the same over the shards of one stage.

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

    def rollouts(self, requests: Sequence[Request]) -> list[Rollout]:
        """Sample and grade; requests that ask for the same number of samples are decoded together."""
        rows: list[Rollout] = []
        for samples in sorted({request.samples for request in requests}):
            alike = [request for request in requests if request.samples == samples]
            prompts = [self._prompt(request) for request in alike]
            sampled = zip(alike, self.engine.generate(prompts, self.settings, samples), strict=True)
            rows += self._graded(
                [(request, sample, done) for request, completions in sampled for sample, done in enumerate(completions)]
            )
        return rows

    def _prompt(self, request: Request) -> Prompt:
        parts = (self.purpose, request.problem_set, request.problem.problem_id, request.intervention_id or "")
        return Prompt("/".join(parts), open_turn(self.tokenizer, request.problem.text, request.prefix))

    def _graded(self, sampled: Sequence[tuple[Request, int, Completion]]) -> list[Rollout]:
        """Grade all together, so that the grader's workers share what takes long."""
        responses = [
            Response(
                request.prefix + completion.text,
                completion.finish_reason,
                request.problem.answer,
                0 if self.prefix_boxes else len(request.prefix),
            )
            for request, _, completion in sampled
        ]
        grades = self.grader.grade_many(responses)
        return [self._rollout(*done, grade) for done, grade in zip(sampled, grades, strict=True)]

    def _rollout(self, request: Request, sample: int, completion: Completion, grade: Grade) -> Rollout:
        problem = request.problem
        return Rollout(
            rollout_id=f"{self.purpose}/{request.problem_set}/{request.intervention_id or problem.problem_id}/{sample}",
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


def sample_in_shards(sampler: Sampler, requests: Sequence[Request], shard: int, work: Path) -> list[Rollout]:
    """Sample all requests, ``shard`` of them at a time, keeping finished shards in the folder ``work``."""
    slices = [requests[start : start + shard] for start in range(0, len(requests), shard)]
    rows: list[Rollout] = []
    with track(sampler.purpose, len(slices)) as progress:
        for number, part in enumerate(slices):
            path = work / f"shard-{number:05d}.parquet"
            if path.exists():
                done = read_records(path, Rollout)
                progress.advance()
            else:
                done = sampler.rollouts(part)
                write_records(path, done, Rollout)
                progress.advance(tokens=sum(len(row.token_ids) for row in done))
            rows += done
    return rows
