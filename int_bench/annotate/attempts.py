"""What a person is shown: the failed attempts that all other oracles of the run are shown."""

from __future__ import annotations

from typing import NamedTuple

from int_bench.annotate.store import digest_of
from int_bench.config import RunConfig
from int_bench.interventions.propose import chosen_attempts, failed_attempts
from int_bench.interventions.steps import split_steps
from int_bench.layout import Layout
from int_bench.records import Problem, read_records


class Shown(NamedTuple):
    """One attempt on a page; ``attempt`` is the digest of its steps."""

    problem: Problem
    rollout_id: str
    steps: list[str]
    attempt: str


def shown_attempts(config: RunConfig, layout: Layout) -> list[Shown]:
    """The attempts of a run that an oracle is shown, in the order of its problems."""
    problems = read_records(layout.problems("hard_train"), Problem)
    attempts = failed_attempts(layout.rollouts("mining"), {problem.problem_id for problem in problems})
    chosen = chosen_attempts(problems, attempts, config.interventions.per_problem, config.seed)
    cut = [(problem, tried.rollout_id, split_steps(tried.text, config.steps)) for problem, _, tried in chosen]
    return [Shown(problem, rollout_id, steps, digest_of(steps)) for problem, rollout_id, steps in cut]
