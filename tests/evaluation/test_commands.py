"""The commands ``evaluate``, ``benchmarks`` and ``export``, as they are typed, and a kill of the first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from int_bench.layout import EvaluationLayout
from int_bench.problems.registry import registry
from int_bench.records import Rollout, read_records
from int_bench.rollouts.journal import Stream
from tests.test_cli import COMMAND, one_line, run


@pytest.fixture
def evaluate(model_folder: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``int-bench evaluate`` on the tiny model in a folder of its own."""

    def type_(*arguments: str) -> subprocess.CompletedProcess[str]:
        fixed = ["--max-new-tokens", "8", "--set", "rows=64", "--instruction", ""]
        return run("evaluate", "--model", str(model_folder), *fixed, *arguments, cwd=tmp_path)

    return type_


def test_a_model_is_evaluated_and_exported(evaluate: Callable, write_benchmark: Callable, tmp_path: Path):
    done = evaluate("--benchmarks", f"olymmath-en-easy,{write_benchmark('mine', 3)}", "--n", "4", "--limit", "5")
    assert done.returncode == 0, done.stderr
    header, _, _, easy, mine, settings, path = done.stdout.splitlines()
    assert header.split()[:3] == ["benchmark", "problems", "n"]
    assert "pass@1" in header
    assert "pass@4" in header
    assert easy.split()[0] == "olymmath-en-easy"
    assert mine.split()[:3] == ["mine", "3", "4"]
    assert settings == "temperature 0.6, top-p 0.95, top-k 20 (default, as e3-1.7B); seed 0"
    assert path == "results/evaluate/tiny-model/results.json"
    layout = EvaluationLayout(str(tmp_path / "results/evaluate/tiny-model"))
    assert json.loads(Path(layout.results).read_text())["benchmarks"]["mine"]["rollouts"] == 12

    exported = run("export", layout.rollouts("mine"), "--to", "lm-eval", "--output", "export", cwd=tmp_path)
    assert exported.returncode == 0, exported.stderr
    samples, results = (tmp_path / line for line in exported.stdout.splitlines())
    assert len(samples.read_text().splitlines()) == 3
    assert json.loads(results.read_text())["model_name"] == "tiny-model"


def test_settings_can_be_given(evaluate: Callable, write_benchmark: Callable, tmp_path: Path):
    given = [
        "--temperature",
        "1.5",
        "--top-p",
        "0.5",
        "--top-k",
        "3",
        "--seed",
        "9",
        "--ks",
        "2,1",
        "--output",
        "there",
    ]
    done = evaluate("--benchmarks", write_benchmark("mine", 2), "--n", "2", *given)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "there" / "results.json").read_text())
    sampling = {"temperature": 1.5, "top_p": 0.5, "top_k": 3, "max_new_tokens": 8, "stop": []}
    assert results["benchmarks"]["mine"]["sampling"] == sampling
    assert (results["seed"], list(results["benchmarks"]["mine"]["pass_at"])) == (9, ["1", "2"])
    assert results["decoding"] == "default, as e3-1.7B; given: temperature, top_p, top_k"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--benchmarks", "olymath-en-easy"], "no pool or benchmark 'olymath-en-easy' in the registry; did you mean"),
        (["--benchmarks", "olymmath-en-easy", "--ks", "1,x"], "--ks: '1,x' is no list of numbers"),
        (["--benchmarks", "olymmath-en-easy", "--model", "nowhere"], "nowhere: no such file or folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_a_user_can_mend_is_one_line(evaluate: Callable, arguments: list[str], message: str):
    assert one_line(evaluate(*arguments)).startswith(message)


def test_a_kill_loses_nothing_that_was_finished(
    model_folder: Path, write_benchmark: Callable, tmp_path: Path, same_but_for_rounding: Callable
):
    path = write_benchmark("mine", 12)
    arguments = ["evaluate", "--model", str(model_folder), "--benchmarks", path, "--n", "32", "--set", "rows=8"]
    arguments += ["--max-new-tokens", "150", "--output"]
    assert run(*arguments, "alone", cwd=tmp_path).returncode == 0
    work = tmp_path / "killed" / "rollouts" / ".work"
    running = subprocess.Popen(
        [*COMMAND, *arguments, "killed"],
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stderr=subprocess.DEVNULL,
    )
    while running.poll() is None and sum(file.stat().st_size for file in work.rglob("*.arrows")) < 50_000:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    (folder,) = work.iterdir()
    kept = sum(len(batch) for path in folder.glob("*.arrows") for _, batch in Stream(path).added())
    assert 0 < kept < 12 * 32, "the evaluation was to be killed in the middle"
    assert not (tmp_path / "killed" / "results.json").exists()
    again = run(*arguments, "killed", cwd=tmp_path)
    assert again.returncode == 0
    assert f"evaluation: {kept} of {12 * 32} were sampled before" in again.stderr
    rows = [
        read_records(EvaluationLayout(str(tmp_path / name)).rollouts("mine"), Rollout) for name in ("alone", "killed")
    ]
    assert same_but_for_rounding(*rows)


def test_the_list_of_benchmarks_is_the_registry():
    done = subprocess.run([*COMMAND, "benchmarks"], capture_output=True, text=True, check=True)
    table, _, notes = done.stdout.split("\n\n")
    lines = table.splitlines()[2:]
    assert [line.split()[0] for line in lines] == list(registry())
    for line, row in zip(lines, registry().values(), strict=True):
        assert (" bundled " in line) == row.bundled
        assert row.licence in line
    assert "imo-answerbench-40: Not the paper's 40, which are not published." in notes.splitlines()


def test_the_list_needs_no_torch():
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from int_bench.cli import app\n"
        "assert CliRunner().invoke(app, ['benchmarks']).exit_code == 0\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
