"""The claims as a forest plot: a tidy frame in, a figure out."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from int_bench.report.style import PAGE, Look, say_no_rows, styled

VERDICTS = {
    "holds": Look("holds", "#009E73", "o"),
    "fails": Look("fails", "#D55E00", "X"),
    "undecided": Look("undecided", "#7F7F7F", "D"),
    "true by construction": Look("true by construction", "#56B4E9", "s"),
}
SPELT = {"int": "InT", "rl": "RL", "sft": "SFT", "nll": "NLL"}
ROW = 0.19
"""Height of a claim, in inches."""
LINEAR = 2.0
"""Up to so many points the axis is linear, beyond it logarithmic."""
EDGE = 115.0
TICKS = (-100, -50, -20, -10, -5, -2, 0, 2, 5, 10, 20, 50, 100)


@styled()
def claims(rows: pd.DataFrame) -> Figure:
    """Effect, interval and threshold of each claim in points, coloured by its verdict.

    ``rows`` has the columns ``claim, value, low, high, threshold, side, verdict``, as fractions. The shaded side of a
    threshold is where the claim would hold.
    """
    figure = Figure(figsize=(PAGE, 1.1 + ROW * max(len(rows), 3)))
    axes = figure.subplots()
    if rows.empty:
        say_no_rows(axes, "y")
    axes.axvline(0.0, color="#B0B0B0", linewidth=0.7, zorder=0)
    for place, row in enumerate(rows.itertuples()):
        style = VERDICTS[str(row.verdict)]
        low, value, high, threshold = (100.0 * end for end in (row.low, row.value, row.high, row.threshold))
        end = EDGE if row.side == "above" else -EDGE
        axes.fill_betweenx([place - 0.42, place + 0.42], threshold, end, color="#F1F1F1", linewidth=0, zorder=-1)
        axes.plot([threshold] * 2, [place - 0.42, place + 0.42], color="#555555", linewidth=0.9)
        axes.plot([low, high], [place, place], color=style.colour, solid_capstyle="butt")
        axes.plot([value], [place], color=style.colour, marker=style.marker, markersize=4.5)
        digits = 1 if abs(value) >= 0.95 else 2  # what is small is not shown as zero
        axes.text(1.01, place, f"{value:+.{digits}f}", transform=axes.get_yaxis_transform(), va="center", fontsize=6.5)
    axes.set_yticks(range(len(rows)), [_label(name) for name in rows["claim"]], fontsize=7)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.set_xscale("symlog", linthresh=LINEAR, linscale=0.6)
    axes.set_xlim(-EDGE, EDGE)
    axes.set_xticks(TICKS, [f"{tick:+d}" if tick else "0" for tick in TICKS])
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"effect, points (linear up to {LINEAR:g}, logarithmic beyond)")
    present = [style for name, style in VERDICTS.items() if (rows["verdict"] == name).any()]
    handles = [Line2D([], [], color=style.colour, marker=style.marker) for style in present]
    handles.append(Line2D([], [], color="#555555", linewidth=0.9, linestyle="none", marker="|", markersize=8))
    labels = [*(style.label for style in present), "threshold; shaded: where the claim would hold"]
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _label(claim: str) -> str:
    return " ".join(SPELT.get(word, word) for word in claim.split("_"))
