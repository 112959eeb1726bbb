"""How many problems the pools and benchmarks of a run have, as far as one can say before they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from int_bench.config import ProblemFile, RunConfig
from int_bench.problems.files import read_problems


@dataclass(frozen=True)
class Sizes:
    """Problems of each pool and benchmark; ``unknown`` are those of which nobody can say, counted as none."""

    pools: Mapping[str, int]
    benchmarks: Mapping[str, int]
    unknown: list[str] = field(default_factory=list)


def sizes_of(config: RunConfig) -> Sizes:
    """The largest number of problems that each pool and benchmark can have, before repeats and contamination go."""
    world = config.problems
    if world.kind == "synthetic":
        pools, benchmarks = world.pools, world.benchmarks
        return Sizes({name: pools[name].size for name in pools}, {name: benchmarks[name].size for name in benchmarks})
    found = {name: _size(name, source) for name, source in {**world.pools, **world.benchmarks}.items()}
    return Sizes(
        {name: found[name] or 0 for name in world.pools},
        {name: found[name] or 0 for name in world.benchmarks},
        [name for name, size in found.items() if size is None],
    )


def _size(name: str, source: ProblemFile) -> int | None:
    if source.expected is None and Path(source.source).exists():
        return len(read_problems(name, source, pool=True).problems)
    most = source.expected[1] if isinstance(source.expected, tuple) else source.expected
    bounds = [bound for bound in (most, source.limit) if bound]
    return min(bounds) if bounds else None
