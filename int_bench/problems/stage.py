"""The stage ``problems``: write the mining pool and the benchmarks."""

from __future__ import annotations

from int_bench.config import RunConfig
from int_bench.layout import Layout
from int_bench.problems.files import read_problems
from int_bench.records import Problem, write_records
from int_bench.synthetic.problems import draw_problems


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
        sets["pool"] = [row for name, source in world.pools.items() for row in read_problems(name, source)]
    for name, problems in sets.items():
        write_records(layout.problems(name), problems, Problem)
    return [layout.problems(name) for name in sets]
