"""The smoke run against the tables of the one that is committed.

On the machine that made them the numbers come out the same. Another processor adds in another order, and after some
updates its models are others: a value may then lie from the stored one by half the width of both intervals together,
which is at least 2.7 standard errors of the difference. Of what is not sampled nothing may differ.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.smoke.conftest import ROOT, Workplace

STORED = sorted((ROOT / "results" / "reference" / "smoke").glob("*.csv"))
SETTINGS = ("table3", "table45", "paper_audit")
"""Tables without anything that was sampled."""


def test_there_is_something_to_compare_with():
    assert {"table1", "table2", "table7", "benchmarks", "claims"} <= {path.stem for path in STORED}


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
def test_a_table_agrees_with_the_stored_one(smoke: Workplace, stored: Path):
    before, after = (pd.read_csv(path) for path in (stored, smoke.results / "tables" / stored.name))
    assert list(after.columns) == list(before.columns)
    assert len(after) == len(before)
    labels = before.columns[0]
    assert list(after[labels]) == list(before[labels])
    if stored.stem in SETTINGS:
        pd.testing.assert_frame_equal(after, before)
    for value in [column.removesuffix("_low") for column in before.columns if column.endswith("_low")]:
        room = sum(frame[f"{value}_high"] - frame[f"{value}_low"] for frame in (before, after)) / 2
        apart = (after[value] - before[value]).abs()
        far = before[apart > room.clip(lower=1e-9)]
        assert far.empty, f"{value}: {far[labels].tolist()}"
