"""The stages of an intervention: the oracle's proposals, guided rollouts, and the filter."""

from __future__ import annotations

from typing import Literal

from int_bench.config import RunConfig
from int_bench.interventions.oracles import oracle_of
from int_bench.interventions.propose import guided_prefix, propose_interventions
from int_bench.interventions.select import select
from int_bench.layout import Layout
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import Intervention, Problem, Rollout, Selection, read_records, write_records
from int_bench.rollouts.sample import Request
from int_bench.rollouts.stage import sample_to
from int_bench.synthetic.problems import student_of


def propose(config: RunConfig, layout: Layout) -> str:
    """Show failed attempts at the hard training problems to the oracle."""
    world = config.problems
    student = student_of(world.student) if world.kind == "synthetic" else None
    inputs = [layout.problems("hard_train"), layout.rollouts("mining")]
    with Job("interventions", layout.interventions, reads("interventions", config), inputs) as job:
        records = propose_interventions(
            read_records(inputs[0], Problem),
            read_records(inputs[1], Rollout),
            oracle_of(config.interventions, student),
            config.interventions,
            config.steps,
            student,
            config.seed,
        )
        write_records(layout.interventions, records, Intervention)
        job.note(attempts=len(records), proposed=sum(row.status == "proposed" for row in records))
    return layout.interventions


def guide(config: RunConfig, layout: Layout, mode: Literal["from_intervention", "with_intervention"]) -> str:
    """Roll out the base model from y_<i, or from y_<i and the corrective step."""
    problems = {row.problem_id: row for row in read_records(layout.problems("hard_train"), Problem)}
    proposed = [row for row in read_records(layout.interventions, Intervention) if row.status == "proposed"]
    requests = [
        Request(
            problem=problems[row.problem_id],
            problem_set="hard_train",
            samples=config.selection.samples,
            mode=mode,
            intervention_id=row.intervention_id,
            prefix=row.before if mode == "from_intervention" else guided_prefix(row),
        )
        for row in proposed
    ]
    output = layout.rollouts(mode)
    inputs = [layout.problems("hard_train"), layout.interventions, layout.model("base")]
    with Job(mode, output, reads("guided", config), inputs) as job:
        sample_to(output, job, config, layout.model("base"), mode, config.sampling, requests)
    return output


def decide(config: RunConfig, layout: Layout) -> str:
    """Keep the interventions whose guided rollouts reach the answer."""
    inputs = [layout.interventions, layout.rollouts("with_intervention")]
    with Job("selection", layout.selection, reads("selection", config), inputs) as job:
        decisions = select(
            read_records(inputs[0], Intervention), read_records(inputs[1], Rollout), config.selection.min_correct
        )
        write_records(layout.selection, decisions, Selection)
        job.note(interventions=len(decisions), kept=sum(row.kept for row in decisions))
    return layout.selection
