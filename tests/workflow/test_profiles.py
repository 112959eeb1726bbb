"""Each profile is one that Snakemake takes; the one for Kubernetes is run against a stub of kubectl."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.smoke.conftest import ROOT, Workplace, quiet, workplace

PROFILES = sorted(path.name for path in (ROOT / "configs" / "profiles").iterdir())
GPUS = {**dict.fromkeys(("evaluate", "filter", "guide", "likelihood", "mine", "sample"), 1), "rl": 8, "sft": 8}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return workplace(tmp_path_factory.mktemp("profiles"))


def dry_run(place: Workplace, profile: str, config: str) -> str:
    return place.run("snakemake", "-n", "--workflow-profile", f"configs/profiles/{profile}", "--config", config).stdout


@pytest.mark.parametrize("profile", PROFILES)
def test_profile_is_taken_and_rules_that_run_a_model_ask_for_a_gpu(place: Workplace, profile: str):
    said = dry_run(place, profile, "run=paper-e3")
    # Its companion's rules ask for the same, and its oracle's refinements for one.
    blocks = {
        block.split(":")[0].removeprefix("qwen3_"): re.search(r"\bgpu=(\d+)", block)
        for block in said.split("\nrule ")[1:]
    }
    asked = {rule: int(found[1]) for rule, found in blocks.items() if found and found[1] != "0"}
    # A machine with one GPU has no more to give.
    assert asked == {rule: min(count, 1) if profile == "local.yaml" else count for rule, count in GPUS.items()}


def test_an_unknown_option_in_a_profile_is_an_error(place: Workplace):
    (place.folder / "configs/profiles/wrong.yaml").write_text("cores: 2\nnonsense: true\n")
    with pytest.raises(AssertionError, match="unrecognized arguments: --nonsense"):
        dry_run(place, "wrong.yaml", "run=smoke")


def made_on_kubernetes(place: Workplace, jobs: Path, lost: int) -> tuple[int, list[dict]]:
    """Make the problems on a stub of a cluster that loses so many pods: Snakemake's exit status, and the Jobs made."""
    jobs.mkdir()
    stub = Path(__file__).with_name("kubectl")
    path = f"{stub.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [
        "snakemake",
        "--workflow-profile",
        "configs/profiles/kubernetes.yaml",
        "--seconds-between-status-checks",
        "1",
    ]
    asked = ["--config", "run=smoke", "--until", "problems", "--set-resources", "problems:gpu=2"]
    env = {**quiet(), "PATH": path, "JOBS": str(jobs), "LOST": str(lost)}
    done = subprocess.run([*command, *asked], cwd=place.folder, env=env, capture_output=True)
    return done.returncode, [json.loads(path.read_text()) for path in sorted(jobs.iterdir())]


def test_a_stage_runs_as_a_kubernetes_job_and_again_if_its_pod_is_lost(place: Workplace, tmp_path: Path):
    status, made = made_on_kubernetes(place, tmp_path / "jobs", lost=1)
    assert status == 0
    assert (place.results / "problems/pool.parquet").exists()
    assert [job["failed"] for job in made] == [True, False]
    for job in made:
        assert job["job"]["metadata"]["labels"]["rule"] == "problems"
        (container,) = job["job"]["spec"]["template"]["spec"]["containers"]
        assert container["resources"] == {
            "requests": {"cpu": "1"},
            "limits": {"memory": "32000M", "nvidia.com/gpu": "2"},
        }


def test_a_kubernetes_job_is_given_up_in_the_end(tmp_path: Path):
    status, made = made_on_kubernetes(workplace(tmp_path / "place"), tmp_path / "jobs", lost=9)
    assert status != 0
    assert [job["failed"] for job in made] == [True] * 4


@pytest.mark.parametrize(
    ("answer", "status"),
    [("job/1/", "success"), ("job//1", "failed"), ("job//", "running"), ("", "failed"), (None, "running")],
)
def test_status_of_a_kubernetes_job(tmp_path: Path, answer: str | None, status: str):
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\n" + ("exit 1\n" if answer is None else f"printf %s '{answer}'\n"))
    kubectl.chmod(0o755)
    env = {**quiet(), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = [str(ROOT / "configs/kubernetes/status"), "job"]
    assert subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip() == status


def test_the_guide_names_all_rules_and_sends_those_that_use_a_gpu_to_its_partition(place: Workplace):
    guide = (ROOT / "docs" / "clusters.md").read_text()
    rules = {rule.removeprefix("qwen3_") for rule in place.planned(run="paper-e3")} - {"all", "total"}
    assert rules <= set(re.findall(r"`(\w+)`", guide.split("## What the jobs ask for")[1].split("Memory (32 GB)")[0]))
    block = guide.split("set-resources:")[1].split("```")[0]
    assert set(re.findall(r"^ +(\w+): [&*]gpu", block, re.MULTILINE)) == set(GPUS)
