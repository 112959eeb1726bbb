"""The stages that sample from a problem alone: mining, the hard set, and passes of the base model over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from int_bench.config import RunConfig, SamplingConfig
from int_bench.engines.choose import engine_of, identity
from int_bench.grading import Grader, limits_of
from int_bench.interventions.oracles.choose import oracle_of
from int_bench.layout import GRADES, Layout, oracle_sources
from int_bench.manifest import Job
from int_bench.models import load_tokenizer
from int_bench.reads import reads
from int_bench.records import Problem, Rollout, read_records, read_table, write_records
from int_bench.rollouts.hard_set import split, unsolved
from int_bench.rollouts.sample import Request, Sampler, sample_to, settings_of
from int_bench.rollouts.shards import Shard


def mine(config: RunConfig, layout: Layout, shard: Shard) -> str:
    """Roll out the base model on each problem of the pool, until its first success."""
    requests = [
        Request(problem, "pool", config.hard_set.samples_of(problem.source), enough=1)
        for problem in read_records(layout.pool, Problem)
    ]
    whole, model, engine = layout.rollouts("mining"), layout.model("base"), identity(config.engine)
    with (
        Job("mining", shard.of(whole), reads("mining", config), [layout.pool, model], whole, engine) as job,
        sampler_of(config, model, "mining", config.sampling) as sampler,
    ):
        sample_to(job, sampler, part(requests, shard), config.hard_set.first_round)
    return str(job.output)


def make_hard_set(config: RunConfig, layout: Layout) -> list[str]:
    """Write the training and the test part of the hard set."""
    outputs, mined = [layout.problems("hard_train"), layout.problems("hard_test")], layout.rollouts("mining")
    asked = config.interventions.oracle if config.hard_set.oracle_must_solve else None
    inputs = [layout.pool, mined, *(oracle_sources(config, layout, asked) if asked else [])]
    with Job("hard_set", outputs[0], reads("hard_set", config), inputs) as job:
        graded = read_table(mined, Rollout, columns=["problem_id", "correct"]).to_pydict()
        hard = unsolved(read_records(layout.pool, Problem), zip(graded["problem_id"], graded["correct"], strict=True))
        rng = np.random.default_rng([config.seed, 1])
        solvable = None
        if asked:
            with oracle_of(config, layout, asked) as oracle:
                solvable = oracle.solved(hard, rng)
                job.note(oracle=oracle.facts)
        parts = split(hard, config.hard_set.train, config.hard_set.test, solvable, rng)
        for output, problems in zip(outputs, parts, strict=True):
            write_records(output, problems, Problem)
        counts = {"unsolved": len(hard), "train": len(parts[0]), "test": len(parts[1])}
        job.note(pool=len(set(graded["problem_id"])), **counts)
    return outputs


def sample_pass(config: RunConfig, layout: Layout, purpose: str, shard: Shard) -> str:
    """Roll out the base model anew on the hard training set.

    The passes are independent: ``naive``, ``null`` for a second one, and ``rejection`` for correct rollouts to clone.
    """
    source, model = layout.problems("hard_train"), layout.model("base")
    requests = [Request(row, "hard_train", config.pass_samples(purpose)) for row in read_records(source, Problem)]
    whole, engine = layout.rollouts(purpose), identity(config.engine)
    with (
        Job(purpose, shard.of(whole), reads("pass", config, purpose), [source, model], whole, engine) as job,
        sampler_of(config, model, purpose, config.sampling) as sampler,
    ):
        sample_to(job, sampler, part(requests, shard))
    return str(job.output)


def part(requests: list[Request], shard: Shard) -> list[Request]:
    """The requests that are a shard's."""
    return requests[shard.cut([request.samples for request in requests])]


@contextmanager
def sampler_of(config: RunConfig, model: str, purpose: str, sampling: SamplingConfig) -> Iterator[Sampler]:
    """A sampler on a model's folder, whose engine and grader are closed at the end."""
    tokenizer = load_tokenizer(model)
    with (
        engine_of(config.engine, model, tokenizer) as engine,
        Grader(limits_of(config.grading), cache=GRADES) as grader,
    ):
        yield Sampler(
            engine,
            tokenizer,
            grader,
            settings_of(sampling, config.seed),
            purpose,
            verify=config.problems.kind == "synthetic",
            prefix_boxes=config.grading.prefix_boxes,
        )
