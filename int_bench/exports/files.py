"""The kinds of files that exports to trainers are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from int_bench.records import Problem, atomic_path, write_text

IDS = pa.list_(pa.int32())
CHAT = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
"""Column types of token ids and of a conversation."""


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> Path:
    """Write rows to a Parquet file, atomically; returns its path."""
    with atomic_path(path) as temporary:
        pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), temporary)
    return path


def write_config(path: Path, note: str, values: Mapping[str, Any]) -> Path:
    """Write a trainer's configuration as YAML under a comment of one line, atomically; returns its path."""
    write_text(path, f"# {note}\n{yaml.safe_dump(values, sort_keys=False)}")
    return path


def user_turn(problem: Problem) -> list[dict[str, str]]:
    """A problem as a conversation, to which the trainer applies the model's own chat template."""
    return [{"role": "user", "content": problem.text}]
