"""The command line: it answers at once, and what a user can mend is one line."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from int_bench.config import load
from int_bench.layout import Layout
from int_bench.records import Problem, write_records

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from int_bench.cli import main; main()"]


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "COLUMNS": "120"}
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=cwd, env=env, check=False)


def user_seconds(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert run(*arguments).returncode == 0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with a run called ``smoke`` whose problems are written."""
    layout = Layout("smoke")
    config = tmp_path / layout.config
    config.parent.mkdir(parents=True)
    config.write_text(yaml.safe_dump(load(ROOT / "configs" / "smoke.yaml").model_dump(mode="json")))
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    problems = [Problem("p0", "pool", "a=3\nb=a-6\nFind b mod 10.", "7", None)]
    write_records(tmp_path / layout.pool, problems, Problem)
    return tmp_path


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr, without the name of the program; fails if there is more or the code is not 1."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("int-bench: ")
    return line.removeprefix("int-bench: ")


def test_help_answers_at_once():
    assert min(user_seconds("--help") for _ in range(3)) < 0.7


def test_help_lists_the_stages_without_importing_them():
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from int_bench.cli import app\n"
        "out = CliRunner().invoke(app, ['--help'])\n"
        "assert out.exit_code == 0\n"
        "print(out.stdout)\n"
        "heavy = {'torch', 'transformers', 'pyarrow', 'pandas', 'pydantic', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for stage in ("problems", "base", "mine", "hard-set", "propose", "guide", "select", "sft", "rl", "likelihood"):
        assert f" {stage} " in done.stdout


def test_a_shown_configuration_loads_again(tmp_path: Path):
    done = run("config", "show", "smoke", "--set", "rl.kl=0.25", "--set", "seed=9")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "shown.yaml"
    path.write_text(done.stdout)
    assert load(path) == load(ROOT / "configs" / "smoke.yaml", {"rl": {"kl": 0.25}, "seed": 9})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("config", "show", "smoek"), "no configuration file configs/smoek.yaml; did you mean 'smoke'?"),
        (
            ("config", "show", "smoke", "--set", "rl.kll=1"),
            "configs/smoke.yaml: unknown key 'rl.kll'; did you mean 'kl'?",
        ),
        (("config", "show", "smoke", "--set", "rl.kl"), "'rl.kl': an override reads KEY=VALUE, such as rl.kl=0.001"),
        (("config", "show", "smoke", "--set", "rl.kl=[1"), "'rl.kl=[1': the value is not YAML"),
        (("problems", "nosuch"), "no configuration file results/nosuch/config.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_a_user_can_mend_is_one_line(results: Path, arguments: tuple[str, ...], message: str):
    assert one_line(run(*arguments, cwd=results)).startswith(message)


def test_a_missing_model_folder_is_one_line(results: Path):
    line = one_line(run("mine", "smoke", cwd=results))
    assert line == "results/smoke/models/base: no such file or folder"


def test_a_model_folder_without_a_model_is_one_line(results: Path):
    folder = results / Layout("smoke").model("base")
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("no model")
    line = one_line(run("mine", "smoke", cwd=results))
    assert line.startswith("results/smoke/models/base: no model folder")


def test_a_truncated_file_is_one_line(results: Path):
    pool, mining = results / Layout("smoke").pool, results / Layout("smoke").rollouts("mining")
    mining.parent.mkdir(parents=True)
    mining.write_bytes(pool.read_bytes()[:-10])
    line = one_line(run("hard-set", "smoke", cwd=results))
    assert line.startswith("results/smoke/rollouts/mining.parquet: cut short or not a Parquet file")


def test_a_stage_says_where_its_result_went(results: Path):
    done = run("problems", "smoke", cwd=results)
    assert done.returncode == 0, done.stderr
    names = ["easy", "fan_out", "sums", "pool", "easier"]
    assert done.stdout.splitlines() == [f"results/smoke/problems/{name}.parquet" for name in names]
    assert all((results / path).is_file() for path in done.stdout.splitlines())
