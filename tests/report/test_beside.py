"""Ours beside theirs: their numbers from the file, ours as the run's own tables have them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml

from int_bench.analysis.estimates import Difference, Estimate
from int_bench.analysis.pass_at_k import counts, pass_at_k
from int_bench.report import collect, collect_answers
from int_bench.report.paper import ELSEWHERE
from int_bench.report.style import look
from int_bench.report.tables import accuracy, beside

built = cache(beside.beside)


def linked(tree: Path, to: Path, change: Callable[[dict], None]) -> Path:
    """The same results under another configuration."""
    for name in ("evaluation", "problems", "rollouts", "interventions", "training", "likelihood"):
        (to / name).symlink_to(tree / name)
    config = yaml.safe_load((tree / "config.yaml").read_text())
    change(config)
    (to / "config.yaml").write_text(yaml.safe_dump(config))
    return to


def test_ours_are_the_numbers_of_the_runs_own_tables(make_tree: Callable[..., Path]):
    results = make_tree()
    table = built(results).set_index("quantity")
    own = accuracy.table1(results).set_index("configuration")
    for label in ("naive", "from intervention", "with intervention", "InT", "InT, + suffix"):
        assert table.loc[f"accuracy: {label}", beside.OURS] == own.loc[label, "accuracy"]
        assert table.loc[f"nonzero accuracy: {label}", beside.OURS] == own.loc[label, "nonzero accuracy"]
        assert table.loc[f"accuracy: {label}", ELSEWHERE].format() == own.loc[label, f"{ELSEWHERE}: accuracy"].format()


def test_theirs_do_not_depend_on_the_run(make_tree: Callable[..., Path]):
    theirs = [column for column in built(make_tree()) if column.startswith("paper")]
    one, other = (
        built(make_tree(**options)).set_index("quantity") for options in ({}, {"kind": "files", "zero": True})
    )
    # Estimates with NaN ends are equal as they are written.
    assert one[theirs].map(str).equals(other[theirs].map(str))
    assert all(not share.n or share.n > 5 for share in one[ELSEWHERE].dropna())


def test_every_number_of_ours_says_of_what_it_is(make_tree: Callable[..., Path]):
    table = built(make_tree())
    for row in table.to_dict("records"):
        ours = row[beside.OURS]
        assert (ours is None and row[f"{beside.OURS}: in words"] is None) == (row["note"] == beside.NOT_MEASURED)
        if isinstance(ours, Estimate):
            assert row[f"{beside.OURS}: world"] == "synthetic problems: A random tree"
            assert row[f"{beside.OURS}: model"]
            assert ours.n or row["note"]


def test_a_gain_in_pass_at_64_needs_64_samples(make_tree: Callable[..., Path]):
    rows = built(make_tree())
    gains = rows[rows["quantity"].str.startswith("gain in pass@64")]
    assert set(gains["note"]) == {beside.TOO_FEW}
    assert [share.format() for share in gains[ELSEWHERE]] == ["+6.09 pp [+3.12, +9.03]", "+3.51 pp"]
    assert all(isinstance(share, Difference) for share in gains[beside.OURS])


def test_execution_errors_are_those_of_figure_4(make_tree: Callable[..., Path]):
    results = make_tree(kind="files")  # without a verifier, so that the judge and the oracle disagree
    located = collect_answers.intervention_locations(results, collect.run_config(results), "main")
    rows = built(results).set_index("quantity")
    shares = [share.value for share in rows.loc["errors that are execution errors", beside.OURS]]
    # Each problem of the tree has one intervention.
    assert shares == [pytest.approx((located["category"] == "EXECUTION").mean())] * 2


def test_newly_solved_are_solved_after_and_not_before(make_tree: Callable[..., Path]):
    results = make_tree()
    base, after = (collect.tally(results, model, "hard_test") for model in ("base", "rl-int@40"))
    before = set(base.loc[base["c"] > 0, "problem_id"])
    newly = set(after.loc[after["c"] > 0, "problem_id"]) - before
    rows = built(results)
    shares = rows.loc[rows["quantity"].str.startswith("hard test problems newly"), beside.OURS]
    assert [share.value for share in shares] == [pytest.approx(len(newly) / len(after))] * 2


def test_benchmarks_of_the_same_name_are_rows(make_tree: Callable[..., Path], tmp_path: Path):
    tree = make_tree()
    (tmp_path / "run").mkdir()

    def name_like_theirs(config: dict) -> None:
        config["rl"]["arms"] = {"int": {}}
        config["problems"]["benchmarks"]["aime_2025"] = {"size": 20, "operations": [2, 3]}

    results = linked(tree, tmp_path / "run", name_like_theirs)
    rows = built(results).set_index("quantity")
    assert rows.loc["pass@1: RL from InT, AIME", "note"].tolist() == ["no rows"] * 2
    assert (rows.loc[f"pass@1: RL from {look('base_easier').label}, AIME", "note"] == beside.NOT_MEASURED).all()


def test_a_run_without_arms_and_reinforcement_learning_measured_little(make_tree: Callable[..., Path], tmp_path: Path):
    def without(config: dict) -> None:
        config["arms"], config["rl"]["arms"] = {}, {}

    rows = built(linked(make_tree(), tmp_path, without))
    measured = rows[rows["note"] != beside.NOT_MEASURED]
    models = {model.split(", over ")[0] for model in measured[f"{beside.OURS}: model"]}
    assert models == {"base model", "errors that main corrects"}


def test_averages_are_over_the_runs_own_benchmarks(make_tree: Callable[..., Path]):
    results = make_tree()
    config = collect.run_config(results)
    rows = built(results).set_index("quantity")
    for name, ks in (
        ("average pass@1: RL from InT", dict.fromkeys(config.evaluation.table2, 1)),
        ("average of unlike k, as in the paper: RL from InT", config.evaluation.table7),
    ):
        tallies = [counts(collect.on_set(collect.evaluation(results, "rl-int@40"), benchmark)) for benchmark in ks]
        means = [pass_at_k(tally["n"], tally["c"], k).mean() for tally, k in zip(tallies, ks.values(), strict=True)]
        row = rows.loc[[name]].iloc[0]
        assert row[beside.OURS].value == pytest.approx(np.mean(means))
        assert all(benchmark in row[f"{beside.OURS}: model"] for benchmark in ks)
        assert row["place"].endswith(("Table 2", "Table 7"))
