"""The table of seeds: what each run of the same experiment gave, and what they say together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.verdicts import keyed
from int_bench.report import collect
from int_bench.report.claims.readings import NotMeasured, Readings
from int_bench.report.scores import Estimator
from int_bench.report.style import model_label
from int_bench.report.write import NO_ROWS

LARGE = 64
"""The k of the second measure on the hard test problems."""


def seeds(results: Path) -> pd.DataFrame:
    """pass@k of every final model in this run and in its companions of another seed, and over them all.

    A run's number is a mean over its problems, with an interval over these. Over runs the interval is Student's, or
    that over problems if it is wider (:func:`int_bench.analysis.verdicts.interval_of`); a problem that runs of one
    world share is one problem.
    """
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    runs = {"this run": results, **dict(collect.companion_results(results, "seed"))}
    readings = {name: Readings(folder) for name, folder in runs.items()}
    if len(runs) == 1:
        return pd.DataFrame([{"problem set": "none", "note": f"{NO_ROWS}: this run has no companions of another seed"}])
    measures = [("hard_train", 1), ("hard_test", 1), (config.evaluation.held_out, 1)]
    if max(config.evaluation.ks) >= LARGE:
        measures.append(("hard_test", LARGE))
    rows: list[dict[str, Any]] = []
    for problem_set, k in measures:
        for model in collect.final_models(config):
            row: dict[str, Any] = {"problem set": problem_set, "model": model_label(model), "quantity": f"pass@{k}"}
            sample = []
            for name, reading in readings.items():
                try:
                    passed = reading.passed(model, problem_set, k).dropna()
                except NotMeasured:
                    passed = pd.Series(dtype=float)
                if len(passed) and model not in collect.final_models(reading.config):
                    passed = passed[:0]  # left by an earlier configuration
                row[name] = estimator.mean(passed) if len(passed) else None
                if len(passed):
                    sample.append(keyed(passed, reading.world))
            rows.append(
                {
                    **row,
                    "runs": len(sample),
                    "over runs": estimator.over_seeds(sample) if len(sample) > 1 else None,
                    "note": "",
                }
            )
    return pd.DataFrame(rows, dtype=object)
