"""The traces that are read as texts: what became of interventions, and where two models part ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from int_bench.config import RunConfig
from int_bench.explorer.divergence import Candidate, Parting, candidate, parting_of, ranked
from int_bench.explorer.examples import Example, Trace, drawn, example_of
from int_bench.records import (
    Intervention,
    Problem,
    Rollout,
    Selection,
    TrainingExample,
    read_records,
    read_table,
    records_of,
    scan_tables,
)
from int_bench.report.collect import rl_end


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
