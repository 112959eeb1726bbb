"""The command ``import``: write what was published as this package's records, and say what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from int_bench.config import ProblemFile, StepsConfig
from int_bench.imports.published import Published, read_published
from int_bench.interventions.steps import split_steps
from int_bench.records import Intervention, Problem, Rollout, write_jsonl, write_records


def import_published(source: str, folder: Path, split: str) -> list[str]:
    """Read a published data set and write its records; returns counts and the files' paths, a line each.

    Raises UserError as :func:`read_published` does.
    """
    found = read_published(ProblemFile(source=source, split=split), Path(source).stem)
    files = [folder / name for name in ("problems.parquet", "attempts.parquet", "interventions.parquet")]
    write_records(files[0], found.problems.values(), Problem)
    write_records(files[1], found.attempts.values(), Rollout)
    write_records(files[2], found.interventions.values(), Intervention)
    files.append(folder / "interventions.jsonl")
    write_jsonl(files[-1], replayed(found))
    return [*_counts(source, found), *map(str, files)]


def replayed(found: Published) -> list[dict[str, Any]]:
    """The proposed interventions as an oracle of the kind ``replay`` reads them.

    Their location counts steps as a run does, from 0, so that empty blocks do not count.
    """
    return [
        {
            "problem_id": row.problem_id,
            "location": len(split_steps(row.before, StepsConfig())),
            "content": row.content,
            "rollout_id": row.rollout_id,
        }
        for row in found.interventions.values()
        if row.status == "proposed"
    ]


def _counts(source: str, found: Published) -> list[str]:
    revision = f" at {found.revision}" if found.revision else ""
    return [
        f"{source}{revision}: {found.rows} rows",
        f"problems: {len(found.problems)}",
        f"attempts: {len(found.attempts)}{_by_status(row.status for row in found.attempts.values())}",
        f"interventions: {len(found.interventions)}{_by_status(row.status for row in found.interventions.values())}",
        *(f"left out: {count} {what}" for what, count in found.left_out.items()),
        *(f"left out: column {column}" for column in found.unknown),
    ]


def _by_status(statuses: Iterable[str]) -> str:
    listed = ", ".join(f"{count} {status}" for status, count in Counter(statuses).most_common())
    return f" ({listed})" if listed else ""
