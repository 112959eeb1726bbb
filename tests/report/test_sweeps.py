"""The table and the sweeps of ablations."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from int_bench.config import AblationConfig, ComparedModel, RunConfig, load
from int_bench.records import Rollout, TrainingExample, read_records, write_records
from int_bench.report import collect
from int_bench.report.figures.ablations import overview, sweep
from int_bench.report.tables.ablations import UNTRAINED, ablations, forest, sweep_drift, sweep_points
from int_bench.report.tables.likelihoods import ENTROPY_CHANGE, KL, drift
from int_bench.training.schedule import updates_of

EXAMPLES = "training/{}.examples.parquet"
RUNS = ("tree-longer", "tree")
OVERRIDE = {"arms": {"int": {"sft": {"epochs": 9}}}}
LONGER = AblationConfig(base="int", question="?", override=OVERRIDE, sweep="epochs", at=9, own=3)


def take(tree: Path, name: str, folder: Path, arm: str) -> RunConfig:
    """An ablation of the arm ``int`` of a run that did as its arm ``arm`` did."""
    for path in ("evaluation/{}.parquet", "likelihood/{}.drift.parquet", EXAMPLES):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree / path.format(arm), folder / path.format("int"))
    return load(tree / "config.yaml", {"name": folder.name, "shares": tree.name, **OVERRIDE})


@pytest.fixture
def made(make_tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunConfig, dict]:
    """A run, and an ablation of its arm ``int`` that did as well as the arm without a filter."""
    monkeypatch.chdir(tmp_path)
    tree = tmp_path / "results" / "tree"
    shutil.copytree(make_tree(), tree)
    run = load(tree / "config.yaml")
    config = take(tree, "longer", tmp_path / "results" / "tree-longer", "no_filter")
    return run, {"longer": (LONGER, [(ComparedModel(config, "int"), ComparedModel(run, "int"))])}


def accuracy(model: str, problem_set: str) -> float:
    graded = collect.on_set(collect.evaluation(Path("results/tree"), model), problem_set)
    return float(graded["correct"].mean())


def test_a_row_compares_the_ablated_model_with_the_runs_own(made):
    _, ablated = made
    (row,) = ablations(*made).to_dict("records")
    assert (row["ablation"], row["changed"], row["seeds"]) == ("longer", "arms.int.sft.epochs=9", 1)
    for name in ("hard_train", "hard_test", "easy"):
        gain = row[f"{name}: gain"]
        assert row[f"{name}: pass@1"].value == pytest.approx(accuracy("no_filter", name))
        assert gain.value == pytest.approx(accuracy("no_filter", name) - accuracy("int", name))
        assert row[f"{name}: gain of each seed, pp"] == f"{100 * gain.value:+.2f}"
    found = drift(Path("results/tree"), "no_filter").groupby("problem_id")[["tokens", "kl"]].sum()
    assert row[KL].value == pytest.approx((found["kl"] / found["tokens"]).mean())
    rows, others = (read_records(Path("results") / name / EXAMPLES.format("int"), TrainingExample) for name in RUNS)
    updates = updates_of(ablated["longer"][1][0][1].config.arm("int").sft, rows)
    assert (row["training rows"], row["training rows of the other"]) == (str(len(rows)), str(len(others)))
    assert row["updates"] == str(updates * 9 // 3)
    learned = sum(
        label >= 0
        for example in read_records(Path("results/tree-longer") / EXAMPLES.format("int"), TrainingExample)
        for label in example.labels
    )
    assert row["trained tokens"] == str(9 * learned)
    assert row["note"] == ""


@pytest.mark.parametrize(("better", "found"), [(True, "better"), (False, "worse")])
def test_what_is_found_is_on_the_side_of_the_gain(made, better: bool, found: str):
    """The base model is far below a model that solves what InT solves."""
    run, ablated = made
    ((theirs, own),) = ablated["longer"][1]
    rollouts = collect.evaluation(Path("results/tree"), "int")
    path = Path("results/tree-longer/evaluation/int.parquet")
    write_records(path, [replace(row, correct=better) for row in read_records(path, Rollout)], Rollout)
    assert 0.05 < rollouts["correct"].mean() < 0.95
    (row,) = ablations(run, {"longer": (LONGER, [(theirs, own)])}).to_dict("records")
    assert row["hard_test: found"] == found
    drawn = forest(run, ablated)
    assert drawn[drawn["problem_set"] == "hard_test"]["found"].tolist() == [found]
    assert overview(drawn).axes[1].get_title("left") == "hard_test"


def test_a_gain_is_over_the_draws_that_both_models_have(made):
    """A model against itself, of which there are fewer samples: no difference, whatever the others would say."""
    run, ablated = made
    path, own = (Path(f"results/{name}/evaluation/int.parquet") for name in RUNS)
    first = [row for row in read_records(own, Rollout) if row.sample < 2]
    write_records(path, first, Rollout)
    (row,) = ablations(run, ablated).to_dict("records")
    for name in ("hard_train", "hard_test"):
        assert (row[f"{name}: samples"], row[f"{name}: gain"].value) == ("2", 0.0)
        share = [one.correct for one in first if one.problem_set == name]
        assert row[f"{name}: pass@1"].value == pytest.approx(sum(share) / len(share))
        assert row[f"{name}: pass@1"].value != pytest.approx(accuracy("int", name))


def test_what_learned_the_same_says_so(made):
    run, ablated = made
    _, pairs = ablated["longer"]
    first, second = ablations(run, {"longer": (LONGER, pairs), "again": (LONGER, pairs)}).to_dict("records")
    assert (first["note"], second["note"]) == ("", "learned the same as longer")


def laid_over(arm: dict) -> ComparedModel:
    """The ablated model of the fixture under other settings of its arm."""
    override = {"name": "tree-longer", "shares": "tree", "arms": {"int": arm}}
    return ComparedModel(load("results/tree/config.yaml", override), "int")


def test_as_many_updates_are_the_same_however_they_were_asked_for_and_a_rule_of_its_own_is_not(made):
    run, ablated = made
    ((_, own),) = ablated["longer"][1]
    rows = read_records(Path("results/tree-longer") / EXAMPLES.format("int"), TrainingExample)
    tokens = 9 * sum(label >= 0 for row in rows for label in row.labels)
    arms = {
        "longer": {"sft": {"epochs": 9}},
        "tokens": {"sft": {"epochs": None, "trained_tokens": tokens}},
        "faster": {"sft": {"epochs": 9, "learning_rate": 1.0}},
        "ruled": {"sft": {"epochs": 9}, "rule": "half_way"},
    }
    table = ablations(run, {name: (LONGER, [(laid_over(arm), own)]) for name, arm in arms.items()})
    assert table["note"].tolist() == ["", "learned the same as longer", "", ""]


def test_what_learned_the_same_as_it_is_compared_with_says_so_unless_it_is_that_very_model(made):
    run, ablated = made
    ((_, own),) = ablated["longer"][1]
    theirs, ours = (Path("results") / name / EXAMPLES.format("int") for name in RUNS)
    shutil.copy(ours, theirs)
    tokens = 3 * sum(label >= 0 for row in read_records(ours, TrainingExample) for label in row.labels)
    assert run.arm("int").sft.epochs == 3
    same = laid_over({"sft": {"epochs": None, "trained_tokens": tokens}})
    (apart,) = ablations(run, {"same": (LONGER, [(same, own)])}).to_dict("records")
    (itself,) = ablations(run, {"same": (LONGER, [(own, own)])}).to_dict("records")
    assert (apart["note"], itself["note"]) == ("the other learned the same", "")


def test_seeds_are_pooled(made):
    """Two seeds on the same problems: the second loses what the first gains."""
    run, ablated = made
    ((theirs, own),) = ablated["longer"][1]
    (row,) = ablations(run, {"longer": (LONGER, [(theirs, own), (own, theirs)])}).to_dict("records")
    assert row["seeds"] == 2
    for name in ("hard_train", "hard_test", "easy"):
        assert row[f"{name}: gain"].value == pytest.approx(0.0)
        assert row[f"{name}: found"] == "not told apart"
        assert row[f"{name}: pass@1"].value == pytest.approx((accuracy("no_filter", name) + accuracy("int", name)) / 2)
    assert len(row["training rows"].split(", ")) == 2


def test_a_model_that_was_not_trained_is_said_to_be_the_base_model(made):
    write_records(Path("results/tree-longer") / EXAMPLES.format("int"), [], TrainingExample)
    (row,) = ablations(*made).to_dict("records")
    assert (row["training rows"], row["updates"], row["trained tokens"], row["note"]) == ("0", "0", "0", UNTRAINED)
    run, ablated = made
    ((theirs, own),) = ablated["longer"][1]
    other = replace(theirs, config=load("results/tree/config.yaml"))
    (row,) = ablations(run, {"longer": (LONGER, [(theirs, own), (other, own)])}).to_dict("records")
    assert row["note"] == f"in 1 of 2 seeds {UNTRAINED}"


def test_a_sweep_has_the_gains_and_zero_where_the_runs_own_model_is(made):
    points = sweep_points(*made)
    assert points["at"].tolist() == [3.0, 9.0] * 3
    for row in points.itertuples():
        gain = accuracy("no_filter", row.problem_set) - accuracy("int", row.problem_set)
        assert row.value == pytest.approx(0.0 if row.at == 3 else gain)
        assert row.low <= row.value <= row.high


def test_a_sweep_without_it_has_the_ablations_alone(made):
    run, ablated = made
    ((ablation, pairs),) = ablated.values()
    points = sweep_points(run, {"longer": (ablation.model_copy(update={"own": None}), pairs)})
    assert points["at"].tolist() == [9.0] * 3


def test_lines_of_a_sweep_keep_the_order_of_the_file(made):
    run, ablated = made
    ((ablation, pairs),) = ablated.values()
    late = {"line": "9 epochs", "own": None}, {"line": "10 epochs", "own": None}
    found = sweep_points(run, {line["line"]: (ablation.model_copy(update=line), pairs) for line in late})
    assert found["line"].unique().tolist() == ["9 epochs", "10 epochs"]
    assert found["problem_set"].unique().tolist() == ["hard_train", "hard_test", "easy"]


def test_a_sweep_shows_how_far_each_of_its_models_is_from_the_base_model(made):
    points = sweep_drift(*made)
    assert points["quantity"].unique().tolist() == [KL, ENTROPY_CHANGE]
    assert points["at"].tolist() == [3.0, 9.0] * 2
    for at, arm in ((3.0, "int"), (9.0, "no_filter")):
        found = drift(Path("results/tree"), arm).groupby("problem_id")[["tokens", "kl"]].sum()
        (kl,) = points[(points["quantity"] == KL) & (points["at"] == at)]["value"]
        assert kl == pytest.approx((found["kl"] / found["tokens"]).mean())


def test_the_figure_of_a_sweep_has_a_panel_for_each_set_and_for_the_drift(made):
    gains, far = sweep_points(*made), sweep_drift(*made)
    figure = sweep(gains, far, "epochs", "int", "InT")
    shown = [axes.get_title("left") for axes in figure.axes if axes.axison]
    sets = [f"{name} (n = {n})" for name, n in gains.groupby("problem_set", observed=True)["n"].max().items()]
    assert shown == [*sets, "KL(base, arm)", "entropy less the base model's"]
