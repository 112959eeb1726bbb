"""The stages of an intervention but its rollouts: the oracle's proposals, the judge's verdicts, the decisions."""

from __future__ import annotations

from dataclasses import asdict

from int_bench.config import ChatConfig, LanguageModelOracle, RunConfig
from int_bench.errors import UserError
from int_bench.interventions.oracles.choose import oracle_of
from int_bench.interventions.propose import chosen_attempts, failed_attempts, propose_interventions
from int_bench.interventions.select import select
from int_bench.layout import ANSWERS, Layout, chat_sources, oracle_sources
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import (
    Intervention,
    Problem,
    Rollout,
    Selection,
    Verdict,
    read_records,
    read_table,
    write_records,
)
from int_bench.synthetic.problems import student_of


def propose(config: RunConfig, layout: Layout, oracle: str) -> str:
    """Show failed attempts at the hard training problems to an oracle."""
    named, world = config.oracle(config.asked_oracle(oracle)), config.problems
    output = layout.interventions(oracle)
    student = student_of(world.student) if world.kind == "synthetic" else None
    inputs = [layout.problems("hard_train"), layout.rollouts("mining"), *oracle_sources(config, layout, oracle)]
    engine = _engine_of(named.chat) if isinstance(named, LanguageModelOracle) else None
    with (
        Job("interventions", output, reads("interventions", config, oracle), inputs, engine=engine) as job,
        oracle_of(config, layout, oracle) as asked,
    ):
        problems = read_records(inputs[0], Problem)
        attempts = failed_attempts(inputs[1], {problem.problem_id for problem in problems})
        settings = config.interventions
        chosen = chosen_attempts(problems, attempts, settings.per_problem, config.seed)
        records = propose_interventions(chosen, asked, settings.placement, config.steps, student, config.seed)
        write_records(output, records, Intervention)
        proposed = sum(row.status == "proposed" for row in records)
        job.note(attempts=len(chosen), proposals=len(records), proposed=proposed, **asked.facts)
    return output


def judge(config: RunConfig, layout: Layout, oracle: str) -> str:
    """Let the judge say of which kind the errors are that an oracle's steps correct."""
    from int_bench.chats.choose import chats_of
    from int_bench.interventions.judge import judge_interventions
    from int_bench.rollouts.sample import settings_of

    asked = config.interventions.judge
    if asked is None:
        raise UserError(f"run {config.name} has no judge: name one under interventions.judge")
    inputs, output = [layout.interventions(oracle), layout.problems("hard_train")], layout.verdicts(oracle)
    inputs += [layout.rollouts("mining"), *chat_sources(layout, asked.chat)]
    with (
        Job("verdicts", output, reads("verdicts", config), inputs, engine=_engine_of(asked.chat)) as job,
        chats_of(asked.chat, layout.model("base"), ANSWERS, f"{config.name}/judge of {oracle}") as chats,
    ):
        interventions = [row for row in read_records(inputs[0], Intervention) if row.status == "proposed"]
        problems = {row.problem_id: row for row in read_records(inputs[1], Problem)}
        shown = {row.rollout_id for row in interventions}
        attempts = {row.rollout_id: row.text for row in failed_attempts(inputs[2], problems) if row.rollout_id in shown}
        settings = settings_of(asked.chat.sampling, config.seed)
        verdicts = judge_interventions(interventions, problems, attempts, chats, asked.style, settings, config.steps)
        write_records(output, verdicts, Verdict)
        judged = sum(row.status == "judged" for row in verdicts)
        job.note(interventions=len(verdicts), judged=judged, **asdict(chats.costs))
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


def _engine_of(chat: ChatConfig) -> str:
    """What samples a language model's answers on this machine; its libraries no other oracle needs."""
    from int_bench.engines.choose import identity

    return identity(chat.engine)
