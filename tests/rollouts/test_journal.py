"""The journal: what a killed process leaves behind, and what others see of it."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from int_bench.engines import Ask, Completion, Finished, Prompt
from int_bench.rollouts.journal import Journal


def finished(key: str, sample: int, length: int = 3) -> Finished:
    logprobs = tuple(np.linspace(-2, -0.1, length, dtype=np.float32).tolist())
    done = Completion(tuple(range(length)), f"{key} é {sample}", "stop" if sample % 2 else "length", logprobs)
    return Finished(Ask(Prompt(key, (1,)), sample), done)


def test_what_was_appended_is_read_back(tmp_path: Path):
    rows = [finished("a", 0), finished("a", 1, length=0), finished("b", 0, length=700)]
    with Journal(tmp_path) as journal:
        journal.append(rows[:1])
        journal.append(rows[1:])
        assert ("a", 0) not in journal
        journal.refresh()
        for ask, done in rows:
            assert journal[ask.prompt.key, ask.sample] == done
        assert ("b", 1) not in journal
    with Journal(tmp_path) as again:
        assert again["b", 0] == rows[2].completion


def test_processes_that_work_side_by_side_see_each_others_rows(tmp_path: Path):
    with Journal(tmp_path) as one, Journal(tmp_path) as two:
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
    with Journal(folder) as journal:
        (path,) = folder.glob("*.arrows")
        for number in range(5):
            journal.append([finished("a", number, length=number), finished("b", number)])
            sizes.append(path.stat().st_size)
    return path.read_bytes(), sizes


@given(cut=st.integers(0, 10_000))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_batches_before_the_place_of_a_kill_are_kept(whole, cut: int, tmp_path_factory: pytest.TempPathFactory):
    content, sizes = whole
    folder = tmp_path_factory.mktemp("cut")
    (folder / "0000.arrows").write_bytes(content[:cut])
    kept = sum(size <= cut for size in sizes)
    with Journal(folder) as journal:
        assert [(name, i) in journal for i in range(5) for name in "ab"] == [i < kept for i in range(5) for _ in "ab"]
        # Writing goes on in another file, and what is added is there next time.
        journal.append([finished("c", 0)])
    with Journal(folder) as again:
        assert ("c", 0) in again
        for number in range(kept):
            assert again["a", number] == finished("a", number, length=number).completion


def _append_and_die(folder: Path) -> None:
    import os

    journal = Journal(folder)
    journal.append([finished("a", 0)])
    os.kill(os.getpid(), 9)


def test_what_was_appended_outlives_a_kill_at_once(tmp_path: Path):
    process = multiprocessing.get_context("spawn").Process(target=_append_and_die, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == -9
    with Journal(tmp_path) as journal:
        assert journal["a", 0] == finished("a", 0).completion


def test_a_journal_is_mapped_rather_than_loaded(tmp_path: Path):
    import pyarrow as pa

    with Journal(tmp_path) as journal:
        for number in range(20):
            journal.append([finished("a", number, length=100_000)])
    before = pa.total_allocated_bytes()
    with Journal(tmp_path) as journal:
        assert ("a", 19) in journal
        assert pa.total_allocated_bytes() - before < 100_000  # of 16 MB
