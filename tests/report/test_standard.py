"""Tables 2 and 7, the gains on hard problems and the figures beside them, against numbers computed another way."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from int_bench.analysis.estimates import Difference, Estimate
from int_bench.analysis.permutation import holm
from int_bench.config import ReportConfig, load
from int_bench.explorer.examples import Example, Trace
from int_bench.records import Intervention, Problem, Rollout, read_records
from int_bench.report import collect
from int_bench.report.figures import points
from int_bench.report.figures.example import telling, worked_example
from int_bench.report.figures.rl import figure9, figure10
from int_bench.report.figures.standard import figure6, figure11
from int_bench.report.paper import ELSEWHERE, paper_values
from int_bench.report.scores import Estimator
from int_bench.report.tables import hard_gains, standard
from int_bench.report.write import NO_ROWS

END = "rl-int@40"


def correct(results: Path, model: str, problem_set: str) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = {}
    for row in read_records(results / "evaluation" / f"{model}.parquet", Rollout):
        if row.problem_set == problem_set:
            found.setdefault(row.problem_id, []).append(row.correct)
    return found


def missed(flags: list[bool], k: int) -> float:
    """The chance that k of some samples are all wrong, by counting every choice."""
    choices = list(itertools.combinations(flags, k))
    return sum(not any(choice) for choice in choices) / len(choices)


def means(results: Path, model: str, sets: list[str], k: int) -> list[float]:
    found = [correct(results, model, name) for name in sets]
    return [float(np.mean([1 - missed(flags, k) for flags in by_problem.values()])) for by_problem in found]


def texts(figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def ours(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table[~table[column].astype(str).str.startswith(ELSEWHERE)]


def test_table2_shows_rl_from_three_models_and_what_int_gains(make_tree: Callable[..., Path]):
    results = make_tree()
    table = ours(standard.table2(results), "base model").set_index("method")
    labels = ["base model, enlarged set + RL", "distillation, enlarged set + RL", "InT + RL"]
    assert list(table.index[:3]) == labels
    assert table["RL problems"].tolist()[:3] == [70, 70, 30]
    row = table.loc["InT + RL"]
    by_set = means(results, END, ["sums", "fan_out"], 1)
    assert [row["sums, pass@1"].value, row["fan_out, pass@1"].value] == pytest.approx(by_set)
    assert row[standard.PASS1].value == pytest.approx(np.mean(by_set))
    assert row[standard.PASS1].n == 24
    assert row["hard_test, pass@8"].value == pytest.approx(means(results, END, ["hard_test"], 8)[0])
    other = means(results, "rl-base_easier@40", ["sums", "fan_out"], 1)
    gain = table.loc["gain of InT + RL over base model, enlarged set + RL", standard.PASS1]
    assert gain.value == pytest.approx(np.mean(by_set) - np.mean(other))
    gains = [cell for cells in table.to_numpy() for cell in cells if isinstance(cell, Difference)]
    assert len(gains) == 2 * 4
    assert sorted(gain.p_holm for gain in gains) == pytest.approx(sorted(holm([gain.p for gain in gains])))
    assert table[standard.PASS1].iloc[-1].format() == "0.10%"


def test_another_base_model_stands_beside_ours(make_tree: Callable[..., Path], tmp_path: Path):
    tree = make_tree()
    config = yaml.safe_load((tree / "config.yaml").read_text())
    config["companions"] = {"small": {"role": "base", "override": {"model": {"seed": 1}}}}
    runs = {"tree": config, "tree-small": {**config, "name": "tree-small", "companions": {}}}
    for name, run in runs.items():
        (tmp_path / name).mkdir()
        for folder in ("evaluation", "problems"):
            (tmp_path / name / folder).symlink_to(tree / folder)
        (tmp_path / name / "config.yaml").write_text(yaml.safe_dump(run))
    table = ours(standard.table2(tmp_path / "tree"), "base model")
    assert table["base model"].unique().tolist() == ["that of tree", "that of tree-small", "uniform guesses"]
    one, other = (table[table["base model"] == f"that of {name}"] for name in runs)
    assert len(one) == len(other) == 5
    assert [cell.value for cell in one[standard.PASS1]] == [cell.value for cell in other[standard.PASS1]]
    gains = [cell for cells in table.to_numpy() for cell in cells if isinstance(cell, Difference)]
    assert len(gains) == 2 * 2 * 4
    assert [gain.p_holm for gain in gains] == pytest.approx(holm([gain.p for gain in gains]).tolist())


def test_table7_averages_each_k_apart_and_the_mixture_under_its_name(make_tree: Callable[..., Path]):
    results = make_tree()
    table = ours(standard.table7(results), "method").set_index("method")
    methods = ["base model", "base model + RL", "gold solutions + RL", "self-refinement + RL", "InT + RL"]
    assert list(table.index[:6]) == [*methods, "hint-guided + RL"]
    row = table.loc["InT + RL"]
    single, eight = means(results, END, ["long", "sums"], 1), means(results, END, ["gaps", "branching"], 8)
    assert row["average pass@1"].value == pytest.approx(np.mean(single))
    assert row["average pass@8"].value == pytest.approx(np.mean(eight))
    assert row[standard.MIXED].value == pytest.approx(np.mean([*single, *eight]))
    assert "unlike k" in standard.MIXED
    assert isinstance(table.loc["gain of InT + RL over base model + RL", standard.MIXED], Difference)


def test_every_benchmark_of_the_papers_table_has_its_numbers():
    final = load(Path(__file__).parents[2] / "configs" / "paper-qwen3-final.yaml")
    assert {
        name: column["k"] for name, column in paper_values()["table7"]["columns"].items()
    } == final.evaluation.table7


def test_runs_without_their_benchmarks_say_so(make_tree: Callable[..., Path], tmp_path: Path):
    tree = make_tree()
    for name in ("evaluation", "problems", "training"):
        (tmp_path / name).symlink_to(tree / name)
    config = yaml.safe_load((tree / "config.yaml").read_text())
    config["evaluation"] |= {"table2": [], "table7": {}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    assert NO_ROWS in standard.table7(tmp_path)["note"].iloc[0]
    run = collect.run_config(tmp_path)
    estimator = Estimator(run.report)
    for figure in (
        figure6(points.benchmark_scores(tmp_path, run, estimator)),
        figure10(points.checkpoint_scores(tmp_path, run, estimator)),
        figure9(collect.rl_steps(tmp_path, [])),
    ):
        figure.draw_without_rendering()
        assert NO_ROWS in texts(figure)


def test_the_papers_numbers_stand_under_their_heading_alone(make_tree: Callable[..., Path]):
    for table, column in ((standard.table2(make_tree()), "base model"), (standard.table7(make_tree()), "method")):
        theirs = table[table[column].astype(str).str.startswith(ELSEWHERE)]
        published = paper_values().get("table2" if column == "base model" else "table7", {})
        assert len(theirs) == sum(map(len, published.get("models", {"rows": published.get("rows", {})}).values()))
        cells = [cell for cells in theirs.to_numpy() for cell in cells if isinstance(cell, Estimate)]
        assert all(np.isnan(cell.low) for cell in cells)


def test_hard_gains_equal_enumeration(make_tree: Callable[..., Path], tmp_path: Path):
    results = make_tree()
    (tmp_path / "evaluation").symlink_to(results / "evaluation")
    config = yaml.safe_load((results / "config.yaml").read_text())
    config["evaluation"]["ks"] = [1, 8]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    table = hard_gains.hard_gains(tmp_path).set_index("model")
    base, after = (correct(results, model, "hard_test") for model in ("base", END))
    assert set(table["k"]) == {8}
    gain = np.mean([missed(base[name], 8) - missed(after[name], 8) for name in base])
    assert table.loc["InT + RL", hard_gains.GAIN].value == pytest.approx(gain)
    fresh = [name for name in base if not any(base[name]) and any(after[name])]
    lost = [name for name in base if any(base[name]) and not any(after[name])]
    assert table.loc["InT + RL", "newly solved problems"] == len(fresh)
    assert table.loc["InT + RL", "no longer solved problems"] == len(lost)
    assert table.loc["InT + RL", "share newly solved"].value == pytest.approx(len(fresh) / 25)
    new = np.mean([missed(base[name], 8) * (1 - missed(after[name], 8)) for name in base])
    assert table.loc["InT + RL", hard_gains.NEW].value == pytest.approx(new)
    # Of the base model's 16 samples, 8 that are all wrong and the other 8 not.
    chance = [missed(flags, 8) - (not any(flags)) for flags in base.values()]
    assert table.loc["base model", hard_gains.NEW].value == pytest.approx(np.mean(chance))
    assert table.loc["InT + RL", hard_gains.OVER_DISTILL].value > 0


def test_too_few_samples_for_the_null_leave_it_undefined(make_tree: Callable[..., Path]):
    row = hard_gains.hard_gains(make_tree()).iloc[0]
    assert row["k"] == 16
    assert np.isnan(row[hard_gains.NEW].value)
    assert row["pass@k"].n == 25


def test_averages_of_figures_are_those_of_tables(make_tree: Callable[..., Path]):
    results = make_tree()
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    scores = points.benchmark_scores(results, config, estimator)
    assert scores["benchmark"].unique().tolist() == ["sums", "fan_out", "average"]
    assert scores["arm"].unique().tolist() == list(points.FIGURE6)
    average = scores.set_index(["benchmark", "arm"]).loc[("average", "distill"), "value"]
    assert average == pytest.approx(np.mean(means(results, "distill", ["sums", "fan_out"], 1)))
    test = points.benchmark_pass_at_k(results, config, estimator).set_index(["arm", "k"])
    sets = list(config.evaluation.table7)
    assert test.loc[("gold", 4), "value"] == pytest.approx(np.mean(means(results, "gold", sets, 4)))
    assert test.loc[("gold", 4), "n"] == 56
    train = points.train_pass_at_k(results, config, estimator).set_index(["arm", "k"])
    assert train.loc[("int", 8), "value"] == pytest.approx(means(results, "int", ["hard_train"], 8)[0])


def test_figure6_names_no_arm_that_has_no_bar():
    rows = [("sums", "base", 0.2, 0.1, 0.3, 9), ("sums", "int_matched", np.nan, np.nan, np.nan, 0)]
    figure = figure6(pd.DataFrame(rows, columns=["benchmark", "arm", "value", "low", "high", "n"]))
    figure.draw_without_rendering()
    assert "base model" in texts(figure)
    assert "InT, matched" not in texts(figure)


def test_figure11_shows_likelihoods_per_trace_and_per_token():
    frame = pd.DataFrame([("int", 1, 0.2, 0.1, 0.3, 9)], columns=["arm", "k", "value", "low", "high", "n"])
    # The longer trace is the less likely one as a whole, and the likelier one per token.
    traces = pd.DataFrame({"arm": ["int", "gold"], "tokens": [2, 40], "nll": [4.0, 8.0]})
    figure = figure11(traces, frame, frame)
    figure.draw_without_rendering()
    above, below = (
        [y for line in axes.lines if line.get_marker() == "." for y in line.get_ydata()]
        for axes in figure.axes
        if "NLL" in axes.get_ylabel()
    )
    assert (above, below) == ([4.0, 8.0], [2.0, 0.2])
    assert "(n = 9)" in texts(figure)


def test_an_average_gain_pairs_by_problem_whatever_the_order():
    after = [pd.Series([0.2, 0.9], index=["a", "b"]), pd.Series([1.0], index=["c"])]
    before = [pd.Series([0.8, 0.1], index=["b", "a"]), pd.Series([0.5], index=["c"])]
    gain = Estimator(ReportConfig(resamples=50)).average_gain(after, before)
    assert (gain.value, gain.n) == (pytest.approx(0.3), 3)


def example(**fields) -> Example:
    names = ("before", "prefix", "content", "leak", "truth_location", "truth_category", "content_right")
    values = dict(zip(names, ("", "", "c=3-6=7", "none", None, None, None), strict=True))
    record = Intervention("i", "p", "r", "proposed", 1, 3, "HIGH", **values)
    wrong, right = Trace("b=1\n\nc=9\n\nd=8", "wrong", "8", False), Trace("d=5", "correct", "5", True)
    plain = Example(
        oracle="exact",
        arms=(),
        problem=Problem("p", "pool", "a=1", "5", None),
        record=record,
        outcome="kept",
        shared=("b=1",),
        wrong=("c=9", "d=8"),
        repaired=0,
        student=wrong,
        guided=right,
        continuation=("d=5",),
        samples=4,
        correct=1,
    )
    return replace(plain, **fields)


def test_the_example_that_is_drawn_leads_to_the_answer():
    failed = example(guided=Trace("d=9", "wrong", "9", False))
    first = example(shared=())
    assert telling([example(guided=None), failed, first, example()]) == example()
    assert telling([failed, first]) == failed
    assert telling([example(guided=None)]) is None


def test_figure2_draws_both_ways_and_both_answers():
    figure = worked_example(example())
    figure.draw_without_rendering()
    drawn = texts(figure)
    for text in ("Shared context", "1 b=1", "2 c=9", "The intervention", "2 c=3-6=7", "3 d=5", "✗ 8", "✓ 5"):
        assert text in drawn
    repaired = texts(worked_example(example(repaired=1)))
    for text in ("2 c=9", "3 d=8", "3 c=3-6=7", "4 d=5"):
        assert text in repaired
    assert NO_ROWS in texts(worked_example(None))
