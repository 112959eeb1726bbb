"""The table of ablations: what each does to the model that it ablates, paired by problem and judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.estimates import Difference
from int_bench.analysis.verdicts import Hypothesis, Verdict, keyed, verdicts
from int_bench.config import AblationConfig, ComparedModel, RunConfig
from int_bench.records import TrainingExample, read_records
from int_bench.report import collect
from int_bench.report.scores import Estimator, accuracy_by_problem, samples_per_problem
from int_bench.report.style import model_label
from int_bench.report.tables.cells import correct_p_values
from int_bench.report.tables.likelihoods import ENTROPY_CHANGE, drift_cells
from int_bench.sharing import layout_of
from int_bench.training.schedule import updates_of

Pairs = Sequence[tuple[ComparedModel, ComparedModel]]
"""The ablated model and the one that it is compared with, in the run and in its companions of another seed."""
FOUND = {"holds": "better", "fails": "worse", "undecided": "not told apart"}
UNTRAINED = "no training rows: this is the base model"


def ablations(run: RunConfig, made: Mapping[str, tuple[AblationConfig, Pairs]]) -> pd.DataFrame:
    """A row for each ablation: pass@1 on the hard sets and the held-out benchmark, its gains, and verdicts on them.

    Gains are over the model that it is compared with, paired by problem, and judged together as claims are
    (:mod:`int_bench.analysis.verdicts`); with several seeds they are pooled. What was fine-tuned alone is measured
    against the base model too: how far it went, and what became of its entropy.
    """
    estimator, sets, judgements = Estimator(run.report), problem_sets(run), judged(run, made)
    rows = [
        {
            "ablation": name,
            "question": ablation.question,
            "model": model_label(pairs[0][0].evaluated),
            "changed": ", ".join(changed(ablation.override)),
            "compared with": compared_with(ablation, pairs[0][1]),
            "seeds": len(pairs),
            **_training(pairs),
            **_scores(pairs, sets, estimator),
        }
        for name, (ablation, pairs) in made.items()
    ]
    for row in rows:
        for problem_set in sets:
            said = judgements[row["ablation"], problem_set]
            row |= {
                f"{problem_set}: gain": Difference(said.effect, said.low, said.high, said.n, 0, said.p, said.p_holm),
                f"{problem_set}: found": FOUND[said.verdict],
                f"{problem_set}: smallest detectable, pp": None if isnan(said.mde) else round(100.0 * said.mde, 2),
            }
    for row, (_, ((theirs, _), *_)) in zip(rows, made.values(), strict=True):
        if not theirs.base.startswith("rl-"):
            row |= drift_cells(Path(layout_of(theirs.config).drift(theirs.base)), estimator)
        row["note"] = UNTRAINED if 0 in _rows_of([theirs]) else ""
    correct_p_values(rows, [ENTROPY_CHANGE])
    return pd.DataFrame(rows, dtype=object)


def judged(run: RunConfig, made: Mapping[str, tuple[AblationConfig, Pairs]]) -> dict[tuple[str, str], Verdict]:
    """What is found of the gain of each ablation on each set of problems, all judged together."""
    keys = [(name, problem_set) for name in made for problem_set in problem_sets(run)]
    asked = [(gains(made[name][1], problem_set), Hypothesis()) for name, problem_set in keys]
    settings = run.report
    return dict(zip(keys, verdicts(asked, settings.seed, settings.resamples, settings.confidence), strict=True))


def forest(run: RunConfig, made: Mapping[str, tuple[AblationConfig, Pairs]]) -> pd.DataFrame:
    """The same for the figure: columns ``ablation, problem_set, value, low, high, found``, in the order of the file."""
    rows = [
        (name, problem_set, said.effect, said.low, said.high, FOUND[said.verdict])
        for (name, problem_set), said in judged(run, made).items()
    ]
    return pd.DataFrame(rows, columns=["ablation", "problem_set", "value", "low", "high", "found"])


def problem_sets(run: RunConfig) -> list[str]:
    """What ablations are compared on."""
    return ["hard_train", "hard_test", run.evaluation.held_out]


def gains(pairs: Pairs, problem_set: str) -> list[pd.Series]:
    """The paired gains in pass@1 of each seed."""
    found = []
    for theirs, own in pairs:
        after, before = (accuracy_by_problem(_tally(each, problem_set)) for each in (theirs, own))
        found.append(keyed((after - before).dropna(), collect.world_of(own.config)))
    return found


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


def compared_with(ablation: AblationConfig, own: ComparedModel) -> str:
    """What a table calls the model that an ablation is compared with."""
    is_other = ablation.against and own.config.shares
    return f"{model_label(own.evaluated)} of {ablation.against}" if is_other else model_label(own.evaluated)


def sweep_points(run: RunConfig, made: Mapping[str, tuple[AblationConfig, Pairs]]) -> pd.DataFrame:
    """The gains along a sweep, and 0 where the model is that they are compared with, sorted by ``at``.

    Columns ``problem_set, line, at, value, low, high, n``.
    """
    rows = [
        (problem_set, made[name][0].line, made[name][0].at, said.effect, said.low, said.high, said.n)
        for (name, problem_set), said in judged(run, made).items()
    ]
    places = {(ablation.line, ablation.own) for ablation, _ in made.values() if ablation.own is not None}
    rows += [(problem_set, *place, 0.0, 0.0, 0.0, 0) for problem_set in problem_sets(run) for place in places]
    return _along(pd.DataFrame(rows, columns=["problem_set", "line", "at", "value", "low", "high", "n"]))


def sweep_drift(run: RunConfig, made: Mapping[str, tuple[AblationConfig, Pairs]]) -> pd.DataFrame:
    """How far the models of a sweep are from the base model, in the run itself; no rows if RL made them.

    Columns ``quantity`` (the table's name of it), ``line, at, value, low, high, n``.
    """
    estimator, rows = Estimator(run.report), []
    for ablation, ((theirs, own), *_) in made.values():
        if theirs.base.startswith("rl-"):
            continue
        models = {(ablation.line, ablation.at): theirs}
        models |= {} if ablation.own is None else {(ablation.line, ablation.own): own}
        for place, model in models.items():
            cells = drift_cells(Path(layout_of(model.config).drift(model.base)), estimator)
            rows += [(name, *place, cell.value, cell.low, cell.high, cell.n) for name, cell in cells.items()]
    return _along(pd.DataFrame(rows, columns=["quantity", "line", "at", "value", "low", "high", "n"]).drop_duplicates())


def _along(points: pd.DataFrame) -> pd.DataFrame:
    """The points sorted by ``at``; panels and lines keep the order in which they came."""
    panel = str(points.columns[0])
    ordered = {
        column: pd.Categorical(points[column], list(dict.fromkeys(points[column]))) for column in (panel, "line")
    }
    return points.assign(**ordered).sort_values([panel, "line", "at"], ignore_index=True)


def _training(pairs: Pairs) -> dict[str, str]:
    """Rows and updates of what was fine-tuned, each seed's, of the ablated model and of the other one."""
    theirs, own = ([pair[side] for pair in pairs] for side in (0, 1))
    return {
        "training rows": _listed(_rows_of(theirs)),
        "updates": _listed(_updates_of(theirs)),
        "rows of the other": _listed(_rows_of(own)),
        "updates of the other": _listed(_updates_of(own)),
    }


def _rows_of(models: Sequence[ComparedModel]) -> list[int]:
    return [len(_examples(model)) for model in models if model.arm]


def _updates_of(models: Sequence[ComparedModel]) -> list[int]:
    return [updates_of(model.config.arm(model.arm).sft, _examples(model)) for model in models if model.arm]


def _examples(model: ComparedModel) -> list[TrainingExample]:
    return read_records(layout_of(model.config).examples(str(model.arm)), TrainingExample)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _scores(pairs: Pairs, sets: Sequence[str], estimator: Estimator) -> dict[str, Any]:
    """Of each set the samples a problem, and pass@1 of the ablated model."""
    found: dict[str, Any] = {}
    for problem_set in sets:
        tallies = [(_tally(theirs, problem_set), collect.world_of(theirs.config)) for theirs, _ in pairs]
        found[f"{problem_set}: samples"] = samples_per_problem(pd.concat([tally for tally, _ in tallies]))
        sample = [keyed(accuracy_by_problem(tally), world) for tally, world in tallies]
        found[f"{problem_set}: pass@1"] = estimator.over_seeds(sample)
    return found


def _tally(model: ComparedModel, problem_set: str) -> pd.DataFrame:
    return collect.tally_of(Path(layout_of(model.config).evaluation(model.evaluated)), problem_set)
