"""Ablations of the finished smoke run, made by the workflow."""

from __future__ import annotations

import json

import pandas as pd
import torch
import yaml

from int_bench.models import load_model
from int_bench.records import TrainingExample, read_records
from tests.smoke.conftest import Workplace


def test_an_ablation_is_made_from_what_the_run_has_and_compared(copied: Workplace):
    copied.snakemake("ablation_mask_end", "ablation_mask_all", "--config", "run=smoke")
    made = {path.stem for path in (copied.folder / "results").glob("smoke-mask_*/benchmarks/*.tsv")}
    assert made == {
        "sft-int",
        "evaluate-int",
        "likelihood-int",
    }  # what is compared without an override is there already
    rows = pd.concat(pd.read_csv(copied.results / "ablations" / f"{name}.csv") for name in ("mask_end", "mask_all"))
    assert rows["ablation"].tolist() == ["mask_end", "mask_all"]
    assert rows["compared with"].tolist() == ["InT", "InT"]
    assert rows["seeds"].tolist() == [1, 1]
    assert rows.filter(regex=": gain$").notna().all(axis=None)
    ended = read_records(copied.folder / "results/smoke-mask_end/training/int.examples.parquet", TrainingExample)
    plain = read_records(copied.results / "training" / "int.examples.parquet", TrainingExample)
    assert [row.input_ids[:-1] for row in ended] == [row.input_ids for row in plain]


def test_an_arm_with_a_rule_of_its_own_is_made_by_that_rule(copied: Workplace):
    copied.snakemake("ablation_half_way", "--config", "run=smoke")
    models = (
        copied.folder / "results/smoke-half_way/models/int",
        copied.results / "models/int",
        copied.results / "models/base",
    )
    half, tuned, base = (load_model(folder, exact=True).state_dict() for folder in models)
    for name, weight in half.items():
        torch.testing.assert_close(weight, (tuned[name] + base[name]) / 2)
    row = pd.read_csv(copied.results / "ablations" / "half_way.csv").loc[0]
    assert row["changed"] == "arms.int.rule=half_way"


def test_interventions_during_rl_run_in_the_workflow(copied: Workplace):
    override = {"rl": {"kl": 0.0, "arms": {"int": {"again": {"every": 1, "arm": "int"}}}}}
    entry = {"base": "rl-int", "question": "?", "override": override}
    with (copied.folder / "configs" / "ablations.yaml").open("a") as suite:
        suite.write(yaml.safe_dump({"often": entry}))
    copied.snakemake("ablation_often", "--config", "run=smoke")
    manifest = json.loads((copied.folder / "results/smoke-often/models/rl-int.manifest.json").read_text())
    assert manifest["reads"]["again"]["arm"]["oracle"] is None


def test_what_was_made_is_not_made_again(copied: Workplace):
    copied.snakemake("ablation_mask_all", "--config", "run=smoke")
    said = copied.snakemake("-n", "ablation_mask_all", "--config", "run=smoke").stdout
    assert "Nothing to be done" in said
