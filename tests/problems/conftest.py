"""Problems and small files of problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from int_bench.records import Problem


@pytest.fixture
def rows() -> list[dict[str, object]]:
    """Three rows of a data file, with answers of three types."""
    return [
        {"problem": "What is 1 + 1?", "answer": 2, "solution": "Count.", "kind": "number"},
        {"problem": "Which shape has three sides?", "answer": "a triangle", "solution": None, "kind": "description"},
        {"problem": "Solve $x^2 = 4$.", "answer": ["-2", "2"], "solution": "Take roots.", "kind": "set"},
    ]


@pytest.fixture
def jsonl(tmp_path: Path) -> Callable[..., str]:
    """Write rows to a JSONL file and return its path."""

    def write(rows: list[dict[str, object]], name: str = "rows.jsonl") -> str:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write


@pytest.fixture
def problem() -> Callable[..., Problem]:
    """Make a problem of which only id and text matter."""
    return lambda identity, text, source="pool": Problem(identity, source, text, "1", None)
