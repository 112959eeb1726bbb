r"""Evaluate one model on benchmarks, outside any run: ``int-bench evaluate``.

Departures from the evaluation within a run:

1. each benchmark is a job of its own, so that one that is finished is not sampled again when others are added;
2. the model is asked for a boxed answer, since benchmarks do not ask for one themselves;
3. a problem whose prompt leaves no room in the model's context is counted, not an error;
4. a tokenizer without a chat template gets the bare problem.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from int_bench.config import EngineConfig, SamplingConfig
from int_bench.engines import SamplingSettings
from int_bench.engines.choose import engine_of, identity
from int_bench.errors import UserError
from int_bench.evaluation.benchmarks import Benchmark
from int_bench.evaluation.decoding import Decoding
from int_bench.evaluation.scores import Score, score
from int_bench.grading import Grader
from int_bench.layout import GRADES, EvaluationLayout
from int_bench.manifest import Job, fingerprint, manifest_path
from int_bench.models import load_tokenizer
from int_bench.problems.files import ProblemSet, read_problems
from int_bench.reads import engine_parts
from int_bench.records import Problem, Rollout, read_records, write_json, write_records
from int_bench.rollouts.sample import Request, Sampler, sample_to, settings_of

INSTRUCTION = r"Please reason step by step, and put your final answer within \boxed{}."
PURPOSE = "evaluation"
_AUTO = EngineConfig()
# The problem alone, after the token that begins a text where the tokenizer itself would put one. The line ends are
# inside the expression, since those at the end of a template are trimmed.
_PLAIN = r"{{ messages[0]['content'] + '\n\n' }}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of a model: ``samples`` rollouts a problem, and how.

    ``max_new_tokens`` replaces each benchmark's own budget, ``limit`` takes only its first problems, and
    ``instruction`` follows each problem.
    """

    model: str
    samples: int
    ks: tuple[int, ...]
    decoding: Decoding
    seed: int = 0
    max_new_tokens: int | None = None
    limit: int | None = None
    instruction: str = INSTRUCTION
    engine: EngineConfig = _AUTO

    def sampling(self, benchmark: Benchmark) -> SamplingConfig:
        """The decoding settings on a benchmark."""
        return SamplingConfig(
            temperature=self.decoding.temperature,
            top_p=self.decoding.top_p,
            top_k=self.decoding.top_k,
            max_new_tokens=self.max_new_tokens or benchmark.budget,
        )


def evaluate_model(settings: Settings, benchmarks: Sequence[Benchmark], layout: EvaluationLayout) -> list[Score]:
    """Sample and grade all benchmarks, and write rollouts, manifests and results below the layout's folder.

    What was finished before is not sampled again, nor is a finished shard of a benchmark that was cut short.

    Raises UserError before anything is sampled if a benchmark cannot be read, or a k exceeds the number of samples.
    """
    if max(settings.ks) > settings.samples:
        raise UserError(
            f"pass@{max(settings.ks)} needs at least {max(settings.ks)} samples, there are {settings.samples}"
        )
    asked = [(benchmark, _read(benchmark, settings)) for benchmark in benchmarks]
    weights = fingerprint(settings.model)
    _refuse_another_model(layout, weights)
    with _sampler(settings) as sampler:
        scores = [_evaluate(benchmark, found, weights, settings, layout, sampler) for benchmark, found in asked]
    write_json(layout.results, _results(settings, weights, asked, scores))
    return scores


def _refuse_another_model(layout: EvaluationLayout, weights: str) -> None:
    """Two models may have folders of one name; the results of the first are not lost to the second."""
    if Path(layout.results).exists():
        held = json.loads(Path(layout.results).read_text())
        if held["weights"] != weights:
            raise UserError(f"{layout.root}: holds the results of {held['model']}; name another folder with --output")


def _read(benchmark: Benchmark, settings: Settings) -> ProblemSet:
    source = benchmark.source
    return read_problems(benchmark.name, source.model_copy(update={"limit": settings.limit or source.limit}))


@contextmanager
def _sampler(settings: Settings) -> Iterator[Sampler]:
    """A sampler for the model, whose decoding settings are those of no benchmark yet."""
    tokenizer = load_tokenizer(settings.model)
    if tokenizer.chat_template is None:
        print(f"{settings.model}: no chat template, the model gets the bare problem", file=sys.stderr)
        begins = tokenizer("x")["input_ids"][0] == tokenizer.bos_token_id
        tokenizer.chat_template = ("{{ bos_token }}" if begins else "") + _PLAIN
    with engine_of(settings.engine, settings.model, tokenizer) as engine, Grader(cache=GRADES) as grader:
        yield Sampler(engine, tokenizer, grader, SamplingSettings(), PURPOSE, verify=False)


def _evaluate(
    benchmark: Benchmark,
    found: ProblemSet,
    weights: str,
    settings: Settings,
    layout: EvaluationLayout,
    sampler: Sampler,
) -> Score:
    problems = [replace(row, text=_ask(row.text, settings.instruction)) for row in found.problems]
    write_records(layout.problems(benchmark.name), problems, Problem)
    output, sampling = layout.rollouts(benchmark.name), settings.sampling(benchmark)
    reads = {
        "weights": weights,
        "sampling": sampling,
        "samples": settings.samples,
        "seed": settings.seed,
        "engine": engine_parts(settings.engine),
    }
    job = Job(PURPOSE, output, reads, [layout.problems(benchmark.name)], engine=identity(settings.engine))
    if _manifest(output).get("digest") == job.digest:
        print(f"{benchmark.name}: was finished before", file=sys.stderr)
    else:
        print(f"{benchmark.name}: {len(problems)} problems, {settings.samples} rollouts each", file=sys.stderr)
        with job:
            drawn = replace(sampler, settings=settings_of(sampling, settings.seed))
            _sample(job, benchmark.name, problems, settings.samples, drawn)
            job.note(read=found.facts, instruction=settings.instruction)
    manifest = _manifest(output)
    rollouts = read_records(output, Rollout)
    too_long = len(manifest["facts"]["too_long"])
    return score(benchmark.name, rollouts, too_long, settings.samples, settings.ks, manifest["seconds"])


def _ask(problem: str, instruction: str) -> str:
    return f"{problem}\n\n{instruction}" if instruction else problem


def _sample(job: Job, name: str, problems: Sequence[Problem], samples: int, sampler: Sampler) -> None:
    requests = [Request(row, name, samples) for row in problems]
    fits = [len(sampler.prompt(request).token_ids) < sampler.engine.context for request in requests]
    too_long = [problem.problem_id for problem, fit in zip(problems, fits, strict=True) if not fit]
    if too_long:
        print(f"{name}: {len(too_long)} prompts leave no room in the model's context, not sampled", file=sys.stderr)
    sample_to(job, sampler, [request for request, fit in zip(requests, fits, strict=True) if fit])
    job.note(too_long=too_long)


def _manifest(output: str) -> dict[str, Any]:
    """The manifest of a finished benchmark; empty if there is none, or its rollouts are gone."""
    path = manifest_path(output)
    if not path.is_file() or not Path(output).is_file():
        return {}
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _results(
    settings: Settings, weights: str, asked: Sequence[tuple[Benchmark, ProblemSet]], scores: Sequence[Score]
) -> dict[str, Any]:
    """What results.json holds: the settings, and for each benchmark what was read, how it was sampled, its scores."""
    return {
        "model": settings.model,
        "weights": weights,
        "decoding": settings.decoding.origin,
        "seed": settings.seed,
        "instruction": settings.instruction,
        "benchmarks": {
            benchmark.name: {
                "read": found.facts,
                "sampling": settings.sampling(benchmark).model_dump(mode="json"),
                **row.as_dict(),
            }
            for (benchmark, found), row in zip(asked, scores, strict=True)
        },
    }
