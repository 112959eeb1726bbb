"""Ours beside theirs: the published numbers that a run can measure, and what this run measured of the same name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.estimates import Difference, Estimate
from int_bench.analysis.pass_at_k import counts
from int_bench.config import RunConfig
from int_bench.report import collect, collect_answers
from int_bench.report.paper import ELSEWHERE, number, paper_values, place, text_values
from int_bench.report.scores import (
    Estimator,
    accuracy_by_problem,
    passed_by_problem,
    samples_per_problem,
    share_by_problem,
)
from int_bench.report.style import FIGURE11, look, model_label, oracle_look
from int_bench.report.tables import likelihoods
from int_bench.report.tables.cells import without_interval
from int_bench.report.write import NO_ROWS

NOT_MEASURED = "not measured by this run"
TOO_FEW = "fewer samples than k"
OURS = "this run"
_E3, _QWEN, _NOT_NAMED = "e3-1.7B", "Qwen3-4B-Instruct", "not named"


@dataclass(frozen=True, slots=True)
class Theirs:
    """A published number: a share with its n and perhaps an interval, or words; and the model that it is of."""

    reference: str
    model: str
    share: Estimate | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """The run's number: a share with its n and interval, or words; the model, and the samples of a problem."""

    model: str
    share: Estimate | None = None
    words: str | None = None
    samples: str | None = None


Row = tuple[str, Theirs, Ours | None]
"""A quantity, what is published of it, and what the run measured, if it did."""


def beside(results: Path) -> pd.DataFrame:
    """The published numbers that a run can measure, beside what this run did measure; never in one column."""
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    world = f"{config.problems.kind} problems: {config.title}"
    rows = []
    for quantity, theirs, ours in (row for make in ROWS for row in make(results, config, estimator)):
        rows.append(
            {
                "quantity": quantity,
                "place": place(theirs.reference),
                ELSEWHERE: theirs.share,
                f"{ELSEWHERE}: in words": theirs.words,
                f"{ELSEWHERE}: model": theirs.model,
                OURS: ours.share if ours else None,
                f"{OURS}: in words": ours.words if ours else None,
                f"{OURS}: model": ours.model if ours else None,
                f"{OURS}: samples per problem": ours.samples if ours else None,
                f"{OURS}: world": world if ours else None,
                "note": NOT_MEASURED if ours is None else _note(ours.share),
            }
        )
    return pd.DataFrame(rows, dtype=object)


def table1_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """Table 1: accuracy and nonzero accuracy of each configuration."""
    n = int(number("table1/problems"))
    rows: list[Row] = []
    for name in paper_values()["table1"]["rows"]:
        if name in collect.GUIDED:
            tally = counts(collect.guided(results, name, config.interventions.oracle))
        elif name in collect.CONFIGURATIONS:
            tally = counts(collect.configuration(results, name))
        else:
            tally = collect.tally(results, name, "hard_train") if name in config.arms else None
        model = "base" if name in (*collect.GUIDED, *collect.CONFIGURATIONS) else name
        rows += _accuracies(f"table1/rows/{name}", n, _NOT_NAMED, look(name).label, model, tally, estimator)
    return rows


def table6_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """Table 6: the same with the base model's own interventions, for each oracle that is the base model."""
    n = int(number("table6/problems"))
    rows: list[Row] = []
    for oracle in config.self_oracles or (None,):
        guided = counts(collect.guided(results, "with_intervention", oracle)) if oracle else None
        naive = None if guided is None else counts(collect.configuration(results, "naive"))
        if naive is not None and guided is not None:
            naive = naive[naive["problem_id"].isin(guided["problem_id"])]
        of = f", interventions of {oracle_look(oracle).label}" if oracle else ""
        for name, tally in (("naive", naive), ("with_intervention", guided)):
            rows += _accuracies(f"table6/rows/{name}", n, _QWEN, look(name).label + of, "base", tally, estimator)
    return rows


def table2_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """Table 2: pass@k of RL from each start, on the benchmarks that the run has too and on the hard test problems."""
    columns = paper_values()["table2"]["columns"]
    rows: list[Row] = []
    for model, arms in paper_values()["table2"]["models"].items():
        for arm, row in arms.items():
            end = collect.rl_end(config, arm) if arm in config.rl.arms else None
            stem = f"table2/models/{model}/{arm}/scores"
            rows += _scores(results, config, estimator, columns, row["scores"], stem, model, arm, end)
            ks = dict.fromkeys(config.evaluation.table2, 1)
            average = Theirs(f"table2/models/{model}/{arm}/average", model, without_interval(row["average"], 0))
            rows.append((f"average pass@1: {_start(arm)}", average, _average(results, estimator, end, ks)))
    return rows


def table7_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """Table 7: pass@1 or pass@8 of the base model and of RL from each start, on the benchmarks that the run has too."""
    columns = paper_values()["table7"]["columns"]
    rows: list[Row] = []
    for name, row in paper_values()["table7"]["rows"].items():
        arm = name.removeprefix("rl-")
        trained = collect.rl_end(config, arm) if arm in config.rl.arms else None
        end = "base" if name == "base" else trained
        if "average" in row:
            average = Theirs(f"table7/rows/{name}/average", _QWEN, without_interval(row["average"], 0))
            ours = _average(results, estimator, end, config.evaluation.table7)
            quantity = "base model" if name == "base" else _start(arm)
            rows.append((f"average of unlike k, as in the paper: {quantity}", average, ours))
        rows += _scores(
            results, config, estimator, columns, row["scores"], f"table7/rows/{name}/scores", _QWEN, arm, end
        )
    return rows


def gain_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """The gains in pass@64 over the base model on the hard test problems, and the problems newly solved."""
    k, n = int(number("text/pass_budget")), int(number("text/hard_test"))
    base = collect.tally(results, "base", "hard_test")
    rows: list[Row] = []
    for arm, entry in (("int", "gain_pass64_int"), ("distill", "gain_pass64_distill")):
        low, high = (text_values()[entry].get(end, float("nan")) for end in ("low", "high"))
        share = Difference(number(f"text/{entry}"), low, high, n)
        ours = None
        if arm in config.rl.arms:
            end = collect.rl_end(config, arm)
            after = collect.tally(results, end, "hard_test")
            gain = estimator.gain(passed_by_problem(after, k), passed_by_problem(base, k))
            ours = Ours(model_label(end), gain, samples=samples_per_problem(after))
        quantity = f"gain in pass@{k} over the base model, hard test problems: {look(arm).label} + RL"
        rows.append((quantity, Theirs(f"text/{entry}", _E3, share), ours))
    ours = None
    if "int" in config.rl.arms:
        end = collect.rl_end(config, "int")
        after = collect.tally(results, end, "hard_test")
        solved = after.set_index("problem_id")["c"] > 0
        before = solved.index.isin(base.loc[base["c"] > 0, "problem_id"])
        newly = estimator.mean((solved & ~before).to_numpy(float))
        ours = Ours(model_label(end), newly, samples=samples_per_problem(after))
    for entry in ("newly_solved_abstract", "newly_solved_introduction"):
        theirs = Theirs(f"text/{entry}", _E3, without_interval(number(f"text/{entry}"), n))
        rows.append(("hard test problems newly solved, of all: InT + RL", theirs, ours))
    return rows


def intervention_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """How long interventions are, and how many of the errors are of execution."""
    oracle = config.interventions.oracle
    labels = collect_answers.categories(results, config, oracle)
    said = collect_answers.said_of(labels)
    share = estimator.mean(share_by_problem(labels, (said == "EXECUTION").where(said.notna())))
    ours = Ours(f"errors that {oracle_look(oracle).label} corrects", share)
    lengths = collect.intervention_tokens(results, "int") if "int" in config.arms else pd.Series(dtype=float)
    median = f"median {lengths.median():g} tokens (n = {len(lengths)} rows of InT)" if len(lengths) else None
    length = Ours(oracle_look(oracle).label, words=median) if median else None
    rows: list[Row] = [
        (
            "errors that are execution errors",
            Theirs(f"text/{entry}", model, without_interval(number(f"text/{entry}"), 0)),
            ours,
        )
        for entry, model in (("execution_share_introduction", _NOT_NAMED), ("execution_share_section3", _QWEN))
    ]
    for entry, words in (("intervention_tokens", "about"), ("intervention_tokens_bound", "typically under")):
        theirs = Theirs(f"text/{entry}", "Gemini 2.5 Pro", words=f"{words} {number(f'text/{entry}'):g} tokens")
        rows.append(("length of an intervention", theirs, length))
    return rows


def likelihood_rows(results: Path, config: RunConfig, estimator: Estimator) -> list[Row]:
    """Figure 11a: whose traces the base model finds likeliest, per trace as the paper and per token."""
    theirs = Theirs("text/nll_traces", _QWEN, words="InT lowest of InT, gold, self-refined, R1 thoughts and summaries")
    arms = [arm for arm in FIGURE11 if arm in config.arms]
    found = {arm: likelihoods.whole_traces(results, [arm]) for arm in arms}
    found = {arm: traces for arm, traces in found.items() if len(traces)}
    rows: list[Row] = []
    for unit in ("trace", "token"):
        means = {}
        for arm, traces in found.items():
            by_problem = traces.groupby("problem_id")["nll"].mean()
            scores = likelihoods.per_token(traces, "nll") if unit == "token" else by_problem
            means[arm] = float(scores.mean())
        order = " < ".join(
            f"{look(arm).label} {means[arm]:.3g} (n = {len(found[arm])})"
            for arm in sorted(means, key=means.__getitem__)
        )
        ours = Ours("base model", words=f"{order}, nats per {unit}, means over problems")
        rows.append((f"negative log-likelihood of traces, per {unit}", theirs, ours if means else None))
    return rows


ROWS: tuple[Callable[[Path, RunConfig, Estimator], list[Row]], ...] = (
    table1_rows,
    table2_rows,
    table6_rows,
    table7_rows,
    gain_rows,
    intervention_rows,
    likelihood_rows,
)
"""Who makes the rows, in the order of the table."""


def _note(share: Estimate | None) -> str:
    if share is None or share.n:
        return ""
    return TOO_FEW if share.dropped else NO_ROWS


def _accuracies(
    stem: str, n: int, their_model: str, label: str, model: str, tally: pd.DataFrame | None, estimator: Estimator
) -> list[Row]:
    """Two rows: the accuracy, and the share of problems with a correct rollout."""
    theirs = [
        Theirs(f"{stem}/accuracy", their_model, without_interval(number(f"{stem}/accuracy"), n)),
        Theirs(f"{stem}/nonzero", their_model, without_interval(number(f"{stem}/nonzero") / n, n)),
    ]
    ours: list[Ours | None] = [None, None]
    if tally is not None:
        solved = (tally["c"] > 0).to_numpy(float)
        estimates = (estimator.mean(accuracy_by_problem(tally)), estimator.mean(solved))
        ours = [Ours(model_label(model), share, samples=samples_per_problem(tally)) for share in estimates]
    quantities = (f"accuracy: {label}", f"nonzero accuracy: {label}")
    return list(zip(quantities, theirs, ours, strict=True))


def _scores(
    results: Path,
    config: RunConfig,
    estimator: Estimator,
    columns: dict[str, Any],
    scores: dict[str, float | None],
    stem: str,
    their_model: str,
    arm: str,
    end: str | None,
) -> list[Row]:
    """A row for each published score of a model on a set of problems that the run has too, ours if it has the model."""
    rows: list[Row] = []
    for name, score in scores.items():
        # None is a score that our copy of the paper has lost.
        if score is None or name not in ("hard_test", *config.problems.benchmarks):
            continue
        k, ours = columns[name]["k"], None
        if end:
            tally = collect.tally(results, end, name)
            ours = Ours(
                model_label(end), estimator.mean(passed_by_problem(tally, k)), samples=samples_per_problem(tally)
            )
        theirs = Theirs(f"{stem}/{name}", their_model, without_interval(score, columns[name]["problems"]))
        start = "" if end == "base" else f"{_start(arm)}, "
        rows.append((f"pass@{k}: {start}{columns[name]['label']}", theirs, ours))
    return rows


def _average(results: Path, estimator: Estimator, end: str | None, ks: dict[str, int]) -> Ours | None:
    """The average of a model over the run's own benchmarks, each at its k."""
    if end is None or not ks:
        return None
    tallies = {name: collect.tally(results, end, name) for name in ks}
    share = estimator.average([passed_by_problem(tallies[name], k) for name, k in ks.items()])
    samples = samples_per_problem(pd.concat(tallies.values()))
    return Ours(f"{model_label(end)}, over {', '.join(ks)}", share, samples=samples)


def _start(arm: str) -> str:
    return f"RL from {look(arm).label}"
