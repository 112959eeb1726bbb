"""The stage ``solutions``: whole solutions of the hard training problems, from whoever writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from int_bench.config import RefinedSolutions, RunConfig
from int_bench.interventions.propose import cases_of, chosen_attempts, failed_attempts
from int_bench.layout import ANSWERS, GRADES, Layout, solution_sources
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import Problem, Solution, read_records, write_records
from int_bench.solutions.choose import choose
from int_bench.solutions.sampled import correct_rollouts
from int_bench.solutions.world import world_solutions
from int_bench.solutions.written import references, replayed


def make_solutions(config: RunConfig, layout: Layout, name: str) -> str:
    """Write the solutions of one of the run's ``solutions``."""
    wanted, output, posed = config.solutions_of(name), layout.solutions(name), layout.problems("hard_train")
    inputs = [posed, *solution_sources(config, layout, name)]
    engine = _engine_of(wanted) if isinstance(wanted, RefinedSolutions) else None
    with Job("solutions", output, reads("solutions", config, name), inputs, engine=engine) as job:
        problems = read_records(posed, Problem)
        rows = list(_solutions(config, layout, name, problems, job))
        write_records(output, rows, Solution)
        reasons = Counter(row.reason for row in rows)
        kept = {row.problem_id for row in rows if row.kept}
        job.note(solutions=len(rows), kept=reasons["kept"], problems=len(kept), reasons=dict(sorted(reasons.items())))
    return output


def _solutions(
    config: RunConfig, layout: Layout, name: str, problems: Sequence[Problem], job: Job
) -> Iterator[Solution]:
    wanted = config.solutions_of(name)
    match wanted.kind:
        case "references":
            yield from references(problems)
        case "world":
            yield from world_solutions(problems, wanted.style, config.seed)
        case "replay":
            yield from replayed(wanted.source, problems)
        case "sampled":
            yield from choose(correct_rollouts(layout.rollouts("rejection")))
        case "refined":
            yield from _refined(wanted, config, layout, name, problems, job)


def _refined(
    wanted: RefinedSolutions, config: RunConfig, layout: Layout, name: str, problems: Sequence[Problem], job: Job
) -> Iterator[Solution]:
    """What a language model makes of the attempts that oracles are shown; its libraries no other solutions need."""
    from int_bench.chats.choose import chats_of
    from int_bench.grading import Grader, limits_of
    from int_bench.rollouts.sample import settings_of
    from int_bench.solutions.refine import refinements

    attempts = failed_attempts(layout.rollouts("mining"), {problem.problem_id for problem in problems})
    chosen = chosen_attempts(problems, attempts, config.interventions.per_problem, config.seed)
    settings = settings_of(wanted.chat.sampling, config.seed)
    with (
        chats_of(wanted.chat, layout.model("base"), ANSWERS, f"{config.name}/solutions {name}") as chats,
        Grader(limits_of(config.grading), cache=GRADES) as grader,
    ):
        cases = cases_of(chosen, config.steps, config.seed)
        written, shortened = refinements(cases, chats, wanted.style, wanted.proposals, settings, grader)
        job.note(attempts=len(cases), shortened=shortened, **asdict(chats.costs))
    return choose(written, per_problem=1)


def _engine_of(wanted: RefinedSolutions) -> str:
    from int_bench.engines.choose import identity

    return identity(wanted.chat.engine)
