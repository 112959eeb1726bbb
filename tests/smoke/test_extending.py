"""docs/extending.md, carried out as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from int_bench.records import Intervention, Problem, Solution, read_records
from tests.smoke.conftest import ROOT, Workplace, quiet, workplace

GUIDE = (ROOT / "docs" / "extending.md").read_text()
BLOCK = re.compile(r"(?:(?P<before>[^\n]+)\n)?\n```(?P<language>\w+)\n(?P<text>.*?)```\n", re.DOTALL)
TO_DO = re.compile(r"(New file|At the end of|In) `([^`]+)`(?:, (below|in place of) `([^`]+)`)?:")


@dataclass(frozen=True)
class Place:
    """A copy of the project to which the guide was applied, and what its commands said."""

    folder: Path
    said: list[str]

    def run(self, command: str) -> str:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        env = {**quiet(), "PATH": path, "PYTHONPATH": str(self.folder)}
        done = subprocess.run(["bash", "-ec", command], cwd=self.folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def edit(self, kind: str, path: str, how: str | None, line: str | None, text: str) -> None:
        file = self.folder / path
        if kind == "New file":
            file.parent.mkdir(exist_ok=True)
            assert not file.exists()
            file.write_text(text)
            return
        lines = file.read_text().splitlines(keepends=True)
        if how is None:
            lines.append(text)
        else:
            (at,) = [i for i, found in enumerate(lines) if found == f"{line}\n"]
            lines[at : at + 1] = [lines[at], text] if how == "below" else [text]
        file.write_text("".join(lines))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("extended"), [])
    workplace(place.folder)
    for block in BLOCK.finditer(GUIDE):
        if block["language"] == "sh":
            place.said.append(place.run(block["text"]))
        else:
            to_do = TO_DO.fullmatch(block["before"])
            assert to_do, block["before"]
            place.edit(*to_do.groups(), block["text"])
    return place


def test_every_part_has_its_commands(place: Place):
    assert len(place.said) == 6
    assert "configs/ablations.yaml" in place.said[0]
    assert "strong_kl_rl" in place.said[0]
    assert "one_epoch_only_sft" in place.said[1]
    assert "mean_of_two_average" in place.said[2]
    assert "mean_of_two_sft" not in place.said[2]
    assert "results/smoke/models/random_suffix" in place.said[3]
    assert "results/smoke/models/rl-random_suffix" in place.said[3]
    assert "results/smoke/solutions/answers.parquet" in place.said[3]
    assert re.search(r"my-olympiad +benchmark +2 ", place.said[4]), place.said[4]
    assert "results/smoke/interventions/last.parquet" in place.said[5]


def test_the_benchmark_was_read(place: Place):
    found = read_records(place.folder / "results/real-smoke/problems/my_olympiad.parquet", Problem)
    assert [(problem.text, problem.answer) for problem in found] == [
        ("What is $2^{10}$?", "1024"),
        (r"What is $\frac{1}{2} + \frac{1}{3}$?", r"\frac{5}{6}"),
    ]


def test_the_new_oracle_and_the_new_solutions_work(place: Place, smoke: Workplace):
    for part in ("problems", "rollouts", "models"):
        (place.folder / "results" / "smoke").mkdir(parents=True, exist_ok=True)
        (place.folder / "results" / "smoke" / part).symlink_to(smoke.results / part)
    place.run("int-bench config show smoke > results/smoke/config.yaml; int-bench propose smoke last")
    place.run("int-bench solutions smoke answers; python -m doctest int_bench/solutions/bare.py")
    said = read_records(place.folder / "results/smoke/interventions/last.parquet", Intervention)
    assert said
    assert {row.location for row in said if row.status == "proposed"} == {row.steps - 2 for row in said}
    written = read_records(place.folder / "results/smoke/solutions/answers.parquet", Solution)
    assert all(row.kept and row.text.startswith(r"\boxed{(") for row in written)
