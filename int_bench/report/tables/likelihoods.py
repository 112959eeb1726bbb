"""Likelihood and drift of the arms: their records as tidy frames, and the tables ``likelihood`` and ``drift``.

This module alone reads the files of the stage ``likelihood``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.records import Drift, TraceLikelihood, read_table
from int_bench.report.collect import run_config
from int_bench.report.scores import Estimator
from int_bench.report.style import look
from int_bench.report.tables.cells import correct_p_values
from int_bench.report.write import NO_ROWS

TRACE = ("prefix", "intervention", "continuation", "solution")
"""The parts that make up a trace: all but the token that ends it, which rows of interventions do not have."""
KL = "KL(base, arm), nats per token"
ENTROPY_CHANGE = "entropy less the base model's, nats per token"


def traces(results: Path, arm: str) -> pd.DataFrame:
    """Parts of an arm's rows under the base model: columns ``example_id, problem_id, part, tokens, nll`` (nats)."""
    return _read(results / "likelihood" / f"{arm}.traces.parquet", TraceLikelihood)


def drift(results: Path, arm: str) -> pd.DataFrame:
    """An arm's model against the base model, a row for each of the latter's rollouts on easy problems.

    Columns ``rollout_id, problem_id, tokens, kl, entropy, base_entropy``: sums over the tokens, in nats.
    """
    return _read(results / "likelihood" / f"{arm}.drift.parquet", Drift)


def whole_traces(results: Path, arms: Iterable[str]) -> pd.DataFrame:
    """Whole traces of some arms: columns ``arm, example_id, problem_id, tokens, nll``, a row for each trace."""
    frames = []
    for arm in arms:
        found = traces(results, arm)
        kept = found[found["part"].isin(TRACE)]
        summed = kept.groupby(["example_id", "problem_id"], sort=False)[["tokens", "nll"]].sum().reset_index()
        frames.append(summed.assign(arm=arm))
    columns = ["arm", "example_id", "problem_id", "tokens", "nll"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def per_token(frame: pd.DataFrame, column: str) -> pd.Series:
    """A sum over tokens as nats per token, indexed by problem: all nats of a problem over all its tokens."""
    summed = frame.groupby("problem_id")[["tokens", column]].sum().astype(float)
    return summed[column] / summed["tokens"]


def likelihood_table(results: Path) -> pd.DataFrame:
    """Negative log-likelihood of each arm's rows under the base model, per token, per trace and by part."""
    config = run_config(results)
    estimator = Estimator(config.report)
    rows: list[dict[str, Any]] = []
    for arm in config.arms:
        found, whole = traces(results, arm), whole_traces(results, [arm])
        row: dict[str, Any] = {
            "arm": look(arm).label,
            "rows": len(whole),
            "problems": whole["problem_id"].nunique(),
            "tokens per trace": estimator.amount(whole.groupby("problem_id")["tokens"].mean().to_numpy(float)),
            "nats per trace": estimator.amount(whole.groupby("problem_id")["nll"].mean().to_numpy(float)),
            "nats per token": estimator.amount(per_token(whole, "nll")),
        }
        for part in (*TRACE, "end"):
            row[f"{part}, nats per token"] = estimator.amount(per_token(found[found["part"] == part], "nll"))
        rows.append({**row, "note": "" if len(whole) else NO_ROWS})
    return pd.DataFrame(rows, dtype=object)


def drift_cells(path: Path, estimator: Estimator) -> dict[str, Any]:
    """The cells of a table that say how far a model is from the base model, from the file of its drift."""
    found = _read(path, Drift)
    entropy, before = per_token(found, "entropy"), per_token(found, "base_entropy")
    return {KL: estimator.amount(per_token(found, "kl")), ENTROPY_CHANGE: estimator.change(entropy, before)}


def drift_table(results: Path) -> pd.DataFrame:
    """How far each arm's model is from the base model on the latter's own rollouts of easy problems.

    The change of entropy is paired by problem; its p-values are corrected for each other.
    """
    config = run_config(results)
    estimator = Estimator(config.report)
    rows: list[dict[str, Any]] = []
    for arm, settings in config.arms.items():
        found = drift(results, arm)
        entropy, before = per_token(found, "entropy"), per_token(found, "base_entropy")
        rows.append(
            {
                "arm": look(arm).label,
                "learning rate": f"{settings.sft.learning_rate:g}",
                "rollouts": len(found),
                "problems": found["problem_id"].nunique(),
                "tokens": int(found["tokens"].sum()),
                KL: estimator.amount(per_token(found, "kl")),
                "KL(base, arm), nats per rollout": estimator.amount(found.groupby("problem_id")["kl"].mean()),
                "entropy, nats per token": estimator.amount(entropy),
                ENTROPY_CHANGE: estimator.change(entropy, before),
                "note": "" if len(found) else NO_ROWS,
            }
        )
    correct_p_values(rows, [ENTROPY_CHANGE])
    return pd.DataFrame(rows, dtype=object)


def drift_points(results: Path) -> pd.DataFrame:
    """The numbers behind Figure 5: ``arm, quantity`` (kl or entropy), ``value, low, high, n``, nats per token."""
    config = run_config(results)
    estimator = Estimator(config.report)
    rows = []
    for arm in config.arms:
        found = drift(results, arm)
        change = estimator.change(per_token(found, "entropy"), per_token(found, "base_entropy"))
        for quantity, estimate in (("kl", estimator.amount(per_token(found, "kl"))), ("entropy", change)):
            rows.append((arm, quantity, estimate.value, estimate.low, estimate.high, estimate.n))
    return pd.DataFrame(rows, columns=["arm", "quantity", "value", "low", "high", "n"])


def _read(path: Path, kind: type[TraceLikelihood] | type[Drift]) -> pd.DataFrame:
    return read_table(path, kind).to_pandas()
