"""Tables about oracles: the funnel of their interventions, the ladder of oracles, and Table 6."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.pass_at_k import counts, nonzero, pass_at_k
from int_bench.analysis.places import shuffled_hits
from int_bench.report import collect, collect_answers
from int_bench.report.figures.oracles import STAGES
from int_bench.report.paper import ELSEWHERE, paper_values
from int_bench.report.scores import Estimator, accuracy_by_problem, samples_per_problem, share_by_problem
from int_bench.report.style import look, oracle_look
from int_bench.report.tables.cells import GAIN, correct_p_values, without_interval
from int_bench.report.write import NO_ROWS

FUNNEL = {
    "attempts": "failed attempts shown",
    "able": "those with the reference that the oracle needs",
    "proposals": "proposals on them",
    "steps": "corrective steps",
    "different": "different ones",
    "rollouts": "guided rollouts drawn by the filter",
    "correct": "correct ones",
    "kept": "interventions kept",
    "problems": "problems with a kept intervention",
}
"""The stages of the funnel by their keys in the paper's values."""
LEAD = "place exact, less the same places shuffled"
_DROPPED = {"steps": "proposals dropped: ", "different": "steps dropped: ", "kept": "interventions dropped: "}


def funnel(results: Path) -> pd.DataFrame:
    """How failed attempts became interventions, a column of counts for each oracle beside the authors' own.

    What is dropped between two stages is counted by its reason. A full census, without sampling error.
    """
    config = collect.run_config(results)
    found = {name: _funnel(results, name) for name in config.oracles}
    rows: list[dict[str, Any]] = []
    for key, label in FUNNEL.items():
        for reason in sorted({r for column in found.values() for k, r in column if k == key and r}):
            counted = {oracle_look(name).label: column.get((key, reason), 0) for name, column in found.items()}
            rows.append({"stage": _DROPPED[key] + reason, **counted})
        counted = {oracle_look(name).label: column[key, ""] for name, column in found.items()}
        rows.append({"stage": label, **counted, ELSEWHERE: paper_values()["funnel"]["counts"].get(key)})
    return pd.DataFrame(rows, dtype=object)


def funnel_counts(results: Path) -> pd.DataFrame:
    """The numbers behind the figure of the funnel: columns ``oracle``, ``stage`` and ``count``, which counts attempts.

    An attempt is counted as long as one of the proposals on it is left. The authors' rows, one an attempt, stand beside
    the run's as those of the oracle ``paper``.
    """
    theirs = paper_values()["funnel"]["counts"]
    rows = []
    for name in collect.run_config(results).oracles:
        said = collect_answers.interventions(results, name)
        decided = collect_answers.selections(results, name).set_index("intervention_id")["reason"]
        reasons = said["intervention_id"].map(decided)
        left = {
            "able": said["status"] != "no_reference",
            "steps": said["status"] == "proposed",
            "different": reasons.isin(["kept", "too_few_correct"]),
            "kept": reasons == "kept",
        }
        rows += [(name, stage, said.loc[there, "rollout_id"].nunique()) for stage, there in left.items()]
    rows += [("paper", stage, theirs[stage]) for stage in STAGES if stage in theirs]
    return pd.DataFrame(rows, columns=["oracle", "stage", "count"])


def _funnel(results: Path, oracle: str) -> dict[tuple[str, str], int]:
    """Counts of one oracle by stage and, for what is dropped before that stage, by reason."""
    said, decided = collect_answers.interventions(results, oracle), collect_answers.selections(results, oracle)
    column: dict[tuple[str, str], int] = {
        ("attempts", ""): said["rollout_id"].nunique(),
        ("able", ""): said.loc[said["status"] != "no_reference", "rollout_id"].nunique(),
        ("proposals", ""): int((said["status"] != "no_reference").sum()),
        ("steps", ""): int((said["status"] == "proposed").sum()),
        ("rollouts", ""): int(decided["samples"].sum()),
        ("correct", ""): int(decided["correct"].sum()),
        ("kept", ""): int(decided["kept"].sum()),
        ("problems", ""): decided.loc[decided["kept"], "problem_id"].nunique(),
    }
    for status, number in said["status"].value_counts().items():
        if status not in ("proposed", "no_reference"):
            column["steps", str(status)] = int(number)
    reasons = decided["reason"].value_counts()
    column["different", "duplicate"] = int(reasons.get("duplicate", 0))
    column["different", ""] = column["steps", ""] - column["different", "duplicate"]
    column["kept", "too_few_correct"] = int(reasons.get("too_few_correct", 0))
    return column


def ladder(results: Path) -> pd.DataFrame:
    """The ladder of oracles: how often each finds the place and writes a right step, and what its steps are worth.

    Shares are of all proposals on attempts with an error: one that names no place, or writes no step, is a miss, one
    that was dropped for another reason is judged like the rest. The lead is over the places that the oracle names for
    attempts at other problems, so that to name the same place always leads by nothing. The accuracy is that of the base
    model's rollouts with the oracle's interventions, and for problems without any, from the problem alone: what the
    oracle makes of the whole hard training set. Its p-values are corrected for each other.
    """
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    alone = accuracy_by_problem(counts(collect.configuration(results, "naive")))
    rows: list[dict[str, Any]] = [
        {"oracle": "none", "attempts": 0, "proposals": 0, "problems": len(alone), "accuracy": estimator.mean(alone)}
    ]
    for name in config.oracles:
        said = collect_answers.interventions(results, name)
        guided = accuracy_by_problem(counts(collect.guided(results, "with_intervention", name)))
        reached = guided.reindex(alone.index).fillna(alone)
        row: dict[str, Any] = {
            "oracle": oracle_look(name).label,
            "attempts": said["rollout_id"].nunique(),
            "proposals": len(said),
            "problems": said["problem_id"].nunique(),
            "accuracy": estimator.mean(reached),
            GAIN: estimator.gain(reached, alone),
        }
        known = said[said["truth_location"].notna()]
        if config.problems.kind == "synthetic":
            off = (known["location"] - known["truth_location"]).abs()
            exact = share_by_problem(known, (off == 0).fillna(False))
            named = [None if pd.isna(place) else int(place) for place in known["location"]]
            shuffled = shuffled_hits(named, known["truth_location"].tolist(), known["problem_id"].tolist())
            by_chance = pd.Series(shuffled, index=known.index).groupby(known["problem_id"]).mean()
            right = known["content_right"].fillna(False)
            row |= {
                "place exact": estimator.mean(exact),
                "place within one step": estimator.mean(share_by_problem(known, (off <= 1).fillna(False))),
                "step right": estimator.mean(share_by_problem(known, right)),
                "place and step": estimator.mean(share_by_problem(known, right & (off == 0).fillna(False))),
                LEAD: estimator.gain(exact, by_chance),
            }
        rows.append({**row, "note": "" if len(said) else NO_ROWS})
    correct_p_values(rows, [GAIN, LEAD])
    order = ["oracle", "attempts", "proposals", "problems"]
    order += [column for row in rows for column in row if column not in order and column != "note"]
    columns = [*dict.fromkeys(order), "note"]
    return pd.DataFrame([{column: row.get(column) for column in columns} for row in rows], dtype=object)


def table6(results: Path) -> pd.DataFrame:
    """Table 6: rollouts without and with interventions of the base model itself, on problems that have some."""
    config = collect.run_config(results)
    estimator, theirs = Estimator(config.report), paper_values()["table6"]
    naive = counts(collect.configuration(results, "naive"))
    rows: list[dict[str, Any]] = []
    for name in config.self_oracles:
        guided = counts(collect.guided(results, "with_intervention", name))
        alone = naive[naive["problem_id"].isin(guided["problem_id"])]
        before = accuracy_by_problem(alone)
        k = int(min(alone["n"].min(), guided["n"].min())) if len(guided) else None
        for configuration, tally in (("naive", alone), ("with_intervention", guided)):
            accuracy, paper = accuracy_by_problem(tally), theirs["rows"][configuration]
            rows.append(
                {
                    "interventions of": oracle_look(name).label,
                    "configuration": look(configuration).label,
                    "problems": len(tally),
                    "samples per problem": samples_per_problem(tally),
                    "nonzero problems": nonzero(tally["c"]),
                    "nonzero accuracy": estimator.mean((tally["c"] > 0).to_numpy(float)),
                    "k": k,
                    "pass@k": estimator.mean(pass_at_k(tally["n"], tally["c"], k)) if k else None,
                    "accuracy": estimator.mean(accuracy),
                    GAIN: None if tally is alone else estimator.gain(accuracy, before),
                    f"{ELSEWHERE}: nonzero": f"{paper['nonzero']}/{theirs['problems']}",
                    f"{ELSEWHERE}: accuracy": without_interval(paper["accuracy"], theirs["problems"]),
                    "note": "" if len(tally) else NO_ROWS,
                }
            )
    if not rows:
        none = {"interventions of": "none", "note": f"{NO_ROWS}: no oracle of this run is its base model"}
        return pd.DataFrame([none | dict.fromkeys(("configuration", "problems", "accuracy", GAIN))])
    correct_p_values(rows, [GAIN])
    return pd.DataFrame(rows, dtype=object)
