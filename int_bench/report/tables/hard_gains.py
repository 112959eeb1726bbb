"""What RL gains in pass@k on the hard test problems, and which of them it newly solves."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.estimates import Estimate
from int_bench.report import collect
from int_bench.report.paper import ELSEWHERE, text_values
from int_bench.report.scores import Estimator, passed_by_problem, samples_per_problem
from int_bench.report.style import look
from int_bench.report.tables.cells import GAIN, correct_p_values
from int_bench.report.write import NO_ROWS

ARMS = ("base", "distill", "int")
"""The arms of RL whose gains are shown; the paper has those of the last two."""
OVER_DISTILL = "gain over distillation + RL"
NEW = "newly solved with k samples"
_PUBLISHED = {"distill": "gain_pass64_distill", "int": "gain_pass64_int"}


def hard_gains(results: Path) -> pd.DataFrame:
    """Paired gains in pass@k on the hard test problems, at the largest k of the run, and problems newly solved.

    Newly solved with k samples is the chance that none of k rollouts of the base model reaches the answer and one of k
    rollouts of the other model does, averaged over problems. For the base model it is that of two disjoint groups of
    its rollouts: what chance alone solves newly, for which there must be 2k samples.
    """
    config = collect.run_config(results)
    estimator, k = Estimator(config.report), max(config.evaluation.ks)
    models = {"base": "base"} | {f"rl-{arm}": collect.rl_end(config, arm) for arm in ARMS if arm in config.rl.arms}
    tallies = {name: collect.tally(results, model, "hard_test") for name, model in models.items()}
    base = passed_by_problem(tallies["base"], k)
    unsolved = _successes(tallies["base"]) == 0
    rows: list[dict[str, Any]] = []
    for name, tally in tallies.items():
        arm, passed = name.removeprefix("rl-"), passed_by_problem(tally, k)
        row: dict[str, Any] = {
            "model": look(arm).label + (" + RL" if name != arm else ""),
            "problems": len(tally),
            "samples per problem": samples_per_problem(tally),
            "k": k,
            "pass@k": estimator.mean(passed),
            GAIN: estimator.gain(passed, base) if name != "base" else None,
        }
        if name == "rl-int" and "rl-distill" in tallies:
            row[OVER_DISTILL] = estimator.gain(passed, passed_by_problem(tallies["rl-distill"], k))
        if name == "base":
            row[NEW] = estimator.mean(
                (passed_by_problem(tally, 2 * k) - passed).clip(lower=0.0)
            )  # never below but for rounding
        else:
            row[NEW] = estimator.mean((1.0 - base) * passed)
            solved = _successes(tally) > 0
            row["newly solved problems"] = int((solved & unsolved).sum())
            row["share newly solved"] = estimator.mean((solved & unsolved).astype(float))
            row["no longer solved problems"] = int((~solved & ~unsolved).sum())
        if name != arm and arm in _PUBLISHED:
            said = text_values()[_PUBLISHED[arm]]
            low, high = (float(said.get(end, math.nan)) for end in ("low", "high"))
            row[f"{ELSEWHERE}: gain at k = 64"] = Estimate(said["value"], low, high, 0)
        rows.append({**row, "note": "" if len(tally) else NO_ROWS})
    correct_p_values(rows, [GAIN, OVER_DISTILL])
    order = list(dict.fromkeys(column for row in rows for column in row if column != "note"))
    return pd.DataFrame([{column: row.get(column) for column in [*order, "note"]} for row in rows], dtype=object)


def _successes(tally: pd.DataFrame) -> pd.Series:
    return tally.set_index("problem_id")["c"]
