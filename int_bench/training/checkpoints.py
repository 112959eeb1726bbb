"""Checkpoints of a training in progress, and what was logged at each of its steps."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from int_bench.progress import Track
from int_bench.records import TrainingStep

_NAN = math.nan


def last_checkpoint(folder: Path) -> str | None:
    """The newest complete checkpoint; one that a kill cut short is removed.

    The trainer's state is the last file that a checkpoint gets, so one that can be read means that all are there.
    """
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[-1]), reverse=True)
    for path in found:
        try:
            json.loads((path / "trainer_state.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            shutil.rmtree(path, ignore_errors=True)  # several processes may try
            continue
        return str(path)
    return None


class Report(TrainerCallback):
    """Moves a progress display on at each update, and says what the trainer logs."""

    def __init__(self, progress: Track) -> None:
        self.progress = progress

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Called by the trainer; after a resume the updates already done are counted at once."""
        self.progress.advance(state.global_step - self.progress.done)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Called by the trainer with what it logs."""
        said = [f"{key} {float(logs[key]):.4f}" for key in ("loss", "reward", "all_wrong", "all_right") if key in logs]
        if said:
            self.progress.say(f"update {state.global_step}: {', '.join(said)}")


def training_steps(history: Iterable[Mapping[str, Any]], updates_per_step: int = 1) -> list[TrainingStep]:
    """What a trainer logged, one record a step, whether or not the training was interrupted."""
    steps: dict[int, TrainingStep] = {}
    for entry in history:
        if "loss" not in entry:
            continue  # the closing summary of a run
        step = int(entry["step"]) // updates_per_step
        steps[step] = TrainingStep(
            step=step,
            loss=float(entry["loss"]),
            learning_rate=float(entry.get("learning_rate", _NAN)),
            grad_norm=float(entry.get("grad_norm", _NAN)),
            reward=float(entry.get("reward", _NAN)),
            all_wrong=float(entry.get("all_wrong", _NAN)),
            all_right=float(entry.get("all_right", _NAN)),
            entropy=float(entry.get("entropy", _NAN)),
            kl=float(entry.get("kl", _NAN)),
            clipped=float(entry.get("clip_ratio/region_mean", _NAN)),
            length=float(entry.get("completions/mean_length", _NAN)),
            truncated=float(entry.get("completions/clipped_ratio", _NAN)),
            seconds=float(entry.get("step_time", _NAN)),
        )
    return [steps[step] for step in sorted(steps)]
