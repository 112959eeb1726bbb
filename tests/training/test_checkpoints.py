"""Checkpoints that a kill may have cut short, and the log of a training."""

import json
import math
from pathlib import Path

import pytest

from int_bench.training.checkpoints import last_checkpoint, training_steps


def checkpoint(folder: Path, step: int, state: str | None = '{"global_step": 1}') -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    (path / "model.safetensors").write_bytes(b"x")
    if state is not None:
        (path / "trainer_state.json").write_text(state)
    return path


def test_the_newest_checkpoint_is_that_of_the_highest_step(tmp_path: Path):
    for step in (9, 10, 2):
        checkpoint(tmp_path, step)
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")


@pytest.mark.parametrize("state", [None, "", '{"global_step": 1'])
def test_a_checkpoint_cut_short_is_removed(tmp_path: Path, state: str | None):
    whole = checkpoint(tmp_path, 4)
    older = checkpoint(tmp_path, 2, state)
    broken = checkpoint(tmp_path, 10, state)
    assert last_checkpoint(tmp_path) == str(whole)
    assert not broken.exists()
    assert older.exists()


def test_without_a_whole_checkpoint_training_starts_anew(tmp_path: Path):
    assert last_checkpoint(tmp_path) is None
    checkpoint(tmp_path, 3, None)
    assert last_checkpoint(tmp_path) is None
    assert not list(tmp_path.iterdir())
    assert last_checkpoint(tmp_path / "nowhere") is None


def test_each_step_is_logged_once_with_its_last_values():
    history = [
        {"step": 1, "loss": 2.0, "learning_rate": 0.1, "grad_norm": 1.5},
        {"step": 3, "loss": 9.0},
        {"step": 2, "loss": 1.0, "reward": 0.25, "all_wrong": 0.5, "completions/mean_length": 12.0},
        {"step": 3, "loss": 0.5, "step_time": 3.0},
        {"step": 3, "train_runtime": 8.0, "train_loss": 1.2},
    ]
    steps = training_steps(history)
    assert [row.step for row in steps] == [1, 2, 3]
    assert [row.loss for row in steps] == [2.0, 1.0, 0.5]
    assert (steps[0].learning_rate, steps[0].grad_norm) == (0.1, 1.5)
    assert (steps[1].reward, steps[1].all_wrong, steps[1].length) == (0.25, 0.5, 12.0)
    assert steps[2].seconds == 3.0
    assert all(math.isnan(x) for x in (steps[0].reward, steps[0].kl, steps[2].entropy, steps[2].truncated))


def test_a_step_of_several_updates_is_one_step():
    history = [{"step": update, "loss": float(update)} for update in (2, 4, 6)]
    assert [(row.step, row.loss) for row in training_steps(history, 2)] == [(1, 2.0), (2, 4.0), (3, 6.0)]


def test_the_names_are_those_that_a_trainer_logs(tmp_path: Path):
    entry = {"step": 1, "loss": 1, "clip_ratio/region_mean": 0.1, "completions/clipped_ratio": 0.2, "kl": 0.3}
    (row,) = training_steps(json.loads(json.dumps([entry])))
    assert (row.loss, row.clipped, row.truncated, row.kl) == (1.0, 0.1, 0.2, 0.3)
