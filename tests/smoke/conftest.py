"""One smoke run of the whole workflow, shared by all tests that look at its results."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "rules", "configs", "int_bench", "tests/data")


@dataclass(frozen=True)
class Workplace:
    """A copy of the project's files in which the workflow runs."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "smoke"

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        tool = Path(sys.executable).parent / command[0]
        done = subprocess.run([tool, *command[1:]], cwd=self.folder, capture_output=True, text=True, env=quiet())
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("snakemake", "--cores", "2", *arguments, check=check)

    def planned(self, *overrides: str, run: str = "smoke") -> dict[str, int]:
        """Rules that a run with these overrides would start, and how many jobs of each."""
        said = self.run("snakemake", "-n", "--quiet", "rules", "--config", f"run={run}", *overrides).stdout
        lines = [line.split() for line in said.split("Job stats:")[-1].splitlines()]
        return {words[0]: int(words[1]) for words in lines if len(words) == 2 and words[1].isdigit()}


def quiet() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "MPLBACKEND": "Agg", "TOKENIZERS_PARALLELISM": "false"}


def workplace(folder: Path) -> Workplace:
    for part in PARTS:
        source, target = ROOT / part, folder / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return Workplace(folder)


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The finished smoke run; test processes that run side by side share it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each process has a folder of its own in that of the session
    with FileLock(shared / "smoke.lock"):
        folder = shared / "smoke"
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            workplace(folder).snakemake("--config", "run=smoke")
            (folder / "done").touch()
    return Workplace(folder)


@pytest.fixture
def copied(smoke: Workplace, tmp_path: Path) -> Workplace:
    """A copy of the finished run that a test may change."""
    shutil.copytree(smoke.folder, tmp_path / "copy", symlinks=True)
    return Workplace(tmp_path / "copy")
