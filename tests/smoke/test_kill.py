"""Kill -9 at random moments of sampling, fine-tuning and RL: a restart ends with the result of a run left alone."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml

from int_bench.records import Rollout, TrainingStep, read_records
from tests.smoke.conftest import Workplace, quiet
from tests.smoke.test_workflow import weights

KILLS = 3
# Enough work that a random moment within it is not its end.
LONGER = {"hard_set.samples": 256, "engine.shard": 1, "arms.no_filter.sft.epochs": 40, "rl.steps": 24, "rl.kl": 0.0}


@pytest.fixture
def longer(copied: Workplace) -> Workplace:
    """The finished run with more work to do in the stages that are killed."""
    path = copied.results / "config.yaml"
    config = yaml.safe_load(path.read_text())
    for key, value in LONGER.items():
        *parents, last = key.split(".")
        section = config
        for name in parents:
            section = section[name]
        section[last] = value
    config["rl"]["checkpoints"] = [0, config["rl"]["steps"]]
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return copied


def killed_and_finished(place: Workplace, work: Path, marks: str, command: list[str], seed: int) -> dict[Path, int]:
    """Start a stage and kill it at a random moment of its work, several times, then let it finish.

    Returns when each file that ``marks`` matches was last written, as seen at the first kill that found it.
    """
    rng, seen = random.Random(seed), {}
    tool = str(Path(sys.executable).parent / "int-bench")
    for _ in range(KILLS):
        running = subprocess.Popen(
            [tool, *command], cwd=place.folder, env=quiet(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        before = set(work.rglob(marks))
        while running.poll() is None and set(work.rglob(marks)) <= before:
            time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 0.7))
        assert running.poll() is None, "the stage ended before it could be killed"
        running.send_signal(signal.SIGKILL)
        running.wait()
        for path in work.rglob(marks):
            seen.setdefault(path, path.stat().st_mtime_ns)
    return seen


def test_sampling(longer: Workplace):
    output = longer.results / "rollouts" / "mining.parquet"
    longer.run("int-bench", "mine", "smoke")
    undisturbed = read_records(output, Rollout)
    output.unlink()
    work = longer.results / "rollouts" / ".work"
    seen = killed_and_finished(longer, work, "shard-*.parquet", ["mine", "smoke"], seed=1)
    assert len(seen) >= KILLS
    # A shard that was sampled again would have been written again.
    assert {path: path.stat().st_mtime_ns for path in seen} == seen
    longer.run("int-bench", "mine", "smoke")
    assert read_records(output, Rollout) == undisturbed


@pytest.mark.parametrize(
    ("command", "model", "steps"),
    [
        (["sft", "smoke", "no_filter"], "no_filter", "no_filter"),
        (["rl", "smoke", "no_filter"], "rl-no_filter/step-24", "rl-no_filter"),
    ],
    ids=["fine-tuning", "rl"],
)
def test_training(longer: Workplace, command: list[str], model: str, steps: str):
    folder, logged = longer.results / "models" / model, longer.results / "training" / f"{steps}.steps.parquet"
    longer.run("int-bench", *command)
    left_alone, log = weights(folder), read_records(logged, TrainingStep)
    shutil.rmtree(folder)
    logged.unlink()
    killed_and_finished(longer, longer.results / "models" / ".work", "trainer_state.json", command, seed=2)
    longer.run("int-bench", *command)
    np.testing.assert_allclose(weights(folder), left_alone, atol=1e-5)
    again = read_records(logged, TrainingStep)
    assert [step.step for step in again] == [step.step for step in log] == list(range(1, len(log) + 1))
    np.testing.assert_allclose([step.loss for step in again], [step.loss for step in log], atol=1e-4)
