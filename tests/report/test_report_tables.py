"""Tables against numbers computed another way."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from int_bench.analysis.estimates import UNDEFINED, Difference, Estimate
from int_bench.analysis.permutation import holm, sign_flip_p_value
from int_bench.config import ReportConfig
from int_bench.records import Intervention, Rollout, read_records
from int_bench.report import collect
from int_bench.report.paper import ELSEWHERE, paper_values
from int_bench.report.scores import Estimator
from int_bench.report.tables import accuracy, audits, hyperparameters, oracles
from int_bench.report.tables.cells import GAIN


def correct_by_problem(path: Path, problem_set: str) -> dict[str, list[bool]]:
    grades: dict[str, list[bool]] = {}
    for rollout in read_records(path, Rollout):
        if rollout.problem_set == problem_set:
            grades.setdefault(rollout.problem_id, []).append(rollout.correct)
    return grades


def enumerated_pass_at_k(correct: list[bool], k: int) -> float:
    return float(np.mean([any(subset) for subset in itertools.combinations(correct, k)]))


@pytest.mark.parametrize(
    ("label", "file"),
    [
        ("naive", "rollouts/naive"),
        ("with intervention", "rollouts/with_intervention-main"),
        ("InT", "evaluation/int"),
        ("distillation", "evaluation/distill"),
    ],
)
def test_table1_counts_what_the_files_hold(make_tree: Callable[..., Path], label: str, file: str):
    results = make_tree()
    row = accuracy.table1(results).set_index("configuration").loc[label]
    grades = correct_by_problem(results / f"{file}.parquet", "hard_train")
    assert row["problems"] == row["accuracy"].n == len(grades)
    assert row["nonzero problems"] == sum(any(correct) for correct in grades.values())
    assert row["accuracy"].value == pytest.approx(np.mean([np.mean(correct) for correct in grades.values()]))
    assert row["accuracy"].low <= row["accuracy"].value <= row["accuracy"].high
    base = correct_by_problem(results / "evaluation/base.parquet", "hard_train")
    gains = [np.mean(correct) - np.mean(base[problem]) for problem, correct in grades.items()]
    gain = row[GAIN]
    assert (gain.value, gain.n) == (pytest.approx(np.mean(gains)), len(gains))
    # Both are drawn at random, from other generators, unless all flips were tried.
    p = sign_flip_p_value(gains, np.random.default_rng(1), resamples=20_000)
    assert gain.p == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 300) + 1 / 300)


def test_table1_corrects_the_p_values_of_all_its_gains(make_tree: Callable[..., Path]):
    gains = accuracy.table1(make_tree()).set_index("configuration")[GAIN].dropna()
    assert len(gains) == 4 + len(collect.run_config(make_tree()).arms)
    assert "base model" not in gains
    assert [gain.p_holm for gain in gains] == holm([gain.p for gain in gains]).tolist()
    assert gains["InT"].format().endswith("(Holm)")
    assert gains["with intervention"].p_holm < 0.05 < gains["naive, second pass"].p_holm


def test_table1_keeps_the_papers_numbers_under_their_heading(make_tree: Callable[..., Path]):
    table = accuracy.table1(make_tree()).set_index("configuration")
    assert table.loc["InT", f"{ELSEWHERE}: nonzero"] == "202/235"
    assert table.loc["InT", f"{ELSEWHERE}: accuracy"].format() == "7.71%"
    assert table.loc["distillation", f"{ELSEWHERE}: nonzero"] is None
    assert table.loc["distillation", "note"] == accuracy.NOT_THEIRS
    assert table.loc["InT", "training rows"] == 20
    order = ["naive", "naive, second pass", "base model", "from intervention", "with intervention"]
    assert list(table.index[:5]) == order
    assert table.loc["base model", "note"] == f"{accuracy.BASELINE}; {accuracy.NOT_THEIRS}"
    assert list(table.index[5:10]) == ["InT", "InT, no filter", "InT, no prefix", "InT, + suffix", "distillation"]
    assert table.index[-1] == "chance"


def test_only_the_synthetic_world_has_chance_and_steps(make_tree: Callable[..., Path]):
    synthetic, real = accuracy.table1(make_tree()), accuracy.table1(make_tree(kind="files", zero=True))
    assert synthetic.iloc[-1]["accuracy"].format() == "0.10%"
    assert synthetic.iloc[-1]["nonzero accuracy"].value == pytest.approx(1 - 0.999**16)
    right = synthetic.set_index("configuration").loc["InT"]
    assert 0 < right["all steps right"].value <= right["accuracy"].value
    assert "all steps right" not in real
    assert "chance" not in set(real["configuration"])


def test_zero_successes_have_a_width_everywhere(make_tree: Callable[..., Path]):
    results = make_tree(kind="files", zero=True)
    for table in (accuracy.table1(results), accuracy.benchmarks(results), accuracy.rl_pass_at_k(results)):
        estimates = [cell for column in table for cell in table[column] if isinstance(cell, Estimate) and cell.n]
        zeros = [cell for cell in estimates if cell.value == 0]
        assert zeros
        assert all(cell.high > 0.05 for cell in zeros if not np.isnan(cell.high))


def test_rl_pass_at_k_equals_enumeration(make_tree: Callable[..., Path]):
    results = make_tree()
    table = accuracy.rl_pass_at_k(results).set_index(["initialisation", "step", "quantity"])
    means = {}
    for step, model in ((0, "int"), (40, "rl-int@40")):
        grades = correct_by_problem(results / f"evaluation/{model}.parquet", "hard_test")
        means[step] = np.mean([enumerated_pass_at_k(correct, 4) for correct in grades.values()])
        assert table.loc[("InT", step, "pass@k"), "k=4"].value == pytest.approx(means[step])
    gain = table.loc[("InT", 40, "gain over step 0"), "k=4"]
    assert isinstance(gain, Difference)
    assert gain.value == pytest.approx(means[40] - means[0])
    gains = [cell for row in table.xs("gain over step 0", level="quantity").to_numpy() for cell in row]
    gains = [cell for cell in gains if isinstance(cell, Difference)]
    rl = collect.run_config(results).rl
    assert len(gains) == len(rl.arms) * 5
    assert [gain.p_holm for gain in gains] == holm([gain.p for gain in gains]).tolist()
    assert set(table["samples per problem"].dropna()) == {"16"}
    guess = table.xs("uniform guesses").iloc[0]
    assert guess["k=4"].value == pytest.approx(1 - 0.999**4)
    assert len(table) == len(rl.arms) * (len(rl.checkpoints) + 1) + 1


def test_budgets_beyond_the_samples_are_undefined(make_tree: Callable[..., Path], tmp_path: Path):
    tree = make_tree()
    for name in ("evaluation", "problems"):
        (tmp_path / name).symlink_to(tree / name)
    config = yaml.safe_load((tree / "config.yaml").read_text())
    config["evaluation"]["ks"] = [1, 32]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    table = accuracy.rl_pass_at_k(tmp_path)
    sampled = table[table["initialisation"] != "uniform guesses"]
    assert {cell.format() for cell in sampled["k=32"]} == {f"{UNDEFINED} (25 undefined)"}


def test_benchmarks_cover_every_final_model_and_set(make_tree: Callable[..., Path]):
    results = make_tree()
    table = accuracy.benchmarks(results)
    config = collect.run_config(results)
    everywhere, narrow = 1 + len(config.rl.arms), [name for name, arm in config.arms.items() if not arm.benchmarks]
    everywhere += len(config.arms) - len(narrow)
    sets = 2 + len(config.problems.benchmarks)
    assert len(table) == sets * (everywhere + 1) + 3 * len(narrow)
    assert not (table[table["problem set"] == "gaps"]["model"] == "InT, no filter").any()
    row = table.set_index(["problem set", "model"]).loc[("long", "InT + RL, step 40")]
    rollouts = [r for r in read_records(results / "evaluation/rl-int@40.parquet", Rollout) if r.problem_set == "long"]
    assert row["pass@1"].value == pytest.approx(np.mean([r.correct for r in rollouts]))
    assert row["truncated"].value == pytest.approx(np.mean([r.status == "truncated" for r in rollouts]))
    # Of the statuses only "wrong" has no column: it is what remains.
    for status in ("no_answer", "unparsable", "timed_out"):
        share = np.mean([r.status == status for r in rollouts])
        assert share > 0
        assert row[status.replace("_", " ")].value == pytest.approx(share)


def test_the_funnel_counts_what_is_left_and_what_is_dropped_and_why(make_tree: Callable[..., Path]):
    table = oracles.funnel(make_tree()).set_index("stage")
    assert table["main"].to_dict() == {
        "failed attempts shown": 30,
        "those with the reference that the oracle needs": 30,
        "proposals on them": 30,
        "proposals dropped: answer_step": 1,
        "proposals dropped: no_error": 3,
        "corrective steps": 26,
        "steps dropped: duplicate": 0,
        "different ones": 26,
        "guided rollouts drawn by the filter": 26 * 16,
        "correct ones": 18 * 3,
        "interventions dropped: too_few_correct": 8,
        "interventions kept": 18,
        "problems with a kept intervention": 18,
    }
    theirs = table[next(column for column in table if column.startswith("paper"))]
    assert theirs["interventions kept"] == 2213


def test_the_ladder_scores_places_and_steps_against_the_verifier(make_tree: Callable[..., Path]):
    results = make_tree()
    table = oracles.ladder(results).set_index("oracle")
    main, self_ = table.loc["main"], table.loc["base model, with the solution"]
    assert (main["place exact"].value, main["place exact"].n) == (1.0, 27)  # the answer's own step counts
    assert main["step right"].value == pytest.approx(26 / 27)
    named = [row.location for row in read_records(results / "interventions/main.parquet", Intervention)]
    named = [place for place in named if place is not None]
    others = [(named.count(place) - 1) / (len(named) - 1) for place in named]
    assert main[oracles.LEAD].value == pytest.approx(1 - np.mean(others))
    assert (self_["place exact"].value, self_["place within one step"].value) == (0.0, 0.0)
    assert self_["step right"].value == pytest.approx(13 / 27)
    assert self_["place and step"].value == 0.0
    # Problems without an intervention keep what the base model reaches alone.
    alone = correct_by_problem(results / "rollouts/naive.parquet", "hard_train")
    guided = correct_by_problem(results / "rollouts/with_intervention-self.parquet", "hard_train")
    assert len(guided) == 26 < len(alone) == 30
    reached = [np.mean(guided.get(problem, alone[problem])) for problem in alone]
    assert self_["accuracy"].value == pytest.approx(np.mean(reached))
    assert table.loc["none", "accuracy"].value == pytest.approx(np.mean([np.mean(c) for c in alone.values()]))


def test_without_a_verifier_the_ladder_has_no_places(make_tree: Callable[..., Path]):
    table = oracles.ladder(make_tree(kind="files"))
    assert "place exact" not in table
    assert table["accuracy"].notna().all()


def test_table6_compares_the_same_problems(make_tree: Callable[..., Path]):
    results = make_tree()
    table = oracles.table6(results)
    assert list(table["configuration"]) == ["naive", "with intervention"]
    assert list(table["problems"]) == [26, 26]
    assert list(table["samples per problem"]) == ["16", "16"]
    assert list(table["k"]) == [16, 16]
    assert table["pass@k"].iloc[1].value == table["nonzero accuracy"].iloc[1].value
    alone = correct_by_problem(results / "rollouts/naive.parquet", "hard_train")
    guided = correct_by_problem(results / "rollouts/with_intervention-self.parquet", "hard_train")
    assert table["accuracy"].iloc[0].value == pytest.approx(np.mean([np.mean(alone[name]) for name in guided]))
    assert table["accuracy"].iloc[1].value == pytest.approx(np.mean([np.mean(c) for c in guided.values()]))
    assert list(table[f"{ELSEWHERE}: nonzero"]) == ["40/334", "80/334"]


def test_leaks_are_counted_beside_the_substring_rule(make_tree: Callable[..., Path]):
    table = audits.leakage(make_tree()).set_index(["oracle", "leak"])
    every = table.loc[("main", "all")]
    assert (every["steps"], every["dropped"], every["dropped by the substring rule"]) == (26, 1, 1)
    assert (every["no leak, but dropped by it"], every["leak, but kept by it"]) == ("0/25", "0/1")
    assert table.loc[("main", "none"), "right steps"] == "25/25"
    assert table.loc[("base model, with the solution", "none"), "right steps"] == "12/25"


def test_who_labels_errors_is_compared_with_the_verifier(make_tree: Callable[..., Path]):
    table = audits.categories(make_tree()).set_index(["oracle", "labelled by"])
    assert table.loc[("main", "oracle"), "kappa with the verifier"].value == 1.0
    # The base model names another place than the first error's, of which the verifier says nothing.
    elsewhere = table.loc[("base model, with the solution", "verifier")]
    assert (elsewhere["interventions"], elsewhere["no category"]) == (26, 26)
    judge = table.loc[("main", "judge")]
    assert (judge["interventions"], judge["HIGH"], judge["EXECUTION"], judge["no category"]) == (26, 25, 0, 1)
    assert judge["kappa with the verifier"].value == 0.0
    own = table.loc[("base model, with the solution", "oracle")]
    assert own["no category"] == 26
    assert own["kappa with the verifier"] is None


def test_costs_are_those_of_the_manifests(make_tree: Callable[..., Path]):
    table = audits.oracle_costs(make_tree()).set_index("asked")
    assert list(table.index) == [
        "base model, with the solution",
        "judge of main",
        "judge of base model, with the solution",
    ]
    assert (table["shortened"].iloc[0], table["shortened"].iloc[1]) == (2, None)
    assert table["dollars"].tolist() == [0.5] * 3


def test_every_hard_set_is_asked_anew(make_tree: Callable[..., Path], tmp_path: Path):
    tree, here = make_tree(), tmp_path / "tree"
    config = yaml.safe_load((tree / "config.yaml").read_text())
    config["companions"] = {"small": {"role": "base", "config": "small"}}
    here.mkdir()
    (here / "config.yaml").write_text(yaml.safe_dump(config))
    for folder in ("evaluation", "rollouts"):
        (here / folder).symlink_to(tree / folder)
    (tmp_path / "small").symlink_to(tree)
    table = accuracy.null(here)
    assert table["run"].tolist() == ["this run"] * 3 + ["small"] * 3
    expected = [
        correct_by_problem(tree / "rollouts/null.parquet", "hard_train"),
        correct_by_problem(tree / "evaluation/base.parquet", "hard_train"),
        correct_by_problem(tree / "evaluation/base.parquet", "hard_test"),
    ]
    for row, grades in zip(table.to_dict("records"), expected * 2, strict=True):
        assert row["solved"] == sum(any(correct) for correct in grades.values())
        assert row["correct rollouts"] == sum(map(sum, grades.values()))
        assert row["share solved"].value == pytest.approx(row["solved"] / len(grades))
        assert row["accuracy"].value == pytest.approx(np.mean([np.mean(correct) for correct in grades.values()]))


def test_mining_counts(make_tree: Callable[..., Path]):
    table = accuracy.mining(make_tree()).set_index(["stage", "group"])["count"]
    assert table["rollouts of mining, of all samples", "drawn"] == 30 * 16


@pytest.mark.parametrize(
    "make",
    [
        accuracy.table1,
        accuracy.mining,
        oracles.funnel,
        oracles.ladder,
        accuracy.benchmarks,
        accuracy.rl_pass_at_k,
        hyperparameters.table45,
    ],
)
def test_an_empty_run_says_so(make_tree: Callable[..., Path], make):
    table = make(make_tree(empty=True))
    assert len(table)
    if "note" in table:
        assert table["note"].str.contains("no rows").any()
    if "accuracy" in table:
        assert table["accuracy"].iloc[0].format() == UNDEFINED


def test_hyperparameters_come_from_the_configuration(make_tree: Callable[..., Path]):
    table = hyperparameters.table3(make_tree()).set_index("hyperparameter")
    assert table.loc["learning_rate", "this run"] == 1e-4
    assert table.loc["rollout.n", f"{ELSEWHERE}: e3-1.7B"] == 16
    # Every published name has a row, or a value of the paper would be lost without a word.
    assert set(paper_values()["table3"]["models"]["e3-1.7B"]) <= set(table.index)
    sft = hyperparameters.table45(make_tree())
    assert (sft["source"] == "this run").sum() == len(collect.run_config(make_tree()).arms)
    assert sft[sft["source"].str.endswith("e3-1.7B")]["dataset_size"].tolist() == [73, 482]
    assert all(source == "this run" or source.startswith(ELSEWHERE) for source in sft["source"])


def test_no_arm_has_a_blank_length(make_tree: Callable[..., Path]):
    own = hyperparameters.table45(make_tree())
    own = own[own["source"] == "this run"].set_index("arm")
    length = ["effective_batch_size", "num_train_epochs", hyperparameters.UPDATES, hyperparameters.TOKENS]
    # 20 rows of one token that the loss counts: a batch in all, or 5 of 4, whose updates the tree has 3 and 6 of.
    assert own.loc["InT", length].tolist() == [32, 3, 3, 60]
    assert own.loc["distillation, matched", length].tolist() == [4, 1.2, 6, 24]
    assert not own[length].isna().any(axis=None)


def test_a_number_does_not_depend_on_its_neighbours(make_tree: Callable[..., Path]):
    results = make_tree()
    estimator = Estimator(collect.run_config(results).report)
    scores = np.linspace(0, 1, 20)
    alone = estimator.mean(scores)
    estimator.mean(np.linspace(0, 0.5, 7))
    assert estimator.mean(scores) == alone


def test_gains_pair_by_problem_whatever_the_order():
    after = pd.Series([0.2, 0.9, 0.5], index=["a", "b", "c"])
    before = pd.Series([0.8, 0.1], index=["b", "a"])
    gain = Estimator(ReportConfig(resamples=100)).gain(after, before)
    assert (gain.value, gain.n) == (pytest.approx(0.1), 2)
