"""The table and the sweeps of ablations."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from int_bench.config import AblationConfig, RunConfig, load
from int_bench.report import collect
from int_bench.report.tables.ablations import ablations, sweep_points
from int_bench.report.tables.likelihoods import KL, drift


@pytest.fixture
def made(make_tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunConfig, dict]:
    """A run, and an ablation of its arm ``int`` that did as well as the arm without a filter."""
    monkeypatch.chdir(tmp_path)
    tree = tmp_path / "results" / "tree"
    shutil.copytree(make_tree(), tree)
    evaluated = tmp_path / "results" / "tree-longer" / "evaluation" / "int.parquet"
    evaluated.parent.mkdir(parents=True)
    shutil.copy(tree / "evaluation" / "no_filter.parquet", evaluated)
    drift = tmp_path / "results" / "tree-longer" / "likelihood" / "int.drift.parquet"
    drift.parent.mkdir()
    shutil.copy(tree / "likelihood" / "no_filter.drift.parquet", drift)
    override = {"arms": {"int": {"sft": {"epochs": 9}}}}
    config = load(tree / "config.yaml", {"name": "tree-longer", "shares": "tree", **override})
    ablation = AblationConfig(base="int", question="?", override=override, sweep="epochs", at=9, own=3)
    return load(tree / "config.yaml"), {"longer": (ablation, config)}


def accuracy(model: str, problem_set: str) -> float:
    graded = collect.on_set(collect.evaluation(Path("results/tree"), model), problem_set)
    return float(graded["correct"].mean())


def test_a_row_compares_the_ablated_model_with_the_runs_own(made):
    (row,) = ablations(*made).to_dict("records")
    assert (row["ablation"], row["changed"], row["at"]) == ("longer", "arms.int.sft.epochs=9", 9.0)
    for name in ("hard_train", "hard_test", "easy"):
        assert row[f"{name}: pass@1"].value == pytest.approx(accuracy("no_filter", name))
        assert row[f"{name}: gain"].value == pytest.approx(accuracy("no_filter", name) - accuracy("int", name))
    found = drift(Path("results/tree"), "no_filter").groupby("problem_id")[["tokens", "kl"]].sum()
    assert row[KL].value == pytest.approx((found["kl"] / found["tokens"]).mean())


def test_a_sweep_has_the_runs_own_point(made):
    points = sweep_points(*made)
    assert points["at"].tolist() == [3.0, 9.0] * 3
    for row in points.itertuples():
        assert row.value == pytest.approx(accuracy("int" if row.at == 3 else "no_filter", row.problem_set))


def test_a_sweep_without_it_has_the_ablations_alone(made):
    run, ablated = made
    ((ablation, config),) = ablated.values()
    points = sweep_points(run, {"longer": (ablation.model_copy(update={"own": None}), config)})
    assert points["at"].tolist() == [9.0] * 3
