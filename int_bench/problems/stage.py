"""The stage ``problems``: write the mining pool and the benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from int_bench.config import RunConfig
from int_bench.errors import UserError
from int_bench.layout import Layout
from int_bench.problems.files import read_problems
from int_bench.records import Problem, write_records
from int_bench.synthetic.problems import draw_problems


def distinct(problems: Sequence[Problem]) -> list[Problem]:
    """The problems without those whose text was there before, white space aside: no problem is in train and test.

    Raises UserError for two different problems of one id.
    """
    kept: dict[str, Problem] = {}
    ids: set[str] = set()
    for problem in problems:
        text = " ".join(problem.text.split())
        if text in kept:
            continue
        if problem.problem_id in ids:
            raise UserError(f"pool {problem.source}: the id {problem.problem_id!r} belongs to two problems")
        kept[text] = problem
        ids.add(problem.problem_id)
    if len(kept) < len(problems):
        print(
            f"pool: {len(problems) - len(kept)} of {len(problems)} problems are repeated and left out", file=sys.stderr
        )
    return list(kept.values())


def make_problems(config: RunConfig, layout: Layout) -> list[str]:
    """Write one file for the pool and one for each benchmark; returns their paths.

    In the synthetic world no problem is in two sets.
    """
    world = config.problems
    sets: dict[str, list[Problem]] = {}
    if world.kind == "synthetic":
        taken: set[str] = set()
        for name, family in world.benchmarks.items():
            sets[name] = draw_problems(world, name, family, taken)
        sets["pool"] = draw_problems(world, "pool", world.pool, taken)
    else:
        sets = {name: read_problems(name, source) for name, source in world.benchmarks.items()}
        sets["pool"] = distinct([row for name, source in world.pools.items() for row in read_problems(name, source)])
    for name, problems in sets.items():
        write_records(layout.problems(name), problems, Problem)
    return [layout.problems(name) for name in sets]
