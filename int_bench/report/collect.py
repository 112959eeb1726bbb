"""From the files of a run to tidy frames: the only module here that reads results, but for ``likelihoods``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from int_bench.analysis.pass_at_k import counts
from int_bench.config import RunConfig, load
from int_bench.explorer.divergence import Candidate, Parting, candidate, parting_of, ranked
from int_bench.explorer.examples import Example, Trace, drawn, example_of
from int_bench.records import (
    Intervention,
    Problem,
    Rollout,
    Selection,
    TrainingExample,
    TrainingStep,
    Verdict,
    read_records,
    read_table,
    records_of,
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


def intervention_tokens(results: Path, arm: str) -> pd.Series:
    """Lengths in tokens of the interventions that an arm was trained on."""
    path = results / "training" / f"{arm}.examples.parquet"
    lengths = _frame(read_table(path, TrainingExample, columns=["intervention_tokens"]))["intervention_tokens"]
    return lengths[lengths > 0].astype(float)


def rl_counts(
    results: Path, config: RunConfig, problem_set: str, arms: Collection[str]
) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Yield arm, step and ``counts`` on a set of problems, for each checkpoint of some arms of RL in order."""
    for arm in arms:
        for step in config.rl_checkpoints(arm):
            rollouts = evaluation(results, checkpoint(config, arm, step))
            yield arm, step, counts(on_set(rollouts, problem_set))


def rl_steps(results: Path, arms: Collection[str]) -> pd.DataFrame:
    """Return the logged steps of some arms of RL: columns of TrainingStep and ``initialisation``."""
    frames = []
    for name in arms:
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
    """Return a set of problems: id, source, answer and reference solution."""
    columns = ["problem_id", "source", "answer", "reference"]
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


def categories(results: Path, config: RunConfig, oracle: str) -> pd.DataFrame:
    """Of which kind the errors are that an oracle corrects: ``problem_id``, and a column for each who says so.

    These are ``verifier`` where the world has one, ``judge`` where the run has one, and ``oracle``; rows are the
    proposed interventions, by their id. The verifier labels the first error alone, so nothing where the oracle names
    another place.
    """
    found = proposed(results, oracle).set_index("intervention_id")
    labels = found[["problem_id"]].assign(oracle=found["category"])
    if config.problems.kind == "synthetic":
        # Of another step than the one that was found at fault, the verifier says nothing.
        labels["verifier"] = found["truth_category"].where(found["location"] == found["truth_location"])
    if config.interventions.judge:
        said = _frame(read_table(results / "interventions" / f"{oracle}.verdicts.parquet", Verdict))
        labels["judge"] = said.set_index("intervention_id")["category"]
    return labels


def facts(results: Path, name: str) -> dict[str, Any]:
    """The facts in the manifest of a result, such as ``interventions/exact``."""
    return json.loads((results / f"{name}.manifest.json").read_text(encoding="utf-8"))["facts"]


def intervention_locations(results: Path, config: RunConfig, oracle: str) -> pd.DataFrame:
    """Where interventions stand: columns ``category`` and ``relative_location``, the index of the step / steps.

    The category is the verifier's, else the judge's, else the oracle's own.
    """
    found = proposed(results, oracle).set_index("intervention_id")
    labels = categories(results, config, oracle)
    category = labels["oracle"]
    for judge in ("judge", "verifier"):
        if judge in labels:
            category = labels[judge].fillna(category)
    return pd.DataFrame(
        {
            "category": category.fillna("unlabelled").astype(str),
            "relative_location": found["location"].astype(float) / found["steps"].astype(float),
        }
    )


def examples(results: Path, config: RunConfig, oracle: str, limit: int) -> tuple[list[Example], int]:
    """At most ``limit`` answers of an oracle, drawn at random and in the order drawn, and how many it gave."""
    path = results / "interventions" / f"{oracle}.parquet"
    everything = read_table(path, Intervention, columns=["intervention_id"])["intervention_id"].to_pylist()
    order = drawn(everything, limit, oracle, config.seed)
    tables = (_those(table, "intervention_id", order) for table in scan_tables(path, Intervention))
    records = {row.intervention_id: row for table in tables for row in records_of(table, Intervention)}
    decided = read_records(results / "interventions" / f"{oracle}.selection.parquet", Selection)
    decisions = {row.intervention_id: row for row in decided}
    posed = {row.problem_id: row for row in read_records(results / "problems" / "hard_train.parquet", Problem)}
    tried = {record.rollout_id for record in records.values()}
    attempts = dict(_traces(results / "rollouts" / "mining.parquet", "rollout_id", tried))
    continued: dict[str, Trace] = {}
    for key, trace in _traces(results / "rollouts" / f"with_intervention-{oracle}.parquet", "intervention_id", order):
        if key not in continued or (trace.correct and not continued[key].correct):
            continued[key] = trace
    arms = [name for name, arm in config.arms.items() if arm.solutions is None]
    taught = {arm: _taught_on(results, arm) for arm in arms if config.oracle_of_arm(arm) == oracle}
    laid_out = [
        example_of(
            oracle,
            record,
            decisions[record.intervention_id],
            posed[record.problem_id],
            attempts[record.rollout_id],
            continued.get(record.intervention_id),
            [arm for arm, rows in taught.items() if record.intervention_id in rows],
            config.steps,
        )
        for record in map(records.__getitem__, order)
    ]
    return laid_out, len(everything)


def partings(results: Path, config: RunConfig, limit: int) -> list[Parting]:
    """Where the base model and the one that InT ends with part ways: at most ``limit`` hard test problems."""
    model = rl_end(config, "int") if "int" in config.rl.arms else "int"
    if "int" not in config.arms:  # a run may be about something else
        return []
    posed = {row.problem_id: row for row in read_records(results / "problems" / "hard_test.parquet", Problem)}
    paths = [results / "evaluation" / f"{name}.parquet" for name in ("base", model)]
    pairs = ranked(_candidates(paths[0], config), _candidates(paths[1], config), limit)
    one, other = (
        dict(_traces(path, "rollout_id", {pair.rollouts[side] for pair in pairs})) for side, path in enumerate(paths)
    )
    found = []
    for pair in pairs:
        traces = one[pair.rollouts[0]], other[pair.rollouts[1]]
        found.append(parting_of(pair, posed[pair.problem_id], ("base", model), traces, config.steps))
    return found


def _candidates(path: Path, config: RunConfig) -> dict[str, list[Candidate]]:
    """The solutions of the hard test problems in a file of evaluation, by problem."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    columns = ["rollout_id", "problem_id", "problem_set", "correct", "text"]
    for table in scan_tables(path, Rollout, columns=columns):
        for row in _those(table, "problem_set", ["hard_test"]).to_pylist():
            found[row["problem_id"]].append(candidate(row["rollout_id"], row["correct"], row["text"], config.steps))
    return found


def _traces(path: Path, column: str, wanted: Collection[str]) -> Iterator[tuple[str, Trace]]:
    """The rollouts with one of the wanted values in a column, each with it, of a file that may be large."""
    names = list(Trace.__dataclass_fields__)
    for table in scan_tables(path, Rollout, columns=[column, *names]):
        for row in _those(table, column, wanted).to_pylist():
            yield row.pop(column), Trace(**row)


def _taught_on(results: Path, arm: str) -> set[str]:
    """The interventions that an arm was trained on."""
    path = results / "training" / f"{arm}.examples.parquet"
    return set(read_table(path, TrainingExample, columns=["example_id"])["example_id"].to_pylist())


def _those(table: pa.Table, column: str, wanted: Collection[str]) -> pa.Table:
    return table.filter(pc.is_in(table[column], pa.array(sorted(wanted), pa.string())))


def _frame(table: pa.Table) -> pd.DataFrame:
    # Columns that may be null would otherwise turn whole numbers into floats and truths into objects.
    kinds: dict[pa.DataType, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    mapper: Callable[[pa.DataType], Any] = kinds.get
    return table.to_pandas(types_mapper=mapper)
