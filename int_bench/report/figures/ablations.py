"""The figure of a sweep of ablations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from int_bench.report.style import PAGE, look, say_no_rows, styled


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
