"""Figures of ablations: all of a suite, and a sweep."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from int_bench.report.figures.claims import EDGE, LINEAR
from int_bench.report.style import PAGE, RC, Look, look, styled

FOUND = {
    "better": Look("better", "#009E73", "^"),
    "worse": Look("worse", "#D55E00", "v"),
    "not told apart": Look("not told apart", "#7F7F7F", "D"),
}
ROW = 0.13
"""Height of an ablation, in inches."""
LINES = matplotlib.colormaps["viridis"]
"""Lines of a sweep have an order: the darker, the earlier."""
OWN: dict[str, Any] = {"marker": "o", "markerfacecolor": "white", "markeredgecolor": "#555555"}
NATS = ", nats per token"


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
def sweep(gains: pd.DataFrame, drift: pd.DataFrame, axis: str, model: str, compared_with: str) -> Figure:
    """Paired gain in pass@1 of an ablated model along a sweep, and below how far it is from the base model.

    ``gains`` has the columns ``problem_set, line, at, value, low, high, n``, and ``drift`` the same but ``quantity``
    for ``problem_set``; each panel has a scale of its own, bars are intervals. A gain without problems is the model
    itself that they are ``compared_with``, which is hollow. Of a model after RL there is no drift.
    """
    panels = [*gains.groupby("problem_set", observed=True), *drift.groupby("quantity", observed=True)]
    figure = Figure(figsize=(PAGE, 2.2 if drift.empty else 4.2))
    cells = figure.subplots(1 if drift.empty else 2, gains["problem_set"].nunique(), squeeze=False).flat
    lines = gains["line"].sort_values().unique()
    style = look(model.removeprefix("rl-"))
    hues = [style.colour] if len(lines) == 1 else [LINES(place) for place in np.linspace(0.1, 0.8, len(lines))]
    places = sorted({*gains["at"], *drift["at"]})
    for (name, points), axes in zip(panels, cells, strict=False):
        axes.axhline(0.0, color="#B0B0B0", linewidth=0.7, zorder=0)
        factor = 100.0 if name in set(gains["problem_set"]) else 1.0
        for line, hue in zip(lines, hues, strict=True):
            of_line = points[(points["line"] == line) & points["value"].notna()]
            value, low, high = (factor * of_line[column] for column in ("value", "low", "high"))
            bars = np.abs(np.stack([value - low, high - value]))
            axes.errorbar(of_line["at"], value, yerr=bars, color=hue, marker=style.marker, capsize=2, label=line)
            own = of_line[of_line["n"] == 0]
            axes.plot(own["at"], own["value"], linestyle="", zorder=3, **OWN)
        axes.set_title(f"{name} (n = {points['n'].max()})" if factor > 1.0 else str(name).removesuffix(NATS))
        if places[0] > 0:
            axes.set_xscale("log")
        axes.set_xticks(places, [f"{place:g}" for place in places])
        axes.minorticks_off()
    figure.supxlabel(f"{axis}; gains are over {compared_with}", fontsize=RC["axes.labelsize"])
    figure.axes[0].set_ylabel("gain in pass@1, points")
    if not drift.empty:
        figure.axes[gains["problem_set"].nunique()].set_ylabel(f"{NATS.removeprefix(', ')}, in the run itself")
    for axes in cells:
        axes.axis("off")
    handles, labels = figure.axes[0].get_legend_handles_labels() if len(lines) > 1 else ([], [])
    if (gains["n"] == 0).any():
        handles, labels = [*handles, Line2D([], [], color="white", **OWN)], [*labels, "what they are compared with"]
    if handles:
        figure.legend(handles, labels, loc="outside upper center", ncols=len(handles))
    return figure
