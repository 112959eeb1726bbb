"""Ablations of the finished smoke run, made by the workflow."""

from __future__ import annotations

import pandas as pd

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


def test_what_was_made_is_not_made_again(copied: Workplace):
    copied.snakemake("ablation_mask_all", "--config", "run=smoke")
    said = copied.snakemake("-n", "ablation_mask_all", "--config", "run=smoke").stdout
    assert "Nothing to be done" in said
