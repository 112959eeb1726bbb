"""The table of seeds, on three random trees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from int_bench.analysis.pass_at_k import counts
from int_bench.report import collect
from int_bench.report.scores import accuracy_by_problem
from int_bench.report.tables.seeds import seeds


@pytest.fixture
def three(make_tree: Callable[..., Path], tmp_path: Path) -> Path:
    """A run whose companions are a tree of another world and one that has no evaluations yet."""
    trees = {"tree": make_tree(), "tree-one": make_tree(zero=True)}
    for name, tree in trees.items():
        folder = tmp_path / name
        folder.mkdir()
        for part in tree.iterdir():
            if part.name != "config.yaml":
                (folder / part.name).symlink_to(part)
        config = yaml.safe_load((tree / "config.yaml").read_text())
        if name == "tree":
            other = {"role": "seed", "override": {"seed": 1}}
            config["companions"] = {"one": other, "missing": other}
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "tree-missing").mkdir()
    return tmp_path / "tree"


def row(table: pd.DataFrame, model: str) -> pd.Series:
    return table[(table["problem set"] == "hard_train") & (table["model"] == model)].iloc[0]


def test_each_run_has_its_column_and_all_have_one(three: Path):
    found = row(seeds(three), "InT")
    mean = accuracy_by_problem(counts(collect.on_set(collect.evaluation(three, "int"), "hard_train"))).mean()
    assert (found["this run"].value, found["this run"].n) == (pytest.approx(mean), 30)
    assert found["one"].value == 0.0
    assert found["missing"] is None
    assert found["runs"] == 2
    assert found["over runs"].value == pytest.approx(mean / 2)
    assert found["over runs"].low == 0.0
    # Both have the same world, hence the same problems; of another they are others.
    assert found["over runs"].n == 30
    # Two runs: Student's quantile for one degree of freedom.
    assert found["over runs"].high == pytest.approx(min(mean / 2 + 12.706 * mean / 2, 1.0), rel=1e-3)


def test_problems_of_another_world_are_others(three: Path):
    path = three.parent / "tree-one" / "config.yaml"
    config = yaml.safe_load(path.read_text())
    config["problems"]["seed"] = 1
    path.write_text(yaml.safe_dump(config))
    assert row(seeds(three), "InT")["over runs"].n == 60


def test_what_a_run_has_no_longer_does_not_count(three: Path):
    path = three.parent / "tree-one" / "config.yaml"
    config = yaml.safe_load(path.read_text())
    del config["arms"]["no_prefix"]
    path.write_text(yaml.safe_dump(config))
    found = row(seeds(three), "InT, no prefix")
    assert (found["one"], found["runs"], found["over runs"]) == (None, 1, None)


def test_a_run_alone_says_so(make_tree: Callable[..., Path]):
    assert "no companions of another seed" in seeds(make_tree())["note"][0]
