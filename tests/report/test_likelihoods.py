"""Likelihood and drift in the report: frames, tables against sums computed another way, and what is drawn."""

import math
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from int_bench.analysis.permutation import holm
from int_bench.records import Drift, TraceLikelihood, read_records
from int_bench.report.figures.likelihood import figure5, nll_panel
from int_bench.report.paper import caption
from int_bench.report.style import FIGURE11, LOOKS, look
from int_bench.report.tables import likelihoods
from int_bench.report.write import NO_ROWS


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def test_frames_have_the_columns_that_others_rely_on(make_tree: Callable[..., Path]):
    for options in ({}, {"empty": True}):
        results = make_tree(**options)
        assert list(likelihoods.traces(results, "int")) == ["example_id", "problem_id", "part", "tokens", "nll"]
        columns = ["rollout_id", "problem_id", "tokens", "kl", "entropy", "base_entropy"]
        assert list(likelihoods.drift(results, "int")) == columns
        assert list(likelihoods.whole_traces(results, ["int", "distill"])) == [
            "arm", "example_id", "problem_id", "tokens", "nll"
        ]  # fmt: skip
    assert len(likelihoods.whole_traces(make_tree(), ["int", "distill"])) == 40
    assert likelihoods.whole_traces(make_tree(), []).empty


@pytest.mark.parametrize("arm", ["int", "suffix", "distill"])
def test_the_table_of_likelihoods_averages_problems(make_tree: Callable[..., Path], arm: str):
    results = make_tree()
    row = likelihoods.likelihood_table(results).set_index("arm").loc[look(arm).label]
    by_problem: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in read_records(results / "likelihood" / f"{arm}.traces.parquet", TraceLikelihood):
        group = "end" if record.part == "end" else "trace"
        for name in {group, record.part}:
            by_problem[name][record.problem_id].append((record.tokens, record.nll))
    assert (row["rows"], row["problems"]) == (20, 10)
    for name, column in (("trace", "nats per token"), ("intervention", "intervention, nats per token")):
        expected = [sum(n for _, n in pairs) / sum(t for t, _ in pairs) for pairs in by_problem[name].values()]
        if expected:
            assert row[column].value == pytest.approx(np.mean(expected))
            assert row[column].low < row[column].value < row[column].high
        else:
            assert math.isnan(row[column].value)
    # Each problem has two traces.
    assert row["nats per trace"].value == pytest.approx(sum(n for v in by_problem["trace"].values() for _, n in v) / 20)
    assert row["end, nats per token"].n == len(by_problem["end"])


def test_the_table_of_drifts_pairs_entropies(make_tree: Callable[..., Path]):
    results = make_tree()
    table = likelihoods.drift_table(results).set_index("arm")
    records = read_records(results / "likelihood" / "int.drift.parquet", Drift)
    row = table.loc["InT"]
    assert (row["rollouts"], row["problems"], row["tokens"]) == (20, 20, sum(each.tokens for each in records))
    assert row["KL(base, arm), nats per token"].value == pytest.approx(np.mean([r.kl / r.tokens for r in records]))
    change = np.mean([(r.entropy - r.base_entropy) / r.tokens for r in records])
    assert row[likelihoods.ENTROPY_CHANGE].value == pytest.approx(change)
    assert row["learning rate"] == "0.0002"
    changes = table[likelihoods.ENTROPY_CHANGE]
    assert [each.p_holm for each in changes] == holm([each.p for each in changes]).tolist()
    still = table.loc["InT, no filter"]
    assert still["KL(base, arm), nats per token"].format() == "0"
    assert (still[likelihoods.ENTROPY_CHANGE].value, still[likelihoods.ENTROPY_CHANGE].p) == (0.0, 1.0)


def test_arms_without_rows_say_so(make_tree: Callable[..., Path]):
    results = make_tree(empty=True)
    for table in (likelihoods.likelihood_table(results), likelihoods.drift_table(results)):
        assert set(table["note"]) == {NO_ROWS}
    assert NO_ROWS in texts(figure5(likelihoods.drift_points(results)))


@pytest.mark.parametrize("per_token", [False, True])
def test_the_panel_draws_every_trace(make_tree: Callable[..., Path], per_token: bool):
    results = make_tree()
    frame = pd.concat(likelihoods.whole_traces(results, [arm]) for arm in ("int", "distill"))
    axes = Figure().subplots()
    nll_panel(axes, frame, per_token)
    points = [line for line in axes.lines if line.get_marker() == "."]
    expected = frame["nll"] / frame["tokens"] if per_token else frame["nll"]
    assert np.concatenate([line.get_ydata() for line in points]).tolist() == pytest.approx(expected.tolist())
    assert [text.get_text() for text in axes.get_xticklabels()] == ["InT (n = 20)", "distillation (n = 20)"]
    assert ("per token" in axes.get_ylabel()) == per_token
    assert "nats" in axes.get_ylabel()


def test_an_empty_panel_says_so():
    axes = Figure().subplots()
    nll_panel(axes, pd.DataFrame(columns=["arm", "example_id", "problem_id", "tokens", "nll"]))
    assert NO_ROWS in texts(axes.figure)


def test_figure5_has_a_line_an_arm_and_says_which_did_not_move(make_tree: Callable[..., Path]):
    points = likelihoods.drift_points(make_tree())
    assert (points.groupby("arm", sort=False).size() == 2).all()
    figure = figure5(points)
    figure.draw_without_rendering()
    said = texts(figure)
    assert "none" in said
    assert "InT (n = 20)" in said
    marked = [line for line in figure.axes[0].lines if line.get_marker() not in (None, "None", "")]
    assert len(marked) == points["arm"].nunique() - 1  # no_filter has none
    assert figure.axes[0].get_xscale() == "log"


def test_the_arms_of_figure_11_have_looks_of_their_own():
    looks = [look(name) for name in FIGURE11]
    assert len({each.label for each in looks}) == len({(each.colour, each.marker) for each in looks}) == 5
    assert set(FIGURE11) <= set(LOOKS)


def test_captions_say_what_is_so_by_construction():
    assert "true by construction" in caption("likelihood")
    assert "is a drawing" in caption("figure5")
    assert "learning rate" in caption("drift")
