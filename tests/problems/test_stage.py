"""The stage: what is left of pools that overlap with themselves or with a benchmark, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from int_bench.config import ProblemFile, RunConfig, load
from int_bench.errors import UserError
from int_bench.layout import Layout
from int_bench.manifest import manifest_path
from int_bench.problems.files import read_problems
from int_bench.problems.stage import distinct, make_problems
from int_bench.records import Problem, read_records
from tests.test_config import ROOT

LAYOUT = Layout("real-smoke")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunConfig]:
    """A run on real problems whose parts may be overridden; the test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").symlink_to(ROOT / "tests")

    def make(**problems: object) -> RunConfig:
        return load(ROOT / "configs" / "real-smoke.yaml", {"problems": problems})

    return make


def manifest() -> dict:
    return json.loads(manifest_path(LAYOUT.pool).read_text())


def ids(name: str) -> list[str]:
    return [row.problem_id for row in read_records(LAYOUT.problems(name), Problem)]


def test_a_text_is_kept_once_whatever_its_white_space(problem: Callable):
    kept = distinct([problem("a", "Find  x.\n"), problem("b", "Find x."), problem("c", "Find y.")])
    assert [row.problem_id for row in kept] == ["a", "c"]


def test_an_id_of_two_problems_is_refused(problem: Callable):
    with pytest.raises(UserError, match="'a' belongs to two problems"):
        distinct([problem("a", "Find x."), problem("a", "Find y.")])


def test_the_manifest_says_what_was_read(config: Callable):
    assert make_problems(config(), LAYOUT) == [LAYOUT.problems("olymmath_easy"), LAYOUT.pool]
    facts = manifest()["facts"]
    assert facts["sizes"] == {"olymmath_easy": 12, "pool": 12}
    assert facts["removed"] == {"problems": 0, "by_rule": {}, "by_benchmark": {}}
    pool, benchmark = facts["pools"]["math"], facts["benchmarks"]["olymmath_easy"]
    assert (pool["problems"], pool["source"], pool["revision"]) == (12, "tests/data/math_dozen.jsonl", None)
    assert (benchmark["rows"], benchmark["problems"]) == (100, 12)
    assert len({pool["fingerprint"], benchmark["fingerprint"]}) == 2
    assert list(manifest()["inputs"]) == ["tests/data/math_dozen.jsonl"]
    assert pd.read_csv(LAYOUT.removed).empty


def test_what_is_a_benchmark_s_leaves_the_pool_and_is_listed(
    config: Callable, jsonl: Callable, capsys: pytest.CaptureFixture[str]
):
    dozen = [json.loads(line) for line in (ROOT / "tests/data/math_dozen.jsonl").read_text().splitlines()]
    exact, reworded = dozen[0], max(dozen, key=lambda row: len(row["problem"]))
    test = [
        {"problem": exact["problem"].replace(" ", "  "), "answer": exact["answer"], "solution": None},
        {"problem": reworded["problem"] + " Explain each step in words.", "answer": "1", "solution": None},
        {"problem": "Something else altogether.", "answer": "1", "solution": None},
    ]
    make_problems(config(benchmarks={"mine": {"source": jsonl(test)}}), LAYOUT)
    left = [row["unique_id"] for row in dozen if row not in (exact, reworded)]
    assert ids("pool") == left
    assert len(ids("mine")) == 3
    removed = pd.read_csv(LAYOUT.removed).sort_values("rule")
    assert removed["problem_id"].tolist() == [exact["unique_id"], reworded["unique_id"]]
    assert removed["rule"].tolist() == ["exact", "overlap"]
    assert removed["benchmark_problem_id"].tolist() == ["mine-0000", "mine-0001"]
    assert removed["overlap"].between(0.5, 1.0).all()
    assert set(removed["pool"]) == {"math"}
    assert set(removed["benchmark"]) == {"mine"}
    counts = {"problems": 2, "by_rule": {"exact": 1, "overlap": 1}, "by_benchmark": {"mine": 2}}
    assert manifest()["facts"]["removed"] == counts
    assert "pool: 2 of 12 problems are a benchmark's and removed (1 exact, 1 overlap)" in capsys.readouterr().err


SAME = {
    "mine": {
        "source": "tests/data/math_dozen.jsonl",
        "columns": {"problem": "problem", "answer": "answer", "reference": "solution", "id": "unique_id"},
    }
}


def test_a_pool_that_is_the_benchmark_is_refused(config: Callable):
    with pytest.raises(UserError, match=r"all 12 problems are a benchmark's; .*problems\.decontamination=null"):
        make_problems(config(benchmarks=SAME), LAYOUT)


def test_decontamination_can_be_turned_off(config: Callable):
    make_problems(config(benchmarks=SAME, decontamination=None), LAYOUT)
    assert ids("pool") == ids("mine")
    assert "removed" not in manifest()["facts"]


def test_easier_problems_are_neither_the_pool_s_nor_a_benchmark_s(config: Callable, jsonl: Callable):
    dozen = [json.loads(line) for line in (ROOT / "tests/data/math_dozen.jsonl").read_text().splitlines()]
    (olymmath,) = read_problems("o", ProblemFile(registry="olymmath-en-easy", limit=1)).problems
    texts = [f"What is {n} and {n}?" for n in range(5)]
    set_anew = dozen[0]["problem"].replace(r"\frac", r"\dfrac").replace("$", " $ ")
    texts = [texts[0], dozen[3]["problem"] + "\n", texts[1], texts[0], olymmath.text, set_anew, *texts[2:]]
    source = jsonl([{"problem": text, "answer": "1", "solution": None} for text in texts], "easier.jsonl")
    world = config(easier={"source": source, "limit": 4})
    assert LAYOUT.problems("easier") in make_problems(world, LAYOUT)
    # The limit is on what is left; of a repeated text the first stays.
    assert ids("easier") == ["easier-0000", "easier-0002", "easier-0006", "easier-0007"]
    assert len(ids("pool")) == 12
    facts = manifest()["facts"]
    assert facts["sizes"]["easier"] == 4
    assert (facts["easier"]["problems"], facts["easier"]["repeated"]) == (9, 2)
    assert facts["easier"]["removed"] == {
        "problems": 2,
        "by_rule": {"exact": 2},
        "by_benchmark": {"olymmath_easy": 1, "pool": 1},
    }
    removed = pd.read_csv(LAYOUT.removed)[["pool", "problem_id", "benchmark"]].values.tolist()
    assert removed == [["easier", "easier-0004", "olymmath_easy"], ["easier", "easier-0005", "pool"]]
    assert source in manifest()["inputs"]


def test_too_few_easier_problems_are_said_and_taken(config: Callable, jsonl: Callable, capsys):
    source = jsonl([{"problem": "What is 1?", "answer": "1", "solution": None}])
    make_problems(config(easier={"source": source, "limit": 4}), LAYOUT)
    assert ids("easier") == ["easier-0000"]
    assert "easier: 1 problems are left of the 4 that were asked for" in capsys.readouterr().err


def test_of_the_synthetic_world_no_problem_is_in_two_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    layout = Layout("smoke")
    easier = {"size": 30, "operations": [2, 2]}
    sets = make_problems(load(ROOT / "configs" / "smoke.yaml", {"problems": {"easier": easier}}), layout)
    texts = [row.text for path in sets for row in read_records(path, Problem)]
    assert layout.problems("easier") in sets
    assert len(texts) == len(set(texts)) == 3 * 8 + 32 + 30


def test_a_stricter_share_can_be_asked_for(config: Callable):
    assert config(decontamination={"overlap": 0.8}).problems.decontamination.overlap == 0.8


def test_the_synthetic_world_has_a_manifest_and_nothing_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    layout = Layout("smoke")
    make_problems(load(ROOT / "configs" / "smoke.yaml"), layout)
    assert json.loads(manifest_path(layout.pool).read_text())["facts"] == {
        "sizes": {"easier": 8, "easy": 8, "fan_out": 8, "pool": 32, "sums": 8}
    }
    assert not Path(layout.removed).exists()
