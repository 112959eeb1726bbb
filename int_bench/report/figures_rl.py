"""Figures 7 and 8: reinforcement learning from each initialisation. Tidy frames in, figures out."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter
from numpy.typing import NDArray

from int_bench.report.style import PAGE, look, say_no_rows, shade, styled

Line = Literal["-", ":"]

SMOOTHING = 5
"""Steps in the centred running mean of what is logged at each step."""


@styled()
def figure7(curves: pd.DataFrame) -> Figure:
    """pass@k of the RL checkpoints: over k, a panel an initialisation, and over steps, a panel a budget.

    ``curves`` has the columns ``initialisation, step, k, value, low, high, n``; undefined points are left out. Bands
    (first and last checkpoint) and bars are the intervals; darker is later.
    """
    names, steps, ks = (list(dict.fromkeys(curves[column])) for column in ("initialisation", "step", "k"))
    figure = Figure(figsize=(PAGE, 4.6))
    rows = figure.add_gridspec(2, 1)
    over_k, over_steps = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    panels = over_k.subplots(1, max(1, len(names)), sharey=True, squeeze=False)[0]
    if not names:
        say_no_rows(panels[0], "x")
    for axes, name in zip(panels, names, strict=False):
        points = curves[(curves["initialisation"] == name) & curves["value"].notna()]
        axes.set_title(_with_n(f"{look(name).label} + RL", points["n"]))
        _checkpoints_over_k(axes, points, name, steps, ks)
        axes.set_xlabel("k")
    _share_axis(panels[0], _ceiling(curves), "pass@k, hard test set")
    if steps:
        handles = [Line2D([], [], color=shade("#000000", _strength(step, steps))) for step in steps]
        labels = [f"step {step}" for step in steps]
        over_k.legend(handles, labels, loc="outside upper center", ncols=min(len(steps), 8), handlelength=1.4)

    budgets = list(dict.fromkeys([ks[0], ks[len(ks) // 2], ks[-1]])) if ks else [1]
    panels = over_steps.subplots(1, len(budgets), squeeze=False)[0]
    for axes, k in zip(panels, budgets, strict=True):
        points = curves[(curves["k"] == k) & curves["value"].notna()]
        axes.set_title(f"pass@{k}")
        _over_steps(axes, points, names)
        # Each its own scale: at k = 1 the hard set's values would lie flat on the axis.
        _share_axis(axes, _ceiling(points), "pass@k, hard test set" if axes is panels[0] else "")
    _legend(over_steps, names)
    return figure


@styled()
def figure8(steps: pd.DataFrame, held_out: pd.DataFrame, benchmark: str) -> Figure:
    """Training reward, held-out pass@1 and zero-advantage ratio over RL steps, by initialisation.

    ``steps`` has the columns ``initialisation, step, reward, all_wrong, all_right``, ``held_out`` those of
    :func:`figure7` at k = 1, and ``benchmark`` names the held-out set. Raw values are faint, lines are running means.
    """
    figure = Figure(figsize=(PAGE, 2.5))
    reward, transfer, ratio = figure.subplots(1, 3)
    names = list(dict.fromkeys([*held_out["initialisation"], *steps["initialisation"]]))
    for name in names:
        logged = steps[steps["initialisation"] == name].sort_values("step")
        _running(reward, logged, "reward", look(name).colour, "-")
        _running(ratio, logged, "all_wrong", look(name).colour, "-")
        _running(ratio, logged, "all_right", look(name).colour, ":")
    defined = held_out[held_out["value"].notna()]
    _over_steps(transfer, defined, names)
    reward.set_title("(a) training reward")
    transfer.set_title(_with_n(f"(b) pass@1, {benchmark}", defined["n"]))
    ratio.set_title("(c) zero-advantage ratio")
    for axes in (reward, ratio):
        axes.set_xlabel("RL step")
        if steps.empty:
            say_no_rows(axes, "x")
    _share_axis(reward, _ceiling(steps.rename(columns={"reward": "high"})), "mean reward")
    _share_axis(transfer, _ceiling(defined), "")
    _share_axis(ratio, 1.0, "share of groups")
    _legend(figure, names, [("all wrong", "-"), ("all right", ":")])
    return figure


def _checkpoints_over_k(axes: Axes, points: pd.DataFrame, name: str, steps: list[int], ks: list[int]) -> None:
    if points.empty:
        say_no_rows(axes, "x")
    for step in steps:
        curve = points[points["step"] == step].sort_values("k")
        colour = shade(look(name).colour, _strength(step, steps))
        if step in (steps[0], steps[-1]):
            alpha = 0.22 if step == steps[-1] else 0.4  # the first one is pale already
            axes.fill_between(curve["k"], curve["low"], curve["high"], color=colour, alpha=alpha, linewidth=0)
        axes.plot(curve["k"], curve["value"], color=colour, marker=look(name).marker, markersize=3)
    axes.set_xscale("log", base=2)
    axes.set_xticks(ks, [str(k) for k in ks])
    axes.xaxis.set_minor_locator(NullLocator())


def _over_steps(axes: Axes, points: pd.DataFrame, names: list[str]) -> None:
    """Points with error bars, initialisations side by side so that their bars do not cover each other."""
    if points.empty:
        say_no_rows(axes, "x")
    last = max(points["step"], default=1)
    for i, name in enumerate(names):
        line = points[points["initialisation"] == name].sort_values("step")
        bars = np.abs(np.stack([line["value"] - line["low"], line["high"] - line["value"]]))
        axes.errorbar(
            line["step"] + 0.02 * last * (i - (len(names) - 1) / 2),
            line["value"],
            yerr=bars,
            color=look(name).colour,
            marker=look(name).marker,
            elinewidth=0.9,
            capsize=1.8,
        )
    axes.set_xlabel("RL step")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _running(axes: Axes, logged: pd.DataFrame, column: str, colour: str, linestyle: Line) -> None:
    defined = logged[logged[column].notna()]
    smooth = defined[column].rolling(SMOOTHING, center=True, min_periods=1).mean()
    axes.plot(defined["step"], defined[column], ".", color=colour, alpha=0.25, markersize=3, markeredgewidth=0)
    axes.plot(defined["step"], smooth, color=colour, linestyle=linestyle)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _legend(figure: FigureBase, names: list[str], kinds: list[tuple[str, Line]] | None = None) -> None:
    handles = [Line2D([], [], color=look(name).colour, marker=look(name).marker) for name in names]
    labels = [look(name).label for name in names]
    for label, linestyle in kinds or []:
        handles.append(Line2D([], [], color="#555555", linestyle=linestyle))
        labels.append(label)
    if handles:
        figure.legend(handles, labels, loc="outside upper center", ncols=len(handles))


def _ceiling(frame: pd.DataFrame) -> float:
    """Top of an axis of shares: room above the highest interval, and never so low that noise fills the panel."""
    highs: NDArray[np.float64] = frame["high"].to_numpy(float)
    highs = highs[~np.isnan(highs)]
    return min(1.0, max(0.05, 1.08 * float(highs.max()))) if len(highs) else 1.0


def _share_axis(axes: Axes, top: float, label: str) -> None:
    # A little below 0, or a curve that never leaves zero is hidden by the axis.
    axes.set_ylim(-0.02 * top, 1.03 * top)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.1 else 1))
    axes.set_ylabel(label)


def _strength(step: int, steps: list[int]) -> float:
    return steps.index(step) / max(1, len(steps) - 1)


def _with_n(title: str, n: pd.Series) -> str:
    if n.empty:
        return title
    low, high = int(n.min()), int(n.max())
    return f"{title} (n = {low})" if low == high else f"{title} (n = {low}-{high})"
