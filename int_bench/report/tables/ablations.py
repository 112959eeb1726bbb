"""The table of ablations: what each does to the model that it ablates, paired by problem and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from int_bench.analysis.estimates import Difference
from int_bench.analysis.verdicts import Hypothesis, Verdict, keyed, verdicts
from int_bench.config import AblationConfig, ComparedModel, RunConfig, digest
from int_bench.reads import reads
from int_bench.records import TrainingExample, read_records
from int_bench.report import collect
from int_bench.report.scores import Estimator, accuracy_by_problem, samples_per_problem
from int_bench.report.style import model_label
from int_bench.report.tables.cells import correct_p_values
from int_bench.report.tables.likelihoods import ENTROPY_CHANGE, drift_cells
from int_bench.sharing import layout_of
from int_bench.training.schedule import epochs_of, updates_of

Pairs = Sequence[tuple[ComparedModel, ComparedModel]]
"""The ablated model and the one that it is compared with, in the run and in its companions of another seed."""
FOUND = {"holds": "better", "fails": "worse", "undecided": "not told apart"}
UNTRAINED = "no training rows: this is the base model"
RL_FROM_BASE = "no training rows: RL began from the base model"


def ablations(run: RunConfig, made: Mapping[str, tuple[AblationConfig, Pairs]]) -> pd.DataFrame:
    """A row for each ablation: pass@1 on the hard sets and the held-out benchmark, its gains, and verdicts on them.

    Gains are over the model that it is compared with, paired by problem, and judged together as claims are
    (:mod:`int_bench.analysis.verdicts`); with several seeds they are pooled. What was fine-tuned alone is measured
    against the base model too: how far it went, and what became of its entropy.
    """
    estimator, judgements = Estimator(run.report), judged(run, made)
    rows, learned = [], dict[str, str]()
    for name, (ablation, pairs) in made.items():
        theirs, own = ([_learned(pair[side]) for pair in pairs] for side in (0, 1))
        found = {problem_set: judgements[name, problem_set] for problem_set in problem_sets(run)}
        notes = _untrained(pairs, theirs) + _alike(theirs, own)
        if ablation.override and not ablation.base.startswith("rl-"):
            earlier = learned.setdefault(digest([one.what for one in theirs if one]), name)
            notes += [f"learned the same as {earlier}"] if earlier != name else []
        notes += [f"{problem_set}: {said.note}" for problem_set, said in found.items() if said.note]
        rows.append(
            {
                "ablation": name,
                "question": ablation.question,
                "model": named(None if ablation.override else ablation.base, pairs[0][0]),
                "compared with": named(ablation.against, pairs[0][1]),
                "seeds": len(pairs),
                **_found(pairs, found),
                **_scores(pairs, found, estimator),
                **_drift(pairs[0][0], estimator),
                **_training(theirs, own),
                "changed": ", ".join(changed(ablation.override)),
                "note": "; ".join(notes),
            }
        )
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
    """The paired gains in pass@1 of each seed, over the samples that both models have.

    These share their draws, and no side has more of them: either sign of a difference is as likely if both are alike,
    which the test of a gain rests on. A problem that one side lacks is left out.
    """
    found = []
    for theirs, own in pairs:
        after, before = (collect.answers_of(_evaluation(each), problem_set).astype(float) for each in (theirs, own))
        gain = (after - before).dropna().groupby("problem_id").mean()
        found.append(keyed(gain, collect.world_of(own.config)))
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


def named(asked: str | None, model: ComparedModel) -> str:
    """What a table calls a model, with the ablation whose it is if it was ``asked`` for by that name."""
    label = model_label(model.evaluated)
    return f"{label} ({asked})" if asked and model.config.shares else label


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


class _Learned(NamedTuple):
    """What a model was fine-tuned on, itself or before RL.

    ``what`` is a digest of all that it depends on, and ``path`` is where its rows are: the same for a model that is
    shared.
    """

    rows: int
    updates: int
    tokens: int
    what: str
    path: str


def _learned(model: ComparedModel) -> _Learned | None:
    """None if RL began from the base model."""
    if model.arm is None:
        return None
    arm, path = model.config.arm(model.arm), layout_of(model.config).examples(model.arm)
    rows, sft = read_records(path, TrainingExample), arm.sft
    tokens, updates = sum(label >= 0 for row in rows for label in row.labels), updates_of(sft, rows)
    # However the length was given, in epochs or in tokens, so many updates are what it came to.
    settings = sft.model_dump(exclude={"epochs", "trained_tokens"})
    begun = reads("base", model.config), model.config.seed, arm.rule
    what = digest(*begun, settings, updates, [(row.input_ids, row.labels) for row in rows])
    return _Learned(len(rows), updates, round(epochs_of(sft, rows) * tokens), what, path)


def _training(theirs: Sequence[_Learned | None], own: Sequence[_Learned | None]) -> dict[str, str]:
    """Rows, updates and tokens of what was fine-tuned, each seed's, of the ablated model and of the other one."""
    return {
        f"{what}{whose}": _listed(getattr(one, field) for one in side if one)
        for whose, side in (("", theirs), (" of the other", own))
        for what, field in (("training rows", "rows"), ("updates", "updates"), ("trained tokens", "tokens"))
    }


def _untrained(pairs: Pairs, theirs: Sequence[_Learned | None]) -> list[str]:
    """A note if there were no rows to learn from, in some seeds or in all."""
    without = sum(one.rows == 0 for one in theirs if one)
    said = RL_FROM_BASE if pairs[0][0].base.startswith("rl-") else UNTRAINED
    return [said if without == len(pairs) else f"in {without} of {len(pairs)} seeds {said}"] if without else []


def _alike(theirs: Sequence[_Learned | None], own: Sequence[_Learned | None]) -> list[str]:
    """A note if both sides were fine-tuned apart, and on the same in every seed."""
    both = list(zip(theirs, own, strict=True))
    same = all(one and other and one.what == other.what and one.path != other.path for one, other in both)
    return ["the other learned the same"] if same else []


def _found(pairs: Pairs, found: Mapping[str, Verdict]) -> dict[str, Any]:
    """Of each set the gain and what was found of it."""
    cells: dict[str, Any] = {}
    for problem_set, said in found.items():
        seeds = [f"{100.0 * gain.mean():+.2f}" for gain in gains(pairs, problem_set)]
        cells |= {
            f"{problem_set}: gain": Difference(said.effect, said.low, said.high, said.n, 0, said.p, said.p_holm),
            f"{problem_set}: found": FOUND[said.verdict],
            f"{problem_set}: gain of each seed, pp": _listed(seeds),
            f"{problem_set}: smallest detectable, pp": None if isnan(said.mde) else round(100.0 * said.mde, 2),
        }
    return cells


def _scores(pairs: Pairs, sets: Iterable[str], estimator: Estimator) -> dict[str, Any]:
    """Of each set the samples a problem and pass@1 of the ablated model, over all that it has."""
    cells: dict[str, Any] = {}
    for problem_set in sets:
        tallies = [
            (collect.tally_of(_evaluation(theirs), problem_set), collect.world_of(theirs.config)) for theirs, _ in pairs
        ]
        sample = [keyed(accuracy_by_problem(tally), world) for tally, world in tallies]
        cells[f"{problem_set}: samples"] = samples_per_problem(pd.concat([tally for tally, _ in tallies]))
        cells[f"{problem_set}: pass@1"] = estimator.over_seeds(sample)
    return cells


def _drift(model: ComparedModel, estimator: Estimator) -> dict[str, Any]:
    """How far a model is from the base model, if it is fine-tuned alone."""
    if model.base.startswith("rl-"):
        return {}
    return drift_cells(Path(layout_of(model.config).drift(model.base)), estimator)


def _evaluation(model: ComparedModel) -> Path:
    return Path(layout_of(model.config).evaluation(model.evaluated))


def _listed(parts: Iterable[Any]) -> str:
    return ", ".join(map(str, parts))
