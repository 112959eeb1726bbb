"""Kill -9 at random moments of sampling, fine-tuning and RL: a restart ends with the result of a run left alone."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml

from int_bench.records import Rollout, TrainingStep, read_records
from int_bench.rollouts.journal import Stream
from tests.smoke.conftest import Workplace, quiet
from tests.smoke.test_workflow import weights

KILLS = 3
# Enough work that a random moment within it is not its end.
LONGER = {
    "hard_set.samples": 256,
    "hard_set.first_round": 64,
    "engine.rows": 16,
    "arms.no_filter.sft.epochs": 40,
    "rl.arms.no_filter": {},  # a start that is rewarded
    "rl.steps": 48,
    "rl.kl": 0.0,
}
HEAD = 2000  # bytes of a journal that holds nothing


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


def killed_and_finished(place: Workplace, work: Path, marks: str, command: list[str], seed: int) -> list[int]:
    """Start a stage and kill it at a random moment of its work, several times, then let it finish.

    A kill waits until what ``marks`` matches has grown. Returns how much of it there was after each.
    """
    rng, sizes = random.Random(seed), []
    tool = str(Path(sys.executable).parent / "int-bench")
    for _ in range(KILLS):
        running = subprocess.Popen(
            [tool, *command], cwd=place.folder, env=quiet(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        before = size(work, marks)
        while running.poll() is None and size(work, marks) <= before:
            time.sleep(0.02)
        time.sleep(rng.uniform(0.0, 0.7))
        assert running.poll() is None, "the stage ended before it could be killed"
        running.send_signal(signal.SIGKILL)
        running.wait()
        sizes.append(size(work, marks))
    return sizes


def size(work: Path, marks: str) -> int:
    """Bytes in all files of a pattern, an empty journal's head not counted."""
    found = [path.stat().st_size for path in work.rglob(marks)]
    return sum(found) if marks.endswith(".json") else sum(max(0, bytes_ - HEAD) for bytes_ in found)


def test_sampling(longer: Workplace, same_but_for_rounding: Callable):
    output = longer.results / "rollouts" / "mining.parquet"
    longer.run("int-bench", "mine", "smoke")
    undisturbed = read_records(output, Rollout)
    output.unlink()
    work = longer.results / "rollouts" / ".work"
    sizes = killed_and_finished(longer, work, "*.arrows", ["mine", "smoke"], seed=1)
    assert sizes == sorted(set(sizes))
    (folder,) = work.iterdir()
    kept = sum(len(batch) for path in folder.glob("*.arrows") for _, batch in Stream(path).added())
    last = longer.run("int-bench", "mine", "smoke")
    # Each round says what it found; together that is everything which the kills had left.
    found = [int(number) for number in re.findall(r"mining: (\d+) of \d+ were sampled before", last.stderr)]
    assert sum(found) == kept > 0
    assert same_but_for_rounding(read_records(output, Rollout), undisturbed)


@pytest.mark.parametrize(
    ("command", "model", "steps"),
    [
        (["sft", "smoke", "no_filter"], "no_filter", "no_filter"),
        (["rl", "smoke", "no_filter"], "rl-no_filter/step-48", "rl-no_filter"),
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
