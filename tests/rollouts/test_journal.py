"""The journal: what a killed process leaves behind, and what others see of it."""

from __future__ import annotations

import multiprocessing
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from int_bench.engines import Ask, Completion, Finished, Prompt
from int_bench.rollouts import journal as journal_module
from int_bench.rollouts.journal import Journal

KEYS = ["a", "b", "c"]


def finished(key: str, sample: int, length: int = 3) -> Finished:
    logprobs = tuple(np.linspace(-2, -0.1, length, dtype=np.float32).tolist())
    done = Completion(tuple(range(length)), f"{key} é {sample}", "stop" if sample % 2 else "length", logprobs)
    return Finished(Ask(Prompt(key, (1,)), sample), done)


def test_what_was_appended_is_read_back(tmp_path: Path):
    rows = [finished("a", 0), finished("a", 1, length=0), finished("b", 0, length=700)]
    with Journal(tmp_path, KEYS) as journal:
        journal.append(rows[:1])
        journal.append(rows[1:])
        assert ("a", 0) not in journal
        journal.refresh()
        for ask, done in rows:
            assert journal[ask.prompt.key, ask.sample] == done
        assert ("b", 1) not in journal
    with Journal(tmp_path, KEYS) as again:
        assert again["b", 0] == rows[2].completion


def test_processes_that_work_side_by_side_see_each_others_rows(tmp_path: Path):
    with Journal(tmp_path, KEYS) as one, Journal(tmp_path, KEYS) as two:
        one.append([finished("a", 0)])
        two.append([finished("b", 0)])
        two.refresh()
        assert ("a", 0) in two
        assert ("b", 0) in two
    assert len(list(tmp_path.glob("*.arrows"))) == 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[int]]:
    """A journal of five batches, and the sizes it had after each."""
    folder = tmp_path_factory.mktemp("whole")
    sizes = []
    with Journal(folder, KEYS) as journal:
        (path,) = folder.glob("*.arrows")
        for number in range(5):
            journal.append([finished("a", number, length=number), finished("b", number)])
            sizes.append(path.stat().st_size)
    return path.read_bytes(), sizes


def counted(function: Callable[..., Any], calls: list[object]) -> Callable[..., Any]:
    def count(*arguments: Any) -> Any:
        calls.append(arguments)
        return function(*arguments)

    return count


@given(cut=st.integers(0, 10_000))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_batches_before_the_place_of_a_kill_are_kept(whole, cut: int, tmp_path_factory: pytest.TempPathFactory):
    content, sizes = whole
    folder = tmp_path_factory.mktemp("cut")
    (folder / "0000.arrows").write_bytes(content[:cut])
    kept = sum(size <= cut for size in sizes)
    with Journal(folder, KEYS) as journal:
        assert [(name, i) in journal for i in range(5) for name in "ab"] == [i < kept for i in range(5) for _ in "ab"]
        # Writing goes on in another file, and what is added is there next time.
        journal.append([finished("c", 0)])
    with Journal(folder, KEYS) as again:
        assert ("c", 0) in again
        for number in range(kept):
            assert again["a", number] == finished("a", number, length=number).completion


def _append_and_die(folder: Path) -> None:
    import os

    journal = Journal(folder, KEYS)
    journal.append([finished("a", 0)])
    os.kill(os.getpid(), 9)


def test_what_was_appended_outlives_a_kill_at_once(tmp_path: Path):
    process = multiprocessing.get_context("spawn").Process(target=_append_and_die, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == -9
    with Journal(tmp_path, KEYS) as journal:
        assert journal["a", 0] == finished("a", 0).completion


def test_a_journal_is_mapped_rather_than_loaded(tmp_path: Path):
    with Journal(tmp_path, KEYS) as journal:
        for number in range(20):
            journal.append([finished("a", number, length=100_000)])
    before = pa.total_allocated_bytes()
    with Journal(tmp_path, KEYS) as journal:
        assert ("a", 19) in journal
        assert pa.total_allocated_bytes() - before < 100_000  # of 16 MB


def test_batches_of_one_row_take_little_memory_and_others_none(tmp_path: Path):
    rows, few = 3000, list(map(str, range(10)))
    with Journal(tmp_path, few) as journal:
        for number in range(rows):
            journal.append([finished(str(number // 100), number % 100, length=20)])
    tracemalloc.start()
    before = pa.total_allocated_bytes()
    with Journal(tmp_path, []) as none:
        assert ("0", 0) not in none
        nothing, _ = tracemalloc.get_traced_memory()
    with Journal(tmp_path, few) as journal:
        held, _ = tracemalloc.get_traced_memory()
        assert journal["9", 99] == finished("9", 99, length=20).completion
        assert ("10", 0) not in journal
    tracemalloc.stop()
    assert held - nothing < 1000 * 40
    assert pa.total_allocated_bytes() - before < 20_000


def test_a_refresh_reads_on_where_the_last_one_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with Journal(tmp_path, KEYS) as writer, Journal(tmp_path, KEYS) as reader:
        reads = []
        monkeypatch.setattr(journal_module.Stream, "_message", counted(journal_module.Stream._message, reads))
        for number in range(5):
            writer.append([finished("a", number)])
            reader.refresh()
            assert reader["a", number] == finished("a", number).completion
        # Of each refresh, the new batch and the end; of each look, the batch; and once the schema.
        assert len(reads) <= 5 * 3 + 1
        with pytest.raises(KeyError):
            reader["a", 5]
