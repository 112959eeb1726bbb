"""From the files of a run to tidy frames: the only module here that reads results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from int_bench.analysis.pass_at_k import counts
from int_bench.config import RunConfig, load
from int_bench.records import (
    Intervention,
    Problem,
    Rollout,
    Selection,
    TrainingExample,
    TrainingStep,
    read_table,
    scan_tables,
)

GRADES = ["problem_id", "problem_set", "status", "correct", "all_steps_right"]
CONFIGURATIONS = ("naive", "null")
"""Passes of the base model over the hard training problems from the problem alone."""
GUIDED = ("from_intervention", "with_intervention")
"""Its rollouts from, and with, interventions."""


def run_config(results: Path) -> RunConfig:
    """Return the resolved configuration of a run."""
    return load(results / "config.yaml")


def checkpoint(initialisation: str, step: int) -> str:
    """Name of the evaluated model after ``step`` steps of RL; step 0 is the initialisation itself.

    >>> checkpoint("int", 0), checkpoint("int", 40)
    ('int', 'rl-int@40')
    """
    return f"rl-{initialisation}@{step}" if step else initialisation


def final_models(config: RunConfig) -> list[str]:
    """Return the base model, every arm, and the last RL checkpoint of every initialisation."""
    return ["base", *config.arms, *(checkpoint(name, config.rl.steps) for name in config.rl.initialisations)]


def grades(path: Path) -> pd.DataFrame:
    """Return the grades of a file of rollouts, one row a rollout, without texts and tokens."""
    return _frame(read_table(path, Rollout, columns=GRADES))


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


def training_rows(results: Path, arm: str) -> int:
    """Rows that an arm was trained on."""
    path = results / "training" / f"{arm}.examples.parquet"
    return read_table(path, TrainingExample, columns=["example_id"]).num_rows


def rl_counts(results: Path, config: RunConfig, problem_set: str) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Yield initialisation, step and ``counts`` on a set of problems, for each RL checkpoint in order."""
    for initialisation in config.rl.initialisations:
        for step in config.rl.checkpoints:
            rollouts = evaluation(results, checkpoint(initialisation, step))
            yield initialisation, step, counts(on_set(rollouts, problem_set))


def rl_steps(results: Path, config: RunConfig) -> pd.DataFrame:
    """Return the logged RL steps of all initialisations: columns of TrainingStep and ``initialisation``."""
    frames = []
    for name in config.rl.initialisations:
        table = read_table(results / "training" / f"rl-{name}.steps.parquet", TrainingStep)
        frames.append(_frame(table).assign(initialisation=name))
    if not frames:  # a run may have no reinforcement learning
        return pd.DataFrame(columns=[*TrainingStep.__dataclass_fields__, "initialisation"])
    return pd.concat(frames, ignore_index=True)


def interventions(results: Path, oracle: str) -> pd.DataFrame:
    """Every answer of an oracle, those without an intervention included, without the attempts' texts."""
    columns = [field for field in Intervention.__dataclass_fields__ if field not in ("KIND", "before", "prefix")]
    return _frame(read_table(results / "interventions" / f"{oracle}.parquet", Intervention, columns=columns))


def proposed(results: Path, oracle: str) -> pd.DataFrame:
    """Return the answers that are interventions; others may name a place, but hold no corrective step."""
    found = interventions(results, oracle)
    return found[found["status"] == "proposed"]


def selections(results: Path, oracle: str) -> pd.DataFrame:
    """Return what became of each intervention of an oracle."""
    return _frame(read_table(results / "interventions" / f"{oracle}.selection.parquet", Selection))


def problems(results: Path, name: str) -> pd.DataFrame:
    """Return a set of problems: id, source and reference solution."""
    columns = ["problem_id", "source", "reference"]
    return _frame(read_table(results / "problems" / f"{name}.parquet", Problem, columns=columns))


def token_lengths(texts: list[str], tokenizer: Any) -> list[int]:
    """Tokens of each text under a ``tokenizers.Tokenizer``, special tokens not counted."""
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]


def text_lengths(results: Path, oracle: str, tokenizer: Any) -> pd.DataFrame:
    """Lengths in tokens behind Figure 3: columns ``kind`` (interventions, references, failed) and ``tokens``.

    Interventions (of one oracle) and reference solutions are those of the hard training problems; the failed traces are
    the wrong rollouts of mining on the same problems: those that the oracle was shown some of.
    """
    hard = problems(results, "hard_train")
    texts = {"interventions": proposed(results, oracle)["content"], "references": hard["reference"].dropna()}
    frames = [
        pd.DataFrame({"kind": kind, "tokens": token_lengths(list(text), tokenizer)}) for kind, text in texts.items()
    ]
    path = results / "rollouts" / "mining.parquet"
    ours = pa.array(hard["problem_id"], pa.string())
    for mined in scan_tables(path, Rollout, columns=["problem_id", "token_ids", "correct"]):
        failed = mined.filter(pc.and_(pc.is_in(mined["problem_id"], ours), pc.invert(mined["correct"])))
        frames.append(pd.DataFrame({"kind": "failed", "tokens": pc.list_value_length(failed["token_ids"]).to_numpy()}))
    return pd.concat(frames, ignore_index=True)


def intervention_locations(results: Path, oracle: str) -> pd.DataFrame:
    """Where interventions stand: columns ``category`` and ``relative_location``, the index of the step / steps."""
    found = proposed(results, oracle)
    return pd.DataFrame(
        {
            "category": found["category"].fillna("unlabelled").astype(str),
            "relative_location": found["location"].astype(float) / found["steps"].astype(float),
        }
    )


def _frame(table: pa.Table) -> pd.DataFrame:
    # Columns that may be null would otherwise turn whole numbers into floats and truths into objects.
    kinds: dict[pa.DataType, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    mapper: Callable[[pa.DataType], Any] = kinds.get
    return table.to_pandas(types_mapper=mapper)
