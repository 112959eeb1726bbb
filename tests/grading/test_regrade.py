"""Grading stored rollouts again, from the command line: what is read, printed and written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from int_bench.layout import Layout
from int_bench.manifest import manifest_path
from int_bench.records import Problem, Rollout, read_records, write_json, write_records

COMMAND = [sys.executable, "-c", "from int_bench.cli import main; main()"]
LAYOUT = Layout("demo")


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


@pytest.fixture
def folder(tmp_path: Path, make_rollout) -> Path:
    """A folder with a run of two files of rollouts, whose stored grades are an old grader's."""
    problems = [Problem("half", "pool", "?", r"\frac{1}{2}", None), Problem("area", "pool", "?", "4", None)]
    write_records(tmp_path / LAYOUT.problems("pool"), problems, Problem)
    mined = [
        make_rollout("half", r"\boxed{\frac{1}{2}}", status="correct", correct=True, extracted=r"\frac{1}{2}"),
        make_rollout("half", r"\boxed{0.5}", sample=1, status="wrong", extracted="0.5"),
        make_rollout("half", "I think", sample=2, status="wrong", finish_reason="length"),
        make_rollout("half", "2}", sample=3, prefix=r"\boxed{1/", status="wrong"),
        make_rollout("area", "\\boxed{4\x1b[31m\u202e}", status="unparsable", extracted="4\x1b[31m\u202e"),
        make_rollout("area", r"\boxed{\int_0^2 2x\,dx}", sample=1, status="correct", correct=True),
        make_rollout("area", r"\boxed{5}", sample=2, status="wrong", extracted="5"),
        make_rollout("area", "I give up", sample=3, status="wrong"),
    ]
    write_records(tmp_path / LAYOUT.rollouts("mining"), mined, Rollout)
    write_records(tmp_path / LAYOUT.evaluation("base"), mined[:1], Rollout)
    return tmp_path


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cells(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_changes_are_counted_and_shown_and_nothing_is_touched(folder: Path):
    before = contents(folder)
    done = run(folder, "regrade", "demo")
    assert done.returncode == 0, done.stderr
    lines = cells(done.stdout)
    assert "9 rollouts graded again with int-bench: 4 changed" in done.stdout
    assert ["wrong", "correct", "2"] in lines
    assert ["wrong", "truncated", "1"] in lines
    assert ["wrong", "no_answer", "1"] in lines
    assert ["half/1", r"\frac{1}{2}", "0.5", "wrong", "correct"] in lines
    assert ["half/3", r"\frac{1}{2}", "1/2", "wrong", "correct"] in lines
    assert ["half/2", r"\frac{1}{2}", "-", "wrong", "truncated"] in lines
    assert contents(folder) == before


def test_regraded_rollouts_are_written_where_told_and_grade_to_the_same(folder: Path):
    source = LAYOUT.rollouts("mining")
    done = run(folder, "regrade", source, "--write", "new/mining.parquet", "--gold", LAYOUT.problems("pool"))
    assert done.returncode == 0, done.stderr
    old, new = (read_records(folder / path, Rollout) for path in (source, "new/mining.parquet"))
    assert [row.status for row in new] == [
        *("correct", "correct", "truncated", "correct"),
        *("unparsable", "correct", "wrong", "no_answer"),
    ]
    assert [row.correct for row in new] == [row.status == "correct" for row in new]
    assert [row.extracted for row in new][:4] == [r"\frac{1}{2}", "0.5", None, "1/2"]
    assert new[5].method == "math_verify"
    for name in ("rollout_id", "prefix", "text", "token_ids", "logprobs", "finish_reason", "all_steps_right"):
        assert [getattr(row, name) for row in new] == [getattr(row, name) for row in old]
    again = run(folder, "regrade", "new/mining.parquet", "--gold", LAYOUT.problems("pool"))
    assert again.stdout == "8 rollouts graded again with int-bench: 0 changed\n"


def test_another_grader_by_name(folder: Path):
    done = run(folder, "regrade", LAYOUT.rollouts("mining"), "--grader", "strict-box")
    assert ["area/1", "4", r"\int_0^2", r"2x\,dx", "correct", "wrong"] in cells(done.stdout)


def test_a_box_in_the_prefix_counts_if_it_did_when_the_rollouts_were_graded(folder: Path, make_rollout):
    path = folder / LAYOUT.rollouts("with_intervention")
    row = make_rollout("area", " so it is", prefix=r"\boxed{4}", status="correct", correct=True, extracted="4")
    write_records(path, [row], Rollout)
    assert "1 rollouts graded again with int-bench: 1 changed" in run(folder, "regrade", path).stdout
    write_json(manifest_path(path), {"reads": {"grading": {"prefix_boxes": True}}})
    assert "1 rollouts graded again with int-bench: 0 changed" in run(folder, "regrade", path).stdout


def test_all_graders_side_by_side(folder: Path):
    done = run(folder, "graders", LAYOUT.rollouts("mining"))
    assert done.returncode == 0, done.stderr
    lines = cells(done.stdout)
    assert ["int-bench", "50.00%", "4", "1", "1", "1", "1", "0"] in lines
    assert ["strict-box", "12.50%", "1", "5", "1", "1", "0", "0"] in lines
    assert ["int-bench", "strict-box", "3", "0"] in lines
    (shown,) = [line for line in lines if line[:1] == ["half/1"]]
    assert shown == ["half/1", r"\frac{1}{2}", "0.5", "correct", "wrong", "wrong", "correct"]


def test_what_is_printed_cannot_steer_a_terminal(folder: Path, make_rollout):
    rows = [make_rollout("area", "\\boxed{\x1b[31m\u202e" + "9" * 100 + "}", status="correct", correct=True)]
    write_records(folder / LAYOUT.rollouts("mining"), rows, Rollout)
    done = run(folder, "regrade", LAYOUT.rollouts("mining"))
    assert r"\x1b[31m\u202e999" in done.stdout
    assert "9" * 50 not in done.stdout
    assert all(sign.isprintable() or sign == "\n" for sign in done.stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("regrade", "nosuch"), "nosuch: neither a .parquet file nor a run with rollouts"),
        (("regrade", "nosuch.parquet"), "nosuch.parquet: no such file"),
        (("regrade", "demo", "--grader", "mine"), "no grader 'mine'; there are int-bench, strict-box"),
        (("regrade", "demo", "--write", "x.parquet"), "x.parquet: one file can be written, and 2 files of rollouts"),
        (("graders", LAYOUT.problems("pool")), f"{LAYOUT.problems('pool')}: holds problem rows, expected rollout rows"),
        (
            ("graders", LAYOUT.rollouts("mining"), "--gold", "other.parquet"),
            f"{LAYOUT.rollouts('mining')}: no gold answer of problem 'half'; name its file with --gold",
        ),
        (
            ("graders", "demo", "--gold", LAYOUT.pool, "--gold", "other.parquet"),
            "other.parquet: problem 'area' has another gold answer in another file",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_user_can_mend_is_one_line(folder: Path, arguments, message):
    write_records(folder / "other.parquet", [Problem("area", "other", "?", "5", None)], Problem)
    before = contents(folder)
    done = run(folder, *arguments)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"int-bench: {message}")
    assert (done.returncode, done.stdout) == (1, "")
    assert contents(folder) == before


def test_a_rollouts_file_far_from_its_problems_asks_for_them(folder: Path):
    os.rename(folder / LAYOUT.rollouts("mining"), folder / "alone.parquet")
    done = run(folder, "regrade", "alone.parquet")
    assert done.returncode == 1
    assert done.stderr.startswith("int-bench: ")
    assert "pool.parquet: no such file" in done.stderr
    assert run(folder, "regrade", "alone.parquet", "--gold", LAYOUT.pool).returncode == 0
