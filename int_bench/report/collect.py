"""From the files of a run to tidy frames: its configuration, graded rollouts, training and problems.

What oracles answered is read in ``collect_answers``, texts in ``collect_traces`` and the stage likelihood in
``likelihoods``; no other module reads results.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from int_bench.analysis.pass_at_k import counts
from int_bench.config import RunConfig, load
from int_bench.records import (
    Problem,
    Rollout,
    TrainingExample,
    TrainingStep,
    read_table,
)

GRADES = ["problem_id", "problem_set", "status", "correct", "all_steps_right"]
CONFIGURATIONS = ("naive", "null")
"""Passes of the base model over the hard training problems from the problem alone."""
GUIDED = ("from_intervention", "with_intervention")
"""Its rollouts from, and with, interventions."""


def run_config(results: Path) -> RunConfig:
    """Return the resolved configuration of a run."""
    return load(results / "config.yaml")


def world_of(config: RunConfig) -> int:
    """The seed of a run's world: runs of one world have the same problems."""
    return config.problems.seed if config.problems.kind == "synthetic" else 0


def companion_results(results: Path, role: str) -> list[tuple[str, Path]]:
    """The companions of a run with a role, ``base`` or ``seed``: their names and their folders of results."""
    config = run_config(results)
    named = [name for name, companion in config.companions.items() if companion.role == role]
    return [(name, results.parent / config.companion_run(name)) for name in named]


def checkpoint(config: RunConfig, arm: str, step: int) -> str:
    """Name of the evaluated model after ``step`` steps of an arm of RL; step 0 is the model that it starts from."""
    return f"rl-{arm}@{step}" if step else config.rl.start_of(arm)


def rl_end(config: RunConfig, arm: str) -> str:
    """Name of the model that an arm of RL ends with."""
    return checkpoint(config, arm, config.rl_steps(arm))


def final_models(config: RunConfig) -> list[str]:
    """Return the base model, every arm, and the last checkpoint of every arm of RL."""
    return ["base", *config.arms, *(rl_end(config, name) for name in config.rl.arms)]


def grades(path: Path) -> pd.DataFrame:
    """Return the grades of a file of rollouts, one row a rollout, without texts and tokens."""
    return frame_of(read_table(path, Rollout, columns=GRADES))


def rows(results: Path, name: str) -> int:
    """How many rollouts a file holds."""
    return read_table(results / "rollouts" / f"{name}.parquet", Rollout, columns=["sample"]).num_rows


def configuration(results: Path, name: str) -> pd.DataFrame:
    """Grades of the base model's rollouts from the problem alone: ``naive`` or ``null``."""
    return grades(results / "rollouts" / f"{name}.parquet")


def guided(results: Path, mode: str, oracle: str) -> pd.DataFrame:
    """Grades of the base model's rollouts from, or with, an oracle's interventions."""
    return grades(results / "rollouts" / f"{mode}-{oracle}.parquet")


def evaluation(results: Path, model: str) -> pd.DataFrame:
    """Grades of an evaluated model on all sets of problems."""
    return grades(results / "evaluation" / f"{model}.parquet")


def on_set(rollouts: pd.DataFrame, problem_set: str) -> pd.DataFrame:
    """Return the rollouts on one set of problems."""
    return rollouts[rollouts["problem_set"] == problem_set]


def tally(results: Path, model: str, problem_set: str) -> pd.DataFrame:
    """Samples ``n`` and correct samples ``c`` of each problem of one set, of an evaluated model."""
    return tally_of(results / "evaluation" / f"{model}.parquet", problem_set)


def tally_of(path: Path, problem_set: str) -> pd.DataFrame:
    """The same of a file of rollouts."""
    return counts(answers_of(path, problem_set).reset_index())


def answers_of(path: Path, problem_set: str) -> pd.Series:
    """Which samples of one set are correct, indexed by problem and number of the sample.

    The file is read once for all its sets while it stays as it is.
    """
    found = _answers(path.resolve(), path.stat().st_mtime_ns)
    return found[found.index.get_level_values("problem_set") == problem_set].droplevel("problem_set")


@cache  # a truth value of each sample alone is kept
def _answers(path: Path, changed: int) -> pd.Series:
    index = ["problem_set", "problem_id", "sample"]
    return frame_of(read_table(path, Rollout, columns=[*index, "correct"])).set_index(index)["correct"]


def training_rows(results: Path, arm: str) -> int:
    """Rows that an arm was trained on."""
    path = results / "training" / f"{arm}.examples.parquet"
    return read_table(path, TrainingExample, columns=["example_id"]).num_rows


def trained_updates(results: Path, arm: str) -> int:
    """Updates that an arm was fine-tuned for."""
    return read_table(results / "training" / f"{arm}.steps.parquet", TrainingStep, columns=["step"]).num_rows


def tokens_in_a_pass(results: Path, arm: str) -> int:
    """Tokens that the loss of an arm counts in one pass over its rows."""
    labels = read_table(results / "training" / f"{arm}.examples.parquet", TrainingExample, columns=["labels"])["labels"]
    return pc.sum(pc.greater_equal(pc.list_flatten(labels), 0)).as_py() or 0


def intervention_tokens(results: Path, arm: str) -> pd.Series:
    """Lengths in tokens of the interventions that an arm was trained on."""
    path = results / "training" / f"{arm}.examples.parquet"
    lengths = frame_of(read_table(path, TrainingExample, columns=["intervention_tokens"]))["intervention_tokens"]
    return lengths[lengths > 0].astype(float)


def rl_counts(
    results: Path, config: RunConfig, problem_set: str, arms: Collection[str]
) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Yield arm, step and ``counts`` on a set of problems, for each checkpoint of some arms of RL in order."""
    for arm in arms:
        for step in config.rl_checkpoints(arm):
            yield arm, step, tally(results, checkpoint(config, arm, step), problem_set)


def rl_steps(results: Path, arms: Collection[str]) -> pd.DataFrame:
    """Return the logged steps of some arms of RL: columns of TrainingStep and ``initialisation``."""
    frames = []
    for name in arms:
        table = read_table(results / "training" / f"rl-{name}.steps.parquet", TrainingStep)
        frames.append(frame_of(table).assign(initialisation=name))
    if not frames:  # a run may have no reinforcement learning
        return pd.DataFrame(columns=[*TrainingStep.__dataclass_fields__, "initialisation"])
    return pd.concat(frames, ignore_index=True)


def problems(results: Path, name: str) -> pd.DataFrame:
    """Return a set of problems: id, source, answer and reference solution."""
    columns = ["problem_id", "source", "answer", "reference"]
    return frame_of(read_table(results / "problems" / f"{name}.parquet", Problem, columns=columns))


def facts(results: Path, name: str) -> dict[str, Any]:
    """The facts in the manifest of a result, such as ``interventions/exact``."""
    return json.loads((results / f"{name}.manifest.json").read_text(encoding="utf-8"))["facts"]


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return the frame of a table of records."""
    # Columns that may be null would otherwise turn whole numbers into floats and truths into objects.
    kinds: dict[pa.DataType, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    mapper: Callable[[pa.DataType], Any] = kinds.get
    return table.to_pandas(types_mapper=mapper)
