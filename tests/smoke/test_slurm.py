"""The workflow on a real Slurm cluster of one node, with the profile that users have; jobs are lost on the way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from int_bench.layout import TABLES
from tests.smoke.conftest import Workplace, quiet

CONF = Path("/etc/slurm/slurm.conf")
# Its configuration decides, not whether it answers: a cluster that was started and died fails these tests.
STARTED = CONF.exists() and "ClusterName=intbench" in CONF.read_text()
pytestmark = pytest.mark.skipif(not STARTED, reason="no Slurm to run on: type `.ci/slurm start` (as root, on Debian)")

# The plugin looks after its jobs every 40 seconds, and the DAG is 13 jobs deep: most of ten minutes would be waiting.
# Only that wait is cut short.
SNAKEMAKE = """
import asyncio
import snakemake_executor_plugin_slurm as plugin
from snakemake.cli import main

plugin.common_settings.init_seconds_before_status_checks = 1
plugin.Executor.sleep = lambda self: asyncio.sleep(1)
main()
"""
PROFILE = ["--workflow-profile", "configs/profiles/slurm.yaml", "--config", "run=smoke"]


@dataclass(frozen=True)
class SlurmJob:
    """A row of Slurm's accounting."""

    number: int
    state: str
    requested: str
    comment: str
    folder: str

    @property
    def rule(self) -> str:
        return self.comment.removeprefix("rule_").split("_wildcards_")[0]


def slurm(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def slurm_jobs(place: Workplace) -> list[SlurmJob]:
    """All jobs that were submitted from a folder, in the order of their submission."""
    rows = slurm("sacct", "-X", "-n", "-P", "-S", "now-1days", "-o", "JobID,State,ReqTRES,Comment,WorkDir")
    jobs = [SlurmJob(int(number), *rest) for number, *rest in (row.split("|") for row in rows.splitlines())]
    return [job for job in jobs if job.folder == str(place.folder)]


def start(place: Workplace, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SNAKEMAKE, *PROFILE, *options]
    with (place.folder / "snakemake.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=place.folder, env={"USER": "root", **quiet()}, stdout=log, stderr=subprocess.STDOUT
        )


def said(place: Workplace) -> str:
    return (place.folder / "snakemake.log").read_text()


def first_running(place: Workplace, rule: str, snakemake: subprocess.Popen[bytes]) -> int:
    """The number of a job of a rule, as soon as one runs."""
    while snakemake.poll() is None:
        for row in slurm("squeue", "-h", "-t", "RUNNING", "-o", "%A|%Z|%k").splitlines():
            number, folder, comment = row.split("|")
            if folder == str(place.folder) and comment.startswith(f"rule_{rule}"):
                return int(number)
        time.sleep(0.5)
    raise AssertionError(f"no job of {rule} ever ran:\n{said(place)[-4000:]}")


def preempt(number: int) -> None:
    """Take a running job from its node and queue it again, as Slurm does for a job of more weight or when a node fails.

    Slurm lets such a job wait two minutes; this one does not.
    """
    slurm("scontrol", "requeue", str(number))
    while slurm("squeue", "-h", "-j", str(number), "-o", "%T").strip() != "PENDING":
        time.sleep(0.5)
    slurm("scontrol", "update", f"JobId={number}", "StartTime=now")


@dataclass(frozen=True)
class Finished:
    """A workflow that ran to its end, how many jobs it had planned and which it had, and those that it lost."""

    place: Workplace
    planned: int
    jobs: list[SlurmJob]
    preempted: int
    cancelled: int


@pytest.fixture(scope="module")
def finished(smoke: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A smoke run of which guided rollouts, the arm of InT and all that follows from them were made again on Slurm."""
    place = Workplace(tmp_path_factory.mktemp("slurm") / "run")
    shutil.copytree(smoke.folder, place.folder, symlinks=True)
    again = ["--forcerun", "guide", "results/smoke/models/int"]
    planned, before = place.planned(*again), len(slurm_jobs(place))
    # A GPU of this cluster computes nothing, but has to be asked for: one, with fewer cores than the profile's, or two.
    asked = ["evaluate:gpu=1", "evaluate:cpus_per_gpu=1", "sft:gpu=0", "sft:slurm_extra=--gpus-per-node=2"]
    snakemake = start(place, *again, "--set-threads", "tables=2", "--set-resources", *asked)
    try:
        preempted = first_running(place, "guide", snakemake)
        preempt(preempted)
        cancelled = first_running(place, "rl", snakemake)
        slurm("scancel", str(cancelled))
        assert snakemake.wait(timeout=900) == 0, said(place)[-4000:]
    finally:
        snakemake.terminate()
        snakemake.wait()
    return Finished(place, planned["total"] - planned["all"], slurm_jobs(place)[before:], preempted, cancelled)


def test_all_is_made_though_jobs_were_lost(finished: Finished):
    for name in TABLES:
        assert (finished.place.results / "tables" / f"{name}.csv").stat().st_size > 0
    assert finished.place.planned() == {}


def test_a_cancelled_job_is_submitted_again_and_a_preempted_one_is_queued_again(finished: Finished):
    states = {job.number: job.state for job in finished.jobs}
    assert states.pop(finished.cancelled).startswith("CANCELLED")
    assert set(states.values()) == {"COMPLETED"}
    assert finished.preempted in states
    assert len(states) == finished.planned


def test_jobs_ask_for_what_profile_and_rules_say(finished: Finished):
    for job in finished.jobs:
        requested = dict(part.split("=") for part in job.requested.split(","))
        assert requested["mem"] == "32000M"
        assert requested.get("gres/gpu") == {"evaluate": "1", "sft": "2"}.get(job.rule)
        assert requested["cpu"] == ("2" if job.rule == "tables" else "1")


def test_a_job_that_cannot_succeed_is_given_up_and_says_why(finished: Finished):
    before = len(slurm_jobs(finished.place))
    # Slurm would start such a job twice at a time, once for each GPU.
    options = [
        "report={resamples: 50}",
        "--set-resources",
        "tables:gpu=2",
        "tables:cpus_per_gpu=1",
        "--until",
        "tables",
    ]
    assert start(finished.place, *options).wait(timeout=300) != 0
    states = [job.state for job in slurm_jobs(finished.place)[before:]]
    assert states == ["FAILED"] * 4
    log = max(
        (finished.place.folder / ".snakemake/slurm_logs/rule_tables").glob("*.log"), key=lambda path: int(path.stem)
    )
    assert "see docs/clusters.md for jobs with several" in log.read_text()
