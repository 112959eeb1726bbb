"""Figures 6 and 11: what fine-tuning does to the benchmarks and to pass@k. Tidy frames in, figures out."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from int_bench.report.figures.likelihood import nll_panel
from int_bench.report.figures.panels import budgets, ceiling, handle, share_axis, with_n
from int_bench.report.style import PAGE, look, say_no_rows, styled

_BAR = 0.86
"""Width of the bars of one benchmark together; benchmarks are 1 apart."""


@styled()
def figure6(scores: pd.DataFrame) -> Figure:
    """pass@1 on the benchmarks before and after fine-tuning: a group of bars a benchmark, the average last.

    ``scores`` has the columns ``benchmark, arm, value, low, high, n``. Lines are intervals; the undefined has no bar,
    and an arm without bars no place in the legend.
    """
    figure = Figure(figsize=(PAGE, 2.9))
    axes = figure.subplots()
    defined = scores[scores["value"].notna()]
    groups, arms = list(dict.fromkeys(scores["benchmark"])), list(dict.fromkeys(defined["arm"]))
    if defined.empty:
        say_no_rows(axes, "x")
    width = _BAR / max(1, len(arms))
    for i, arm in enumerate(arms):
        bars = defined[defined["arm"] == arm]
        places = np.array([groups.index(group) for group in bars["benchmark"]]) + (i - (len(arms) - 1) / 2) * width
        reach = np.abs(np.stack([bars["value"] - bars["low"], bars["high"] - bars["value"]]).astype(float))
        axes.bar(places, bars["value"], 0.88 * width, **_face(arm))
        grey = "#7F7F7F" if look(arm).fill == "#000000" else "#222222"  # on black nothing else is seen
        axes.errorbar(places, bars["value"], yerr=reach, fmt="none", ecolor=grey, elinewidth=0.9, capsize=1.5)
    sizes = defined.groupby("benchmark")["n"].max()
    names = [textwrap.fill(group.replace("_", " "), 9) for group in groups]
    labels = [f"{name}\n(n = {sizes.get(group, 0)})" for name, group in zip(names, groups, strict=True)]
    axes.set_xticks(range(len(groups)), labels)
    axes.tick_params(axis="x", length=0)
    if len(groups) > 1:
        axes.axvline(len(groups) - 1.5, color="#B0B0B0", linewidth=0.7)  # the average is no benchmark
    share_axis(axes, ceiling(defined), "pass@1")
    axes.set_ylim(bottom=0.0)
    if arms:
        patches = [Patch(**_face(arm)) for arm in arms]
        figure.legend(patches, [look(arm).label for arm in arms], loc="outside upper center", ncols=5)
    return figure


@styled()
def figure11(traces: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame) -> Figure:
    """What arms clone, and pass@k after fine-tuning: on the hard training problems, averaged over Table 7's benchmarks.

    ``traces`` is that of ``nll_panel``, drawn per trace as in the paper, which favours short ones, and per
    token. ``train`` and ``test`` have the columns ``arm, k, value, low, high, n``.
    """
    figure = Figure(figsize=(PAGE, 3.9))
    panels = figure.subplot_mosaic([["trace", "train", "test"], ["token", "train", "test"]], width_ratios=[1.15, 1, 1])
    nll_panel(panels["trace"], traces)
    nll_panel(panels["token"], traces, per_token=True)
    panels["trace"].set_title("(a) likelihood")
    panels["trace"].tick_params(axis="x", labelbottom=False)  # the same arms stand below
    shown = {"train": ("(b) training", train), "test": ("(c) test average", test)}
    arms = list(dict.fromkeys([*train["arm"], *test["arm"]]))
    for name, (title, points) in shown.items():
        axes = panels[name]
        defined = points[points["value"].notna()]
        axes.set_title(with_n(title, defined["n"]))
        _over_k(axes, defined, arms)
        share_axis(axes, ceiling(defined), "pass@k")
    if arms:
        handles, labels = [handle(arm) for arm in arms], [look(arm).label for arm in arms]
        figure.legend(handles, labels, loc="outside upper center", ncols=6, columnspacing=1.2)
    return figure


def _over_k(axes: Axes, points: pd.DataFrame, arms: list[str]) -> None:
    """Points with error bars, arms side by side so that their bars do not cover each other."""
    if points.empty:
        say_no_rows(axes, "x")
        return
    for i, arm in enumerate(arms):
        curve, style = points[points["arm"] == arm].sort_values("k"), look(arm)
        reach = np.abs(np.stack([curve["value"] - curve["low"], curve["high"] - curve["value"]]).astype(float))
        axes.errorbar(
            curve["k"] * 2.0 ** (0.08 * (i - (len(arms) - 1) / 2)),
            curve["value"],
            yerr=reach,
            color=style.colour,
            marker=style.marker,
            markerfacecolor=style.fill,
            linewidth=1.1,
            elinewidth=0.8,
            capsize=1.4,
        )
    budgets(axes, sorted(set(points["k"])))


def _face(arm: str) -> dict[str, Any]:
    style = look(arm)
    return {"facecolor": style.fill, "edgecolor": style.colour, "linewidth": 1.0}
