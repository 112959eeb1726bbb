"""The stages of an intervention that sample nothing: the oracle's proposals, and the filter's decisions."""

from __future__ import annotations

from int_bench.config import RunConfig
from int_bench.interventions.oracles.choose import oracle_of
from int_bench.interventions.propose import chosen_attempts, failed_attempts, propose_interventions
from int_bench.interventions.select import select
from int_bench.layout import Layout
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import Intervention, Problem, Rollout, Selection, read_records, read_table, write_records
from int_bench.synthetic.problems import student_of


def propose(config: RunConfig, layout: Layout, oracle: str) -> str:
    """Show failed attempts at the hard training problems to an oracle."""
    world, output = config.problems, layout.interventions(oracle)
    student = student_of(world.student) if world.kind == "synthetic" else None
    inputs = [layout.problems("hard_train"), layout.rollouts("mining")]
    with Job("interventions", output, reads("interventions", config, oracle), inputs) as job:
        problems = read_records(inputs[0], Problem)
        attempts = failed_attempts(inputs[1], {problem.problem_id for problem in problems})
        settings = config.interventions
        records = propose_interventions(
            chosen_attempts(problems, attempts, settings.per_problem, config.seed),
            oracle_of(config, oracle),
            settings.placement,
            config.steps,
            student,
            config.seed,
        )
        write_records(output, records, Intervention)
        job.note(proposals=len(records), proposed=sum(row.status == "proposed" for row in records))
    return output


def decide(config: RunConfig, layout: Layout, oracle: str) -> str:
    """Keep the interventions of an oracle whose guided rollouts reach the answer."""
    inputs, output = [layout.interventions(oracle), layout.guided("filter", oracle)], layout.selection(oracle)
    with Job("selection", output, reads("selection", config), inputs) as job:
        graded = read_table(inputs[1], Rollout, columns=["intervention_id", "correct"]).to_pydict()
        decisions = select(
            read_records(inputs[0], Intervention),
            zip(graded["intervention_id"], graded["correct"], strict=True),
            config.selection.min_correct,
        )
        write_records(output, decisions, Selection)
        job.note(interventions=len(decisions), kept=sum(row.kept for row in decisions))
    return output
