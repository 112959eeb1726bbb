"""Rollouts that were stored with a grade, together with the gold answers, which lie in the files of problems."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from int_bench.errors import UserError
from int_bench.grading.grade import Grade
from int_bench.layout import Layout
from int_bench.manifest import manifest_path
from int_bench.records import Problem, Rollout, Status, atomic_path, read_table, schema_of

_COLUMNS = ["rollout_id", "problem_id", "problem_set", "prefix", "text", "finish_reason", "status"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored rollout: what a grader reads, and the status that it was given."""

    rollout_id: str
    response: str
    finish_reason: str
    handed_over: int
    gold: str
    status: Status


def rollout_files(sources: Sequence[str]) -> list[Path]:
    """The files meant by a list of runs, by name or by folder, and of files of rollouts.

    Raises UserError for a source that is neither, or a run without rollouts.
    """
    files: list[Path] = []
    for source in sources:
        if source.endswith(".parquet"):
            files.append(Path(source))
            continue
        roots = [Path(Layout(source).root), Path(source)]
        found = [
            path for root in roots for kind in ("rollouts", "evaluation") for path in root.glob(f"{kind}/*.parquet")
        ]
        if not found:
            raise UserError(f"{source}: neither a .parquet file nor a run with rollouts")
        files += sorted(found)
    return files


def read_stored(path: Path, problems: Sequence[Path]) -> list[Stored]:
    """Read a file of rollouts; gold answers are taken from the files of problems given, or else from those of its run.

    Raises UserError for a rollout whose problem is in none of them or has two gold answers there, and RecordError for
    a file that cannot be read.
    """
    golds: dict[str, dict[str, str]] = {}
    prefix_counts = _prefix_counts(path)
    rows = []
    for row in read_table(path, Rollout, _COLUMNS).to_pylist():
        problem_id, name = row["problem_id"], "" if problems else row["problem_set"]
        if name not in golds:
            golds[name] = _gold_answers(problems or [path.parent.parent / "problems" / f"{name}.parquet"])
        if problem_id not in golds[name]:
            raise UserError(f"{path}: no gold answer of problem {problem_id!r}; name its file with --gold")
        response = row["prefix"] + row["text"]
        gold, handed_over = golds[name][problem_id], 0 if prefix_counts else len(row["prefix"])
        rows.append(Stored(row["rollout_id"], response, row["finish_reason"], handed_over, gold, row["status"]))
    return rows


def _prefix_counts(path: Path) -> bool:
    """Whether a box in the prefix counted when the rollouts were graded, as their manifest says."""
    manifest = manifest_path(path)
    reads = json.loads(manifest.read_text())["reads"] if manifest.exists() else {}
    return bool(reads.get("grading", {}).get("prefix_boxes"))


def write_regraded(path: Path, output: Path, grades: Sequence[Grade]) -> None:
    """Write a copy of a file of rollouts with other grades, atomically."""
    table = read_table(path, Rollout)
    for name in ("status", "extracted", "method", "correct"):
        field = schema_of(Rollout).field(name)
        column = pa.array([getattr(grade, name) for grade in grades], field.type)
        table = table.set_column(table.schema.get_field_index(name), field, column)
    with atomic_path(output) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def _gold_answers(files: Sequence[Path]) -> dict[str, str]:
    golds: dict[str, str] = {}
    for file in files:
        for row in read_table(file, Problem, ["problem_id", "answer"]).to_pylist():
            if golds.setdefault(row["problem_id"], row["answer"]) != row["answer"]:
                raise UserError(f"{file}: problem {row['problem_id']!r} has another gold answer in another file")
    return golds
