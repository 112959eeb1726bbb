"""The stages that roll the base model out with interventions: the filter, and Table 1's guided rollouts."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from int_bench.config import RunConfig
from int_bench.engines.choose import identity
from int_bench.interventions.propose import guided_prefix
from int_bench.layout import Layout
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import Intervention, Problem, Rollout, read_records, records_of, scan_tables
from int_bench.rollouts.sample import Request, sample_to
from int_bench.rollouts.shards import Shard
from int_bench.rollouts.stage import part, sampler_of

Guided = Literal["from_intervention", "with_intervention"]


def filter_(config: RunConfig, layout: Layout, oracle: str, shard: Shard) -> str:
    """Roll out the base model with each different intervention, until enough rollouts are correct to keep it.

    The draws are those of the rollouts with intervention, so that these need not be sampled twice.
    """
    enough = max(1, config.selection.min_correct)
    requests = [
        replace(request_of(config, oracle, problem, row, "with_intervention"), enough=enough)
        for problem, row in different(_proposed(layout, oracle))
    ]
    inputs = [layout.problems("hard_train"), layout.interventions(oracle), layout.model("base")]
    whole, engine = layout.guided("filter", oracle), identity(config.engine)
    with (
        Job("filter", shard.of(whole), reads("filter", config), inputs, whole, engine) as job,
        sampler_of(config, layout.model("base"), "with_intervention", config.sampling) as sampler,
    ):
        sample_to(job, sampler, part(requests, shard), config.selection.first_round)
    return str(job.output)


def guide(config: RunConfig, layout: Layout, mode: Guided, oracle: str, shard: Shard) -> str:
    """Roll out the base model from y_<i, or from y_<i and the corrective step, with all samples of each."""
    requests = [request_of(config, oracle, problem, row, mode) for problem, row in _proposed(layout, oracle)]
    inputs = [layout.problems("hard_train"), layout.interventions(oracle), layout.model("base")]
    # What the filter has sampled is taken over.
    sampled = [layout.guided("filter", oracle)] if mode == "with_intervention" else []
    whole, engine = layout.guided(mode, oracle), identity(config.engine)
    with (
        Job(mode, shard.of(whole), reads("guided", config), [*inputs, *sampled], whole, engine) as job,
        sampler_of(config, layout.model("base"), mode, config.sampling) as sampler,
    ):
        tables = (table for path in sampled for table in scan_tables(path, Rollout))
        given = (row for table in tables for row in records_of(table, Rollout))
        sample_to(job, sampler, part(requests, shard), given=given)
    return str(job.output)


def _proposed(layout: Layout, oracle: str) -> list[tuple[Problem, Intervention]]:
    """The interventions that say something, each with its problem."""
    problems = {row.problem_id: row for row in read_records(layout.problems("hard_train"), Problem)}
    found = read_records(layout.interventions(oracle), Intervention)
    return [(problems[row.problem_id], row) for row in found if row.status == "proposed"]


def request_of(config: RunConfig, oracle: str, problem: Problem, row: Intervention, mode: Guided) -> Request:
    """What to sample from an oracle's intervention on a hard training problem, or from just before its error."""
    prefix = row.before if mode == "from_intervention" else guided_prefix(row)
    return Request(problem, "hard_train", config.selection.samples, mode, row.intervention_id, prefix, oracle=oracle)


def different(proposed: list[tuple[Problem, Intervention]]) -> list[tuple[Problem, Intervention]]:
    """Without those that repeat another: the selection drops them whatever their rollouts are."""
    first: dict[tuple[str, str, str], tuple[Problem, Intervention]] = {}
    for problem, row in proposed:
        first.setdefault(row.identity, (problem, row))
    return list(first.values())
