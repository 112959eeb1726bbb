"""The table of ablations: what each does to the model that it ablates, paired by problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.config import AblationConfig, RunConfig, model_of
from int_bench.report import collect
from int_bench.report.scores import Estimator, accuracy_by_problem, samples_per_problem
from int_bench.report.style import model_label
from int_bench.report.tables.cells import correct_p_values
from int_bench.report.tables.likelihoods import ENTROPY_CHANGE, drift_cells
from int_bench.report.write import NO_ROWS
from int_bench.sharing import layout_of


def ablations(run: RunConfig, ablated: Mapping[str, tuple[AblationConfig, RunConfig]]) -> pd.DataFrame:
    """A row for each ablation: pass@1 of the ablated model on the hard sets and the held-out benchmark, and its gains.

    Gains are over the model of the same name in the run, paired by problem; the p-values of all are corrected for each
    other. What was fine-tuned alone is measured against the base model too: how far it went, and what became of its
    entropy.
    """
    estimator = Estimator(run.report)
    sets = ["hard_train", "hard_test", run.evaluation.held_out]
    rows: list[dict[str, Any]] = []
    for name, (ablation, config) in ablated.items():
        theirs, own = (_evaluated(each, ablation.base) for each in (config, run))
        row: dict[str, Any] = {
            "ablation": name,
            "model": model_label(model_of(run, ablation.base)),
            "question": ablation.question,
            "changed": ", ".join(changed(ablation.override)),
            "sweep": ablation.sweep,
            "at": ablation.at,
        }
        for problem_set in sets:
            after, before = (collect.tally_of(path, problem_set) for path in (theirs, own))
            accuracy = accuracy_by_problem(after)
            row[f"{problem_set}: samples"] = samples_per_problem(after)
            row[f"{problem_set}: pass@1"] = estimator.mean(accuracy)
            row[f"{problem_set}: gain"] = estimator.gain(accuracy, accuracy_by_problem(before))
        if not ablation.base.startswith("rl-"):
            row |= drift_cells(Path(layout_of(config).drift(ablation.base)), estimator)
        found = any(len(collect.tally_of(theirs, problem_set)) for problem_set in sets)
        rows.append({**row, "note": "" if found else NO_ROWS})
    correct_p_values(rows, [f"{problem_set}: gain" for problem_set in sets])
    correct_p_values(rows, [ENTROPY_CHANGE])
    return pd.DataFrame(rows, dtype=object)


def changed(override: Mapping[str, Any], path: Sequence[str] = ()) -> list[str]:
    """The assignments that an override is made of.

    >>> changed({"rl": {"kl": 0.001, "steps": 40}, "arms": {"suffix": None}})
    ['rl.kl=0.001', 'rl.steps=40', 'arms.suffix=null']
    """
    found: list[str] = []
    for key, value in override.items():
        if isinstance(value, Mapping) and value:
            found += changed(value, (*path, key))
        else:
            found.append(f"{'.'.join((*path, key))}={'null' if value is None else value}")
    return found


def sweep_points(run: RunConfig, ablated: Mapping[str, tuple[AblationConfig, RunConfig]]) -> pd.DataFrame:
    """The points of a sweep, and the run's own: columns ``problem_set, at, value, low, high, n``, sorted by ``at``."""
    estimator = Estimator(run.report)
    places = {(ablation.own, ablation.base): run for ablation, _ in ablated.values() if ablation.own is not None}
    points = [(ablation.at, ablation.base, config) for ablation, config in ablated.values()]
    points += [(own, base, config) for (own, base), config in places.items()]
    rows = []
    for at, base, config in points:
        evaluated = _evaluated(config, base)
        for problem_set in ("hard_train", "hard_test", run.evaluation.held_out):
            found = estimator.mean(accuracy_by_problem(collect.tally_of(evaluated, problem_set)))
            rows.append((problem_set, at, found.value, found.low, found.high, found.n))
    points = pd.DataFrame(rows, columns=["problem_set", "at", "value", "low", "high", "n"])
    return points.sort_values(["problem_set", "at"], ignore_index=True)


def _evaluated(config: RunConfig, base: str) -> Path:
    return Path(layout_of(config).evaluation(model_of(config, base)))
