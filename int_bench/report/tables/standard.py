"""Tables 2 and 7: reinforcement learning from several models on the benchmarks, and the averages over these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from int_bench.analysis.estimates import Difference, Estimate
from int_bench.config import RunConfig
from int_bench.layout import table2_arms
from int_bench.report import collect
from int_bench.report.paper import ELSEWHERE, paper_values
from int_bench.report.scores import Estimator, passed_by_problem
from int_bench.report.style import look
from int_bench.report.tables.cells import COMPUTED, GUESSES, correct_p_values, guessed, without_interval
from int_bench.report.write import NO_ROWS

HARD_K = 8
"""Table 2 shows the hard test problems at pass@8."""
TABLE7 = ("base", "gold", "self_refine", "int", "hinted")
"""The arms of RL in Table 7, in the paper's order; the last is the later version's."""
BEST = "rl-int"
PASS1 = "average pass@1"
MIXED = "average of unlike k, as in the paper"
Scores = dict[str, pd.Series]


class Column(NamedTuple):
    """pass@k on one set of problems."""

    problem_set: str
    k: int

    @property
    def heading(self) -> str:
        """Name of the column in a table."""
        return f"{self.problem_set}, pass@{self.k}"


def table2(results: Path) -> pd.DataFrame:
    """Table 2: RL from the base, the distilled and the InT model, for this run's base model and those beside it.

    Below the rows of a base model stand the gains of InT + RL over each of the others, paired by problem. Their
    p-values are corrected for each other, over all benchmarks, averages and base models.
    """
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    columns = [Column(name, 1) for name in config.evaluation.table2]
    averages, hard = {PASS1: columns}, Column("hard_test", HARD_K)
    rows: list[dict[str, Any]] = []
    for folder in (results, *(path for _, path in collect.companion_results(results, "base"))):
        run = collect.run_config(folder)
        arms = table2_arms(run)
        scores = {f"rl-{arm}": _scores(folder, collect.rl_end(run, arm), [*columns, hard]) for arm in arms}
        named = {"base model": base_name(run)}
        for arm in arms:
            data = {"method": _label(f"rl-{arm}"), "RL problems": _rl_problems(folder, run, arm)}
            rows.append({**named, **data, **_estimates(scores[f"rl-{arm}"], averages, estimator)})
        rows += [{**named, **row} for row in _gains(scores, averages, estimator)]
    headings = [column.heading for column in columns]
    order = ["base model", "method", "RL problems", *headings, PASS1, hard.heading]
    correct_p_values(rows, order[3:])
    if rows and config.problems.kind == "synthetic":
        rows.append({"base model": GUESSES, **_chance([*columns, hard]), PASS1: guessed(1), "note": COMPUTED})
    for model, published in paper_values()["table2"]["models"].items():
        for arm, row in published.items():
            data = {"RL problems": row["rl_data"], PASS1: without_interval(row["average"], 0)}
            named = {"base model": f"{ELSEWHERE}: {model}", "method": _label(f"rl-{arm}")}
            rows.append({**named, **data, **_published(row["scores"], [*columns, hard])})
    return _table(rows, order, "this run has no arm of RL of Table 2")


def table7(results: Path) -> pd.DataFrame:
    """Table 7: the base model, and RL from it and from what it was fine-tuned to, on the newer benchmarks.

    The paper averages pass@1 and pass@k in one mean. That column is named so, and the averages of the columns of one k
    stand beside it. Below are the gains of InT + RL, paired by problem, with p-values corrected for each other.
    """
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    columns = [Column(name, k) for name, k in config.evaluation.table7.items()]
    averages = averages_of(columns)
    models = {"base": "base"}
    models |= {f"rl-{arm}": collect.rl_end(config, arm) for arm in TABLE7 if arm in config.rl.arms}
    scores = {name: _scores(results, model, columns) for name, model in models.items()}
    rows: list[dict[str, Any]] = [
        {"method": _label(name), **_estimates(found, averages, estimator)} for name, found in scores.items()
    ]
    rows += _gains(scores, averages, estimator)
    order = ["method", *(column.heading for column in columns), *averages]
    correct_p_values(rows, order[1:])
    if config.problems.kind == "synthetic":
        rows.append({"method": GUESSES, **_chance(columns), "note": COMPUTED})
    for name, row in paper_values()["table7"]["rows"].items():
        # Not every published row has an average.
        mixed = {MIXED: without_interval(row["average"], 0)} if MIXED in averages and "average" in row else {}
        rows.append({"method": f"{ELSEWHERE}: {_label(name)}", **mixed, **_published(row["scores"], columns)})
    return _table(rows, order, "this run has no benchmarks of Table 7")


def averages_of(columns: Sequence[Column]) -> dict[str, list[Column]]:
    """The averages of columns: those of each k apart, and of all together if they have more than one.

    >>> averages_of([Column("imo", 1), Column("amo", 8)])[MIXED][1].heading, len(averages_of([Column("imo", 1)]))
    ('amo, pass@8', 1)
    """
    ks = sorted({column.k for column in columns})
    apart = {f"average pass@{k}": [column for column in columns if column.k == k] for k in ks}
    return {**apart, MIXED: list(columns)} if len(ks) > 1 else apart


def base_name(config: RunConfig) -> str:
    """What a run's base model is called: its name on the hub, or that of the run that made it."""
    return config.model.source if config.model.kind == "pretrained" else f"that of {config.name}"


def _scores(results: Path, model: str, columns: Iterable[Column]) -> Scores:
    """The scores of a model by the heading of each column, indexed by problem."""
    return {
        column.heading: passed_by_problem(collect.tally(results, model, column.problem_set), column.k)
        for column in columns
    }


def _estimates(
    scores: Scores, averages: Mapping[str, Sequence[Column]], estimator: Estimator
) -> dict[str, Estimate | str]:
    found: dict[str, Estimate | str] = {heading: estimator.mean(score) for heading, score in scores.items()}
    for name, columns in averages.items():
        found[name] = estimator.average([scores[column.heading] for column in columns])
    return {**found, "note": "" if any(map(len, scores.values())) else NO_ROWS}


def _gains(
    scores: Mapping[str, Scores], averages: Mapping[str, Sequence[Column]], estimator: Estimator
) -> list[dict[str, Any]]:
    """Rows of the gains of InT + RL over each of the other models."""
    after, rows = scores.get(BEST), []
    for name, before in scores.items():
        if after is None or name == BEST:
            continue
        row: dict[str, Difference] = {heading: estimator.gain(after[heading], before[heading]) for heading in after}
        for average, columns in averages.items():
            sides = ([side[column.heading] for column in columns] for side in (after, before))
            row[average] = estimator.average_gain(*sides)
        rows.append({"method": f"gain of {_label(BEST)} over {_label(name)}", **row})
    return rows


def _label(name: str) -> str:
    """The label of ``base`` or of an arm of RL, ``rl-X``."""
    return f"{look(name.removeprefix('rl-')).label} + RL" if name.startswith("rl-") else look(name).label


def _rl_problems(results: Path, config: RunConfig, arm: str) -> int:
    sets = ["hard_train", *(["easier"] if config.rl.arms[arm].easier else [])]
    return sum(len(collect.problems(results, name)) for name in sets)


def _chance(columns: Iterable[Column]) -> dict[str, Estimate]:
    return {column.heading: guessed(column.k) for column in columns}


def _published(scores: Mapping[str, float | None], columns: Iterable[Column]) -> dict[str, Estimate]:
    """The paper's numbers on those of its benchmarks that are this run's as well."""
    found = {column.heading: scores.get(column.problem_set) for column in columns}
    return {heading: without_interval(value, 0) for heading, value in found.items() if value is not None}


def _table(rows: list[dict[str, Any]], order: list[str], nothing: str) -> pd.DataFrame:
    columns = [*order, "note"]
    if len(order) < 2 or not rows:
        rows = [{"note": f"{NO_ROWS}: {nothing}"}]
    return pd.DataFrame([{column: row.get(column) for column in columns} for row in rows], dtype=object)
