"""The cache of findings: what it keeps and between whom, and that nothing which befalls its file stops grading."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from int_bench.grading import Grader, Limits, cache
from int_bench.grading.cache import Findings, grader_version

RIGHT, WRONG = ("correct", "math_verify"), ("wrong", "math_verify")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "grades.sqlite"


def kept(file: Path) -> Findings:
    """A cache with one finding, closed and opened again."""
    findings = Findings(file)
    findings.put("x+1", "1+x", RIGHT)
    findings.close()
    return Findings(file)


def test_a_finding_is_kept_for_the_next_time(file: Path):
    findings = kept(file)
    assert findings.get("x+1", "1+x") == RIGHT
    assert findings.get("1+x", "x+1") is None
    findings.put("x+2", "1+x", WRONG)
    findings.close()
    findings.close()
    assert Findings(file).get("x+2", "1+x") == WRONG
    assert os.listdir(file.parent) == [file.name]


@pytest.mark.parametrize("text", ["", "a\0b", "\ud800", "x" * 10_000], ids=["empty", "NUL", "surrogate", "long"])
def test_any_text_can_be_kept(file: Path, text: str):
    findings = Findings(file)
    findings.put(text, "5", WRONG)
    findings.put("5", text, RIGHT)
    findings.close()
    assert (Findings(file).get(text, "5"), Findings(file).get("5", text)) == (WRONG, RIGHT)


def test_another_version_of_the_grader_finds_nothing(file: Path, monkeypatch):
    kept(file).close()
    monkeypatch.setattr(cache, "grader_version", lambda: "another")
    assert Findings(file).get("x+1", "1+x") is None


def test_under_another_limit_of_memory_it_finds_nothing(file: Path):
    kept(file).close()
    assert Findings(file, memory=1 << 20).get("x+1", "1+x") is None


def test_the_version_is_that_of_the_source_and_of_the_libraries(tmp_path: Path, monkeypatch):
    versions = {grader_version()}
    for change in (
        lambda: monkeypatch.setattr("importlib.metadata.version", lambda name: "9.9"),
        lambda: (tmp_path / "exact.py").write_text("new"),
        lambda: monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py")),
        lambda: (tmp_path / "exact.py").write_text("newer"),
    ):
        change()
        versions.add(grader_version.__wrapped__())
    assert len(versions) == 4  # the file written before anybody looked there changes nothing


def test_without_a_file_it_remembers_all_the_same(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    findings = Findings()
    findings.put("x+1", "1+x", RIGHT)
    assert findings.get("x+1", "1+x") == RIGHT
    findings.close()
    assert os.listdir(tmp_path) == []


def test_memory_is_bounded_and_the_file_has_the_rest(file: Path, monkeypatch):
    monkeypatch.setattr(cache, "_REMEMBERED", 10)
    findings = Findings(file)
    for n in range(100):
        findings.put(str(n), "5", WRONG)
    findings.close()
    assert len(findings._memory) == 10
    assert [findings.get(str(n), "5") for n in range(100)] == [WRONG] * 100


PROCESS = """
import sys
from pathlib import Path
from int_bench.grading.cache import Findings
findings = Findings(Path(sys.argv[1]))
for n in range(300):
    findings._written = 0.0  # so that each finding is a commit
    findings.put(f"{sys.argv[2]} {n}", "5", ("wrong", "math_verify"))
    assert findings.get(f"{sys.argv[2]} {n // 2}", "5")
print("done", flush=True)
if sys.argv[3] == "hang":
    findings._written = float("inf")
    findings.put("lost", "5", ("wrong", "math_verify"))
    sys.stdin.read()
findings.close()
"""


def start(file: Path, name: str, end: str = "close") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROCESS, str(file), name, end]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **pipes)


def test_processes_write_at_once_and_lose_nothing(file: Path):
    processes = [start(file, name) for name in "abc"]
    assert [process.communicate(timeout=60) for process in processes] == [("done\n", "")] * 3
    findings = Findings(file)
    assert all(findings.get(f"{name} {n}", "5") for name in "abc" for n in range(300))


def test_a_kill_loses_only_the_last_moment(file: Path):
    with start(file, "a", "hang") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        process.send_signal(signal.SIGKILL)
    findings = Findings(file)
    assert all(findings.get(f"a {n}", "5") for n in range(300))
    assert findings.get("lost", "5") is None


def test_kills_at_any_time_leave_a_file_that_works(file: Path, capsys):
    for n in range(8):
        with start(file, str(n)) as process:
            while not file.exists():
                time.sleep(0.001)
            time.sleep(0.02 * n)
            process.kill()
    findings = kept(file)
    assert findings.get("x+1", "1+x") == RIGHT
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", ["foreign", "cut", "pages"])
def test_a_damaged_file_is_said_to_be_and_made_anew(file: Path, capsys, damage: str):
    findings = Findings(file)
    for n in range(2_000):
        findings.put(str(n), "5", WRONG)
    findings.close()
    whole = file.read_bytes()
    file.write_bytes(
        {"foreign": b"not a database" * 999, "cut": whole[: len(whole) // 2], "pages": whole[:4096] + b"\7" * 200_000}[
            damage
        ]
    )
    findings = Findings(file)
    assert [findings.get(str(n), "5") for n in range(2_000)].count(WRONG) < 2_000
    findings.put("x+1", "1+x", RIGHT)
    findings.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"int-bench: {file}: cache of grades damaged, made anew (")
    assert Findings(file).get("x+1", "1+x") == RIGHT


def test_a_file_that_cannot_be_used_is_said_to_be_once_and_left_alone(tmp_path: Path, capsys):
    (tmp_path / "file").write_text("in the way")
    findings = Findings(tmp_path / "file" / "grades.sqlite")
    for _ in range(2):
        assert findings.get("x+1", "1+x") is None
    findings.put("x+1", "1+x", RIGHT)
    assert findings.get("x+1", "1+x") == RIGHT
    findings.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert "cache of grades not used (" in line
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_file_that_another_process_never_lets_go_is_not_used(file: Path, capsys, monkeypatch):
    kept(file).close()
    monkeypatch.setattr(cache, "_PATIENCE_SECONDS", 0.2)
    other = sqlite3.connect(file)
    other.execute("BEGIN EXCLUSIVE")
    findings = Findings(file)
    assert findings.get("x+1", "1+x") is None
    other.close()
    assert "locked" in capsys.readouterr().err
    assert Findings(file).get("x+1", "1+x") == RIGHT


def test_a_grader_opens_the_file_only_for_what_takes_a_worker_and_keeps_only_what_is_final(file: Path):
    with Grader(Limits(seconds=2.0), cache=file) as grader:
        assert grader.grade(r"\boxed{1/2}", "stop", "0.5").correct
        assert not file.exists()
        assert grader.grade(r"\boxed{9^{9^{9^{9}}}}", "stop", "5").status == "timed_out"
        assert grader.grade(r"\boxed{\int_0^2 2x\,dx}", "stop", "4").correct
    rows = sqlite3.connect(file).execute("SELECT verdict, method FROM findings").fetchall()
    assert rows == [RIGHT]


def test_a_second_grader_asks_no_worker_again(file: Path, worker_processes):
    for _ in range(2):
        with Grader(cache=file) as grader:
            assert grader.grade(r"\boxed{\int_0^2 2x\,dx}", "stop", "4").correct
            running = len(worker_processes())
    assert running == 0


def test_the_key_keeps_answer_and_gold_apart(file: Path):
    findings = Findings(file)
    pairs = [("a", "b,c"), ("a,b", "c"), ('a", "b', "c"), ("a\0b", "c"), ("a", "b\0c")]
    for n, (answer, gold) in enumerate(pairs):
        findings.put(answer, gold, (str(n), "math_verify"))  # type: ignore[arg-type]
    findings.close()
    again = Findings(file)
    assert json.dumps([again.get(*pair)[0] for pair in pairs]) == json.dumps([str(n) for n in range(len(pairs))])
