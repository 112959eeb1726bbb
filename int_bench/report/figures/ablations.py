"""Figures of ablations: all of a suite, and a sweep."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from int_bench.report.figures.claims import EDGE, LINEAR
from int_bench.report.style import PAGE, Look, look, say_no_rows, styled

FOUND = {
    "better": Look("better", "#009E73", "o"),
    "worse": Look("worse", "#D55E00", "X"),
    "not told apart": Look("not told apart", "#7F7F7F", "D"),
}
ROW = 0.13
"""Height of an ablation, in inches."""


@styled()
def overview(rows: pd.DataFrame) -> Figure:
    """The gain of each ablation with its interval, in points, a panel a problem set, coloured by what was found.

    ``rows`` has the columns ``ablation, problem_set, value, low, high, found``, as fractions.
    """
    names, sets = (list(dict.fromkeys(rows[column])) for column in ("ablation", "problem_set"))
    figure = Figure(figsize=(PAGE, 1.1 + ROW * max(len(names), 6)))
    panels = figure.subplots(1, len(sets), sharey=True, squeeze=False)[0]
    for axes, problem_set in zip(panels, sets, strict=True):
        axes.axvline(0.0, color="#B0B0B0", linewidth=0.7, zorder=0)
        for row in rows[rows["problem_set"] == problem_set].itertuples():
            place, style = names.index(row.ablation), FOUND[str(row.found)]
            axes.plot([100.0 * row.low, 100.0 * row.high], [place, place], color=style.colour, linewidth=1.0)
            axes.plot([100.0 * row.value], [place], color=style.colour, marker=style.marker, markersize=3.5)
        axes.set_title(problem_set)
        axes.set_xscale("symlog", linthresh=LINEAR, linscale=0.6)
        axes.set_xlim(-EDGE, EDGE)
        axes.set_xticks((-100, -10, 0, 10, 100), ("-100", "-10", "0", "+10", "+100"))
        axes.minorticks_off()
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color="#EEEEEE", linewidth=0.5)
    panels[0].set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=6)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    panels[len(sets) // 2].set_xlabel(f"gain in pass@1, points (linear up to {LINEAR:g}, logarithmic beyond)")
    present = [style for name, style in FOUND.items() if (rows["found"] == name).any()]
    handles = [Line2D([], [], color=style.colour, marker=style.marker) for style in present]
    figure.legend(handles, [style.label for style in present], loc="outside upper center", ncols=3)
    return figure


@styled()
def sweep(points: pd.DataFrame, axis: str, model: str, compared_with: str) -> Figure:
    """Paired gain in pass@1 of an ablated model along a sweep, a panel a problem set, each with its own scale.

    ``points`` has the columns ``problem_set, at, value, low, high, n``; bars are the intervals. A point without
    problems is the model itself that they are ``compared_with``.
    """
    sets = list(dict.fromkeys(points["problem_set"]))
    figure = Figure(figsize=(PAGE, 2.3))
    for axes, name in zip(figure.subplots(1, max(1, len(sets)), squeeze=False)[0], sets or [""], strict=True):
        line = points[(points["problem_set"] == name) & points["value"].notna()]
        if line.empty:
            say_no_rows(axes, "x")
            continue
        axes.axhline(0.0, color="#B0B0B0", linewidth=0.7, zorder=0)
        bars = np.abs(np.stack([line["value"] - line["low"], line["high"] - line["value"]]))
        axes.errorbar(
            line["at"], line["value"], yerr=bars, color=look(model).colour, marker=look(model).marker, capsize=2
        )
        axes.set_title(f"{name} (n = {line['n'].max()})")
        axes.set_xlabel(axis)
        own = line[line["n"] == 0]
        axes.plot(own["at"], own["value"], "o", color="white", markeredgecolor="#555555", zorder=3)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100.0 * value:+g}" if value else "0"))
    figure.axes[0].set_ylabel(f"gain in pass@1, points,\nover {compared_with}")
    return figure
