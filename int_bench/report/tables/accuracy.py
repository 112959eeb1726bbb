"""The tables of results: Table 1, the mining of hard problems, the benchmarks, and the numbers behind Figure 7."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.pass_at_k import counts, nonzero, pass_at_k
from int_bench.config import RunConfig
from int_bench.layout import evaluated_models
from int_bench.report import collect
from int_bench.report.paper import ELSEWHERE, paper_values
from int_bench.report.scores import (
    Estimator,
    accuracy_by_problem,
    samples_per_problem,
    share_by_problem,
)
from int_bench.report.style import look, model_label
from int_bench.report.tables.cells import COMPUTED, GAIN, GUESSES, correct_p_values, guessed, without_interval
from int_bench.report.write import NO_ROWS

NOT_THEIRS = "not in the paper's table"
BASELINE = "what gains are taken against"
UNANSWERED = {
    "truncated": ["truncated"],
    "no answer": ["no_answer"],
    "unparsable": ["unparsable"],
    "timed out": ["timed_out"],
}


def table1(results: Path) -> pd.DataFrame:
    """Table 1: the configurations of rollouts, then the arms, on the hard training problems.

    The gain is the accuracy less that of the base model's own evaluation, paired by problem: no pass that anything was
    chosen or calibrated on. Its p-values are corrected for each other. In the synthetic world there are a row for
    guessing and a column for traces whose every step is right.
    """
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    synthetic = config.problems.kind == "synthetic"
    base = accuracy_by_problem(collect.tally(results, "base", "hard_train"))
    theirs = paper_values()["table1"]
    rows = []
    for name in _table1_order(config):
        arm = name in config.arms
        if name in collect.GUIDED:
            rollouts = collect.guided(results, name, config.interventions.oracle)
        elif name in collect.CONFIGURATIONS:
            rollouts = collect.configuration(results, name)
        else:
            rollouts = collect.on_set(collect.evaluation(results, name), "hard_train")
        tally = counts(rollouts)
        accuracy = accuracy_by_problem(tally)
        row: dict[str, Any] = {
            "configuration": look(name).label,
            "sampled from": "the arm's model" if arm else "the base model",
            "problems": len(tally),
            "samples per problem": samples_per_problem(tally),
            "training rows": collect.training_rows(results, name) if arm else None,
            "nonzero problems": nonzero(tally["c"]),
            "nonzero accuracy": estimator.mean((tally["c"] > 0).to_numpy(float)),
            "accuracy": estimator.mean(accuracy),
        }
        if synthetic:
            row["all steps right"] = estimator.mean(share_by_problem(rollouts, rollouts["all_steps_right"]))
        row[GAIN] = None if name == "base" else estimator.gain(accuracy, base)
        paper = theirs["rows"].get(name)
        row[f"{ELSEWHERE}: nonzero"] = f"{paper['nonzero']}/{theirs['problems']}" if paper else None
        row[f"{ELSEWHERE}: accuracy"] = without_interval(paper["accuracy"], theirs["problems"]) if paper else None
        row["note"] = _note(len(rollouts), bool(paper), name == "base")
        rows.append(row)
    correct_p_values(rows, [GAIN])
    if synthetic:
        chance = {
            "configuration": "chance",
            "sampled from": GUESSES,
            "samples per problem": config.configurations_samples,
        }
        chance |= {"nonzero accuracy": guessed(config.configurations_samples), "accuracy": guessed(1)}
        rows.append(dict.fromkeys(rows[0]) | chance | {"note": COMPUTED})
    return pd.DataFrame(rows, dtype=object)


def mining(results: Path) -> pd.DataFrame:
    """How the pool became the hard set: counts and shares, a full census without sampling error."""
    pool = collect.problems(results, "pool")
    samples = collect.run_config(results).hard_set.samples_of
    rows = _census("mined problems, by pool", pool["source"])
    mined = collect.rows(results, "mining")
    rows.append(_stage("rollouts of mining, of all samples", "drawn", mined, sum(map(samples, pool["source"]))))
    rows += [
        _stage("hard problems", name, len(collect.problems(results, name))) for name in ("hard_train", "hard_test")
    ]
    return pd.DataFrame(rows, dtype=object)


def null(results: Path) -> pd.DataFrame:
    """What the base model solves anew of every hard set, of which it solved nothing in mining.

    The hard sets are this run's and its companions'. A training set has two new passes: the null pass, on whose
    accuracy the synthetic world is calibrated, and the base model's evaluation. A test set has the evaluation alone.
    """
    estimator = Estimator(collect.run_config(results).report)
    companions = [each for role in ("base", "seed") for each in collect.companion_results(results, role)]
    rows = []
    for name, folder in [("this run", results), *companions]:
        samples, evaluated = collect.run_config(folder).hard_set.samples, collect.evaluation(folder, "base")
        by_pool = {} if isinstance(samples, int) else samples
        mined = ", ".join(f"{pool}: {count}" for pool, count in by_pool.items()) or samples
        passes = [("hard_train", "null pass", collect.configuration(folder, "null"))]
        passes += [(part, "evaluation", collect.on_set(evaluated, part)) for part in ("hard_train", "hard_test")]
        for problem_set, of, rollouts in passes:
            tally = counts(rollouts)
            row: dict[str, Any] = {
                "run": name,
                "problem set": problem_set,
                "pass": of,
                "problems": len(tally),
                "samples per problem in mining, none correct": mined,
                "samples per problem": samples_per_problem(tally),
                "correct rollouts": int(tally["c"].sum()),
                "solved": nonzero(tally["c"]),
                "share solved": estimator.mean((tally["c"] > 0).to_numpy(float)),
                "accuracy": estimator.mean(accuracy_by_problem(tally)),
            }
            rows.append({**row, "note": "" if len(rollouts) else NO_ROWS})
    return pd.DataFrame(rows, dtype=object)


def benchmarks(results: Path) -> pd.DataFrame:
    """pass@1 of every final model on its sets of problems, with the shares of rollouts that were not answered.

    In the synthetic world each set also has a row for guessing, and a column for traces whose every step is right.
    """
    config = collect.run_config(results)
    synthetic = config.problems.kind == "synthetic"
    estimator = Estimator(config.report)
    sets = evaluated_models(config)
    evaluated = {model: collect.evaluation(results, model) for model in collect.final_models(config)}
    rows = []
    for problem_set in ("hard_train", "hard_test", *config.problems.benchmarks):
        for model, everything in evaluated.items():
            if problem_set not in sets[model]:
                continue
            rollouts = collect.on_set(everything, problem_set)
            tally = counts(rollouts)
            row: dict[str, Any] = {
                "problem set": problem_set,
                "model": model_label(model),
                "problems": len(tally),
                "samples per problem": samples_per_problem(tally),
                "pass@1": estimator.mean(accuracy_by_problem(tally)),
            }
            if synthetic:
                row["all steps right"] = estimator.mean(share_by_problem(rollouts, rollouts["all_steps_right"]))
            for column, statuses in UNANSWERED.items():
                row[column] = estimator.mean(share_by_problem(rollouts, rollouts["status"].isin(statuses)))
            rows.append({**row, "note": "" if len(rollouts) else NO_ROWS})
        if synthetic:
            chance = {"problem set": problem_set, "model": GUESSES, "pass@1": guessed(1), "note": COMPUTED}
            rows.append(dict.fromkeys(rows[0]) | chance)
    return pd.DataFrame(rows, dtype=object)


def rl_pass_at_k(results: Path, problem_set: str = "hard_test") -> pd.DataFrame:
    """pass@k of each RL checkpoint, and the paired gain of the last over the first: the numbers behind Figure 7.

    The p-values of all gains, over initialisations and budgets, are corrected for each other.
    """
    config = collect.run_config(results)
    estimator, ks = Estimator(config.report), config.evaluation.ks
    first: dict[str, pd.DataFrame] = {}
    rows = []
    for name, step, tally in collect.rl_counts(results, config, problem_set, config.rl.arms):
        passed = pd.DataFrame(pass_at_k(tally["n"], tally["c"], ks), index=tally["problem_id"], columns=list(ks))
        row = {"initialisation": look(name).label, "step": step, "quantity": "pass@k", "problems": len(tally)}
        row["samples per problem"] = samples_per_problem(tally)
        row |= {f"k={k}": estimator.mean(passed[k]) for k in ks}
        rows.append({**row, "note": "" if len(tally) else NO_ROWS})
        before = first.setdefault(name, passed)
        if step == config.rl_steps(name):
            gains = {f"k={k}": estimator.gain(passed[k], before[k]) for k in ks}
            rows.append({**row, "quantity": "gain over step 0", **gains, "note": rows[-1]["note"]})
    correct_p_values(rows, [f"k={k}" for k in ks])
    if rows and config.problems.kind == "synthetic":
        chance = {"initialisation": GUESSES, "quantity": "pass@k", **{f"k={k}": guessed(k) for k in ks}}
        rows.append(dict.fromkeys(rows[0]) | chance | {"note": COMPUTED})
    return pd.DataFrame(rows, dtype=object)


def _table1_order(config: RunConfig) -> list[str]:
    published = paper_values()["table1"]["rows"]
    theirs = [name for name in published if name in config.arms]
    others = [name for name in config.arms if name not in theirs]
    return ["naive", "null", "base", "from_intervention", "with_intervention", *theirs, *others]


def _note(rows: int, published: bool, baseline: bool) -> str:
    notes = {NO_ROWS: not rows, BASELINE: baseline, NOT_THEIRS: not published}
    return "; ".join(note for note, holds in notes.items() if holds)


def _stage(stage: str, group: str, count: int, total: int | None = None) -> dict[str, Any]:
    share = without_interval(count / total, total) if total else None
    return {"stage": stage, "group": group, "count": count, "share": share}


def _census(stage: str, groups: pd.Series) -> list[dict[str, Any]]:
    found = groups.value_counts().sort_index()
    if found.empty:
        return [_stage(stage, NO_ROWS, 0)]
    return [_stage(stage, str(group), int(count), len(groups)) for group, count in found.items()]
