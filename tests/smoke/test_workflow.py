"""The whole workflow at its smallest size: what it leaves behind, and what re-runs when something changes."""

from __future__ import annotations

from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

from int_bench.config import load
from int_bench.layout import FIGURE_KINDS, FIGURES, TABLE_KINDS, TABLES
from int_bench.records import Rollout, TrainingStep, read_records, read_table
from tests.smoke.conftest import Workplace


def weights(folder: Path) -> np.ndarray:
    return np.concatenate([array.ravel() for _, array in sorted(load_file(folder / "model.safetensors").items())])


PAGES = {"tables", "figures", "explorer", "report"}


def own(planned: dict[str, int]) -> set[str]:
    """The rules that would start, those of the companion under their own names."""
    return {rule.removeprefix("small_") for rule in planned} - {"all", "total"}


def rollouts(path: Path) -> pd.DataFrame:
    return read_table(path, Rollout).to_pandas()


def test_every_table_and_figure_is_there(smoke: Workplace):
    for name in TABLES:
        for kind in TABLE_KINDS:
            assert (smoke.results / "tables" / f"{name}.{kind}").stat().st_size > 0
    for name in FIGURES:
        for kind in FIGURE_KINDS:
            assert (smoke.folder / "figures" / "smoke" / f"{name}.{kind}").stat().st_size > 0


def test_nothing_is_pickled_and_no_work_is_left(smoke: Workplace):
    unwanted = {".pkl", ".pickle", ".pt", ".pth", ".bin", ".tmp"}
    assert [path for path in smoke.results.rglob("*") if path.suffix in unwanted] == []
    assert list(smoke.results.rglob(".work/*")) == []


def test_a_finished_run_has_nothing_to_do(smoke: Workplace):
    assert smoke.planned() == {}


@pytest.mark.parametrize(
    ("override", "reruns"),
    [
        ("report={resamples: 50}", {"tables", "figures", "explorer", "report"}),
        ("rl={kl: 0.01}", {"rl", "evaluate", *PAGES}),
        (
            "selection={min_correct: 2}",
            {"filter", "guide", "select", "sft", "rl", "likelihood", "evaluate", *PAGES},
        ),
    ],
)
def test_a_changed_value_reruns_only_what_depends_on_it(smoke: Workplace, override: str, reruns: set[str]):
    planned = smoke.planned(override)
    assert own(planned) == reruns
    if "kl" in override:
        assert planned["rl"] == 6
        assert planned["evaluate"] == 7  # the RL checkpoints, not the base model or the arms


@pytest.mark.parametrize(
    ("module", "reruns"),
    [
        ("analysis/pass_at_k.py", {"tables", "figures", "report"}),
        ("training/sft.py", {"sft", "rl", "likelihood", "evaluate", *PAGES}),
    ],
)
def test_changed_code_reruns_its_stage(copied: Workplace, module: str, reruns: set[str]):
    path = copied.folder / "int_bench" / module
    path.write_text(path.read_text() + "# changed\n")
    assert own(copied.planned()) == reruns


def test_table1_follows_from_the_parquet_files(smoke: Workplace):
    table = pd.read_csv(smoke.results / "tables" / "table1.csv").set_index("configuration")
    for label, path in {
        "naive": "rollouts/naive.parquet",
        "naive, second pass": "rollouts/null.parquet",
        "with intervention": "rollouts/with_intervention-noisy.parquet",
    }.items():
        frame = rollouts(smoke.results / path)
        by_problem = frame.groupby("problem_id")["correct"].mean()
        assert table.loc[label, "accuracy"] == pytest.approx(by_problem.mean())
        assert table.loc[label, "nonzero problems"] == (by_problem > 0).sum()
    frame = rollouts(smoke.results / "evaluation/no_filter.parquet")
    expected = frame[frame["problem_set"] == "hard_train"].groupby("problem_id")["correct"].mean().mean()
    assert table.loc["InT, no filter", "accuracy"] == pytest.approx(expected)


def test_rl_pass_at_k_follows_from_the_parquet_files(smoke: Workplace):
    table = pd.read_csv(smoke.results / "tables" / "rl_pass_at_k.csv")
    frame = rollouts(smoke.results / "evaluation/rl-int@2.parquet")
    counts = frame[frame["problem_set"] == "hard_test"].groupby("problem_id")["correct"].agg(["count", "sum"])
    row = table[(table["initialisation"] == "InT") & (table["step"] == 2) & (table["quantity"] == "pass@k")].iloc[0]
    for k in load(smoke.results / "config.yaml").evaluation.ks:
        exact = np.mean([1 - comb(n - c, k) / comb(n, k) for n, c in counts.itertuples(index=False)])
        assert row[f"k={k}"] == pytest.approx(exact)


def test_every_training_with_something_to_learn_moved_the_weights(smoke: Workplace):
    config = load(smoke.results / "config.yaml")
    models, training = smoke.results / "models", smoke.results / "training"
    base, moved = weights(models / "base"), 0
    for arm in config.arms:
        if read_records(training / f"{arm}.steps.parquet", TrainingStep):
            assert np.abs(weights(models / arm) - base).max() > 0, arm
            moved += 1
    for arm in config.rl.arms:
        steps = read_records(training / f"rl-{arm}.steps.parquet", TrainingStep)
        assert [step.step for step in steps] == list(range(1, config.rl_steps(arm) + 1))
        if any(step.all_wrong + step.all_right < 1 for step in steps):
            after = weights(models / f"rl-{arm}" / f"step-{config.rl_steps(arm)}")
            assert np.abs(after - weights(models / config.rl.start_of(arm))).max() > 0, arm
            moved += 1
    assert moved >= 2


def test_another_seed_gives_other_rollouts(copied: Workplace):
    before = rollouts(copied.results / "rollouts/naive.parquet")
    copied.snakemake("results/smoke/rollouts/naive.parquet", "--config", "run=smoke", "seed=1")
    after = rollouts(copied.results / "rollouts/naive.parquet")
    assert set(before["text"]) != set(after["text"])


def test_the_page_of_the_run_holds_every_table_and_figure(smoke: Workplace):
    text = (smoke.folder / "figures" / "smoke" / "report.html").read_text()
    assert len(text) < 5_000_000
    for name in TABLES:
        assert f'id="tables-{name}"' in text
    for name in FIGURES:
        assert f'id="figures-{name}"' in text


def test_report_is_one_html_file(smoke: Workplace):
    smoke.snakemake("--report", "report.html", "--config", "run=smoke")
    text = (smoke.folder / "report.html").read_text()
    assert "figure7.svg" in text
    assert "table1.csv" in text


def test_a_missed_calibration_fails_with_its_figures(copied: Workplace):
    marks = "problems={calibration: {easy_accuracy: 1.0}}"
    failed = copied.snakemake("--config", "run=smoke", marks, "--until", "calibrate", check=False)
    assert failed.returncode != 0
    said = (copied.results / "logs/calibrate.log").read_text()
    assert said.startswith("int-bench: the base model is not calibrated: easy accuracy ")
    assert said.count("\n") == 1
