"""The stages that sample from a problem alone: mining, the hard set, and passes of the base model over it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager

import numpy as np

from int_bench.config import RunConfig, SamplingConfig
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grader, limits_of
from int_bench.interventions.oracles import oracle_of
from int_bench.layout import GRADES, Layout
from int_bench.manifest import Job
from int_bench.models import load_model, load_tokenizer
from int_bench.reads import reads
from int_bench.records import Problem, Rollout, read_records, write_records
from int_bench.rollouts.hard_set import split, unsolved
from int_bench.rollouts.sample import Request, Sampler, sample_in_shards, settings_of
from int_bench.synthetic.problems import student_of


def mine(config: RunConfig, layout: Layout) -> str:
    """Roll out the base model on the whole pool."""
    problems = read_records(layout.pool, Problem)
    requests = [Request(problem, "pool", config.hard_set.samples_of(problem.source)) for problem in problems]
    output = layout.rollouts("mining")
    with Job("mining", output, reads("mining", config), [layout.pool, layout.model("base")]) as job:
        sample_to(output, job, config, layout.model("base"), "mining", config.sampling, requests)
    return output


def make_hard_set(config: RunConfig, layout: Layout) -> list[str]:
    """Write the training and the test part of the hard set."""
    rollouts = read_records(layout.rollouts("mining"), Rollout)
    hard = unsolved(read_records(layout.pool, Problem), rollouts)
    rng = np.random.default_rng([config.seed, 1])
    solvable = None
    if config.hard_set.oracle_must_solve:
        world = config.problems
        oracle = oracle_of(config.interventions, student_of(world.student) if world.kind == "synthetic" else None)
        solvable = {problem.problem_id for problem in hard if oracle.solves(problem, rng)}
    parts = split(hard, config.hard_set.train, config.hard_set.test, solvable, rng)
    outputs = [layout.problems("hard_train"), layout.problems("hard_test")]
    with Job("hard_set", outputs[0], reads("hard_set", config), [layout.pool, layout.rollouts("mining")]) as job:
        for output, part in zip(outputs, parts, strict=True):
            write_records(output, part, Problem)
        job.note(
            pool=len({row.problem_id for row in rollouts}), unsolved=len(hard), train=len(parts[0]), test=len(parts[1])
        )
    return outputs


def sample_pass(config: RunConfig, layout: Layout, purpose: str) -> str:
    """Roll out the base model anew on the hard training set: ``naive``, or ``null`` for an independent second pass."""
    source = layout.problems("hard_train")
    requests = [Request(row, "hard_train", config.configurations_samples) for row in read_records(source, Problem)]
    output = layout.rollouts(purpose)
    with Job(purpose, output, reads("pass", config), [source, layout.model("base")]) as job:
        sample_to(output, job, config, layout.model("base"), purpose, config.sampling, requests)
    return output


def sample_to(
    output: str,
    job: Job,
    config: RunConfig,
    model_folder: str,
    purpose: str,
    sampling: SamplingConfig,
    requests: Sequence[Request],
) -> None:
    """Sample the requests from a model's folder and publish the rollouts."""
    with sampler_of(config, model_folder, purpose, sampling) as sampler:
        rows = sample_in_shards(sampler, requests, config.engine.shard, job.work)
    write_records(output, rows, Rollout)
    job.note(
        rollouts=len(rows), tokens=sum(len(row.token_ids) for row in rows), correct=sum(row.correct for row in rows)
    )


@contextmanager
def sampler_of(config: RunConfig, model_folder: str, purpose: str, sampling: SamplingConfig):
    """A sampler on a model's folder, whose grader is closed at the end."""
    tokenizer = load_tokenizer(model_folder)
    engine = TransformersEngine(load_model(model_folder), tokenizer, config.engine.rows)
    with Grader(limits_of(config.grading), cache=GRADES) as grader:
        yield Sampler(
            engine,
            tokenizer,
            grader,
            settings_of(sampling, config.seed),
            purpose,
            verify=config.problems.kind == "synthetic",
            prefix_boxes=config.grading.prefix_boxes,
        )
