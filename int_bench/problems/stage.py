"""The stage ``problems``: write the mining pool and the benchmarks, and what was removed from the pool."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from int_bench.config import DecontaminationConfig, FileProblems, ProblemFile, RunConfig
from int_bench.errors import UserError
from int_bench.layout import Layout
from int_bench.manifest import Job
from int_bench.problems.decontaminate import Match, decontaminate
from int_bench.problems.files import read_problems
from int_bench.reads import reads
from int_bench.records import Problem, atomic_path, write_records
from int_bench.synthetic.problems import draw_problems


def distinct(problems: Sequence[Problem], what: str = "pool") -> list[Problem]:
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
            f"{what}: {len(problems) - len(kept)} of {len(problems)} problems are repeated and left out",
            file=sys.stderr,
        )
    return list(kept.values())


def make_problems(config: RunConfig, layout: Layout) -> list[str]:
    """Write one file for the pool, one for each benchmark and one for the easier problems; returns their paths.

    In the synthetic world no problem is in two sets. Of real problems, those of the pool and the easier ones that are
    a benchmark's are removed and listed in ``layout.removed``; easier ones whose text is in the pool are left out.
    """
    world = config.problems
    sources = world.local_sources if world.kind == "files" else []
    with Job("problems", layout.pool, reads("problems", config), sources) as job:
        sets: dict[str, list[Problem]] = {}
        if world.kind == "synthetic":
            taken: set[str] = set()
            for name, family in world.benchmarks.items():
                sets[name] = draw_problems(world, name, family, taken)
            pools = [draw_problems(world, name, family, taken) for name, family in world.pools.items()]
            sets["pool"] = [problem for pool in pools for problem in pool]
            if world.easier:
                sets["easier"] = draw_problems(world, "easier", world.easier, taken)
        else:
            sets = _real(world, layout, job)
        for name, problems in sets.items():
            write_records(layout.problems(name), problems, Problem)
        job.note(sizes={name: len(problems) for name, problems in sets.items()})
    return [layout.problems(name) for name in sets]


def _real(world: FileProblems, layout: Layout, job: Job) -> dict[str, list[Problem]]:
    benchmarks = {name: read_problems(name, source) for name, source in world.benchmarks.items()}
    pools = {name: read_problems(name, source, pool=True) for name, source in world.pools.items()}
    job.note(
        benchmarks={name: found.facts for name, found in benchmarks.items()},
        pools={name: found.facts for name, found in pools.items()},
    )
    sets = {name: found.problems for name, found in benchmarks.items()}
    read = [problem for found in pools.values() for problem in found.problems]
    pool = distinct(read)
    removed: list[Match] = []
    job.note(repeated=len(read) - len(pool))
    if world.decontamination:
        pool, removed = _clean("pool", pool, sets, world.decontamination)
        job.note(removed=_counts(removed))
    trained = {"pool": pool}
    if world.easier:
        trained["easier"], of_benchmarks = _easier(world, world.easier, pool, sets, job)
        removed += of_benchmarks
    _list_removed(layout.removed, removed)
    return {**sets, **trained}


def _easier(
    world: FileProblems, source: ProblemFile, pool: list[Problem], benchmarks: dict[str, list[Problem]], job: Job
) -> tuple[list[Problem], list[Match]]:
    """The easier problems that are neither in the pool nor a benchmark's, up to their limit, and those that are one's.

    The limit is on what is left, so that an enlarged set has the size that was asked for.
    """
    found = read_problems("easier", source.model_copy(update={"limit": None}), pool=True)
    kept = distinct([*pool, *found.problems], "pool and easier")[len(pool) :]
    facts = {**found.facts, "repeated": len(found.problems) - len(kept)}
    removed: list[Match] = []
    if world.decontamination:
        # Of the pool as well, since it holds the hard test problems, perhaps in another typesetting.
        others = {**benchmarks, "pool": pool}
        kept, removed = _clean("easier", kept, others, world.decontamination, "a benchmark's or the pool's")
        facts["removed"] = _counts(removed)
    if source.limit and len(kept) < source.limit:
        print(f"easier: {len(kept)} problems are left of the {source.limit} that were asked for", file=sys.stderr)
    job.note(easier=facts)
    return kept[: source.limit], removed


def _clean(
    name: str,
    pool: list[Problem],
    benchmarks: dict[str, list[Problem]],
    rule: DecontaminationConfig,
    whose: str = "a benchmark's",
) -> tuple[list[Problem], list[Match]]:
    kept, removed = decontaminate(pool, benchmarks, rule)
    if removed:
        by_rule = ", ".join(f"{count} {name}" for name, count in sorted(Counter(m.rule for m in removed).items()))
        print(f"{name}: {len(removed)} of {len(pool)} problems are {whose} and removed ({by_rule})", file=sys.stderr)
    if not kept:
        raise UserError(
            f"{name}: all {len(pool)} problems are {whose}; name others, or set problems.decontamination=null"
        )
    return kept, removed


def _counts(removed: Sequence[Match]) -> dict[str, Any]:
    return {
        "problems": len(removed),
        "by_rule": dict(Counter(match.rule for match in removed)),
        "by_benchmark": dict(Counter(match.benchmark for match in removed)),
    }


def _list_removed(path: str, removed: Sequence[Match]) -> None:
    columns = ["pool", "problem_id", "rule", "overlap", "benchmark", "benchmark_problem_id", "text", "benchmark_text"]
    rows = [
        (one.source, one.problem_id, m.rule, m.overlap, m.benchmark, m.found.problem_id, one.text, m.found.text)
        for m in removed
        for one in [m.problem]
    ]
    with atomic_path(path) as temporary:
        pd.DataFrame(rows, columns=columns).to_csv(temporary, index=False)
