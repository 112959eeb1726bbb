"""Problems of local files and hub data sets, read through ``datasets``."""

from __future__ import annotations

from pathlib import Path

from int_bench.config import ProblemFile
from int_bench.errors import UserError
from int_bench.records import Problem

_READERS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet"}


def read_problems(name: str, source: ProblemFile) -> list[Problem]:
    """Read one pool or benchmark.

    Raises UserError naming the source for a missing file, a missing column (with those it has) or an empty answer.
    """
    data = _load(source)
    columns = source.columns
    wanted = [c for c in (columns.problem, columns.answer, columns.reference, columns.id) if c]
    for column in wanted:
        if column not in data.column_names:
            raise UserError(f"{source.source}: no column {column!r}; it has {', '.join(data.column_names)}")
    rows = data.select(range(min(source.limit or len(data), len(data))))
    problems = []
    for i, row in enumerate(rows):
        identity = str(row[columns.id]) if columns.id else f"{name}-{i:04d}"
        answer = str(row[columns.answer] or "").strip()
        if not answer:
            raise UserError(f"{source.source}: problem {identity} has an empty answer")
        reference = row[columns.reference] if columns.reference else None
        problems.append(Problem(identity, name, str(row[columns.problem]), answer, reference))
    return problems


def _load(source: ProblemFile):
    import datasets

    path = Path(source.source)
    reader = _READERS.get(path.suffix)
    if reader is None:
        return datasets.load_dataset(source.source, source.subset, split=source.split, revision=source.revision)
    if not path.is_file():
        raise UserError(f"{source.source}: no such file of problems")
    return datasets.load_dataset(reader, data_files=str(path), split="train")
