"""A folder with a tiny model, and benchmarks of a few problems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from int_bench.evaluation.decoding import Decoding
from int_bench.evaluation.model import Settings
from int_bench.models import save_model
from int_bench.records import Problem


@pytest.fixture(scope="session")
def model_folder(tiny_model, tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two layers with random weights, whose context holds 192 tokens."""
    folder = tmp_path_factory.mktemp("models") / "tiny-model"
    save_model(tiny_model, tokenizer, folder)
    return folder


@pytest.fixture
def settings(model_folder: Path) -> Callable[..., Settings]:
    """What is asked of the tiny model."""

    def make(**changes: object) -> Settings:
        values: dict = {"samples": 3, "ks": (1, 3), "max_new_tokens": 10, "instruction": ""}
        return Settings(str(model_folder), decoding=Decoding(1.0, 1.0, 0, "test"), **{**values, **changes})

    return make


@pytest.fixture
def write_benchmark(tmp_path: Path, problems: list[Problem]) -> Callable[..., str]:
    """Write the first problems of the synthetic world to a file; returns its path."""

    def write(name: str, count: int, extra: list[dict[str, str]] | None = None) -> str:
        rows = [{"problem": row.text, "answer": row.answer} for row in problems[:count]] + (extra or [])
        path = tmp_path / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write
