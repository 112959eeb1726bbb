"""Parts of panels that several figures share: lines over RL steps, axes of shares, legends of arms."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator, PercentFormatter
from numpy.typing import NDArray

from int_bench.report.style import look, say_no_rows

Line = Literal["-", ":"]

SMOOTHING = 5
"""Steps in the centred running mean of what is logged at each step."""


def over_steps(axes: Axes, points: pd.DataFrame, names: list[str]) -> None:
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
            markerfacecolor=look(name).fill,
            elinewidth=0.9,
            capsize=1.8,
        )
    axes.set_xlabel("RL step")
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def running(axes: Axes, logged: pd.DataFrame, column: str, colour: str, linestyle: Line) -> None:
    """What is logged at each step, faint, and its running mean."""
    defined = logged[logged[column].notna()]
    smooth = defined[column].rolling(SMOOTHING, center=True, min_periods=1).mean()
    axes.plot(defined["step"], defined[column], ".", color=colour, alpha=0.25, markersize=3, markeredgewidth=0)
    axes.plot(defined["step"], smooth, color=colour, linestyle=linestyle)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def legend(figure: FigureBase, names: list[str], kinds: list[tuple[str, Line]] | None = None, columns: int = 5) -> None:
    """A legend of arms, and of kinds of lines, above the panels."""
    handles = [handle(name) for name in names]
    labels = [look(name).label for name in names]
    if kinds and len(names) % 2 and len(names) + len(kinds) > columns:
        # Columns are filled from above: an empty place, so that the kinds of lines share one.
        handles.append(Line2D([], [], linestyle="none"))
        labels.append("")
    for label, linestyle in kinds or []:
        handles.append(Line2D([], [], color="#555555", linestyle=linestyle))
        labels.append(label)
    if handles:
        figure.legend(handles, labels, loc="outside upper center", ncols=min(columns, len(handles)))


def ceiling(frame: pd.DataFrame) -> float:
    """Top of an axis of shares: room above the highest interval, and never so low that noise fills the panel."""
    highs: NDArray[np.float64] = frame["high"].to_numpy(float)
    highs = highs[~np.isnan(highs)]
    return min(1.0, max(0.05, 1.08 * float(highs.max()))) if len(highs) else 1.0


def share_axis(axes: Axes, top: float, label: str) -> None:
    """Per cent from 0 to a little above ``top``."""
    # A little below 0, or a curve that never leaves zero is hidden by the axis.
    axes.set_ylim(-0.02 * top, 1.03 * top)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0 if top > 0.1 else 1))
    axes.set_ylabel(label)


def with_n(title: str, n: pd.Series) -> str:
    """A title with the number of problems, as a range if it differs."""
    if n.empty:
        return title
    low, high = int(n.min()), int(n.max())
    return f"{title} (n = {low})" if low == high else f"{title} (n = {low}-{high})"


def handle(name: str) -> Line2D:
    """An arm in a legend."""
    style = look(name)
    return Line2D([], [], color=style.colour, marker=style.marker, markerfacecolor=style.fill)


def budgets(axes: Axes, ks: list[int]) -> None:
    """An axis of k, doubling."""
    axes.set_xscale("log", base=2)
    axes.set_xticks(ks, [str(k) for k in ks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("k")
