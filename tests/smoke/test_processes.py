"""Trainings in two processes: what one process would have done, written once."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import yaml

from int_bench.records import TrainingStep, read_records
from tests.smoke.conftest import Workplace
from tests.smoke.test_workflow import weights


@pytest.mark.parametrize(
    ("command", "model", "steps"),
    [
        (["sft", "smoke", "no_filter"], "no_filter", "no_filter"),
        (["rl", "smoke", "no_filter"], "rl-no_filter/step-2", "rl-no_filter"),
    ],
    ids=["fine-tuning", "rl"],
)
def test_two_processes_train_as_one_does(copied: Workplace, command: list[str], model: str, steps: str):
    path = copied.results / "config.yaml"
    config = yaml.safe_load(path.read_text())
    config["rl"]["arms"]["no_filter"] = {}  # a start that is rewarded
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    folder, logged = copied.results / "models" / model, copied.results / "training" / f"{steps}.steps.parquet"
    copied.run("int-bench", *command)
    expected, log = weights(folder), read_records(logged, TrainingStep)
    shutil.rmtree(folder)
    logged.unlink()
    # What `accelerate launch` comes to; on a CPU it starts several processes only through MPI.
    done = copied.run("torchrun", "--nproc_per_node", "2", "-m", "int_bench", *command)
    assert done.stdout.count("results/smoke/models") == 1
    np.testing.assert_allclose(weights(folder), expected, atol=1e-5)
    again = read_records(logged, TrainingStep)
    for name in ("step", "loss", "reward", "all_wrong"):
        found, wanted = ([getattr(row, name) for row in rows] for rows in (again, log))
        np.testing.assert_allclose(found, wanted, atol=1e-4, err_msg=name)
    assert list((copied.results / "models" / ".work").iterdir()) == []
