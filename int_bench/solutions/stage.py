"""The stage ``solutions``: whole solutions of the hard training problems, from whoever writes them."""

from __future__ import annotations

from collections.abc import Iterable

from int_bench.config import ReferenceSolutions, ReplaySolutions, RunConfig
from int_bench.layout import Layout, solution_sources
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import Problem, Solution, read_records, write_records
from int_bench.solutions.written import references, replayed


def make_solutions(config: RunConfig, layout: Layout, name: str) -> str:
    """Write the solutions of one of the run's ``solutions``."""
    wanted, output, posed = config.solutions_of(name), layout.solutions(name), layout.problems("hard_train")
    inputs = [posed, *solution_sources(config, name)]
    with Job("solutions", output, reads("solutions", config, name), inputs) as job:
        problems = read_records(posed, Problem)
        found: Iterable[Solution]
        if isinstance(wanted, ReferenceSolutions):
            found = references(problems)
        elif isinstance(wanted, ReplaySolutions):
            found = replayed(wanted.source, problems)
        else:
            raise NotImplementedError(wanted.kind)
        rows = list(found)
        write_records(output, rows, Solution)
        kept = [row for row in rows if row.kept]
        job.note(solutions=len(rows), kept=len(kept), problems=len({row.problem_id for row in kept}))
    return output
