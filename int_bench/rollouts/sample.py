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
from int_bench.grading import Grader
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
            for request, completions in zip(alike, self.engine.generate(prompts, self.settings, samples), strict=True):
                rows += [self._grade(request, sample, done) for sample, done in enumerate(completions)]
        return rows

    def _prompt(self, request: Request) -> Prompt:
        parts = (self.purpose, request.problem_set, request.problem.problem_id, request.intervention_id or "")
        return Prompt("/".join(parts), open_turn(self.tokenizer, request.problem.text, request.prefix))

    def _grade(self, request: Request, sample: int, completion: Completion) -> Rollout:
        problem = request.problem
        text, handed_over = request.prefix + completion.text, 0 if self.prefix_boxes else len(request.prefix)
        grade = self.grader.grade(text, completion.finish_reason, problem.answer, handed_over)
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
            all_steps_right=steps_right(problem.text, text) if self.verify else None,
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
