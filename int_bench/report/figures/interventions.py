"""Figures 3 and 4: how long interventions are, and where they stand. Tidy frames in, figures out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, PercentFormatter, ScalarFormatter
from numpy.typing import NDArray

from int_bench.report.style import COLUMN, look, say_no_rows, styled

_WIDE_RANGE = 20
"""Lengths whose largest is this many times the smallest are shown on a logarithmic axis."""


@styled()
def figure3(lengths: pd.DataFrame) -> Figure:
    """Histograms of token lengths over one axis: interventions above, full texts below.

    ``lengths`` has the columns ``kind`` (interventions, references, failed) and ``tokens``. Bars are shares of the
    texts of a kind, since kinds differ in number; a dashed line marks the median.
    """
    figure = Figure(figsize=(COLUMN, 3.3))
    panels = figure.subplots(3, 1, sharex=True)
    edges, logarithmic = _edges(lengths["tokens"].to_numpy(float))
    for axes, kind in zip(panels, ("interventions", "references", "failed"), strict=True):
        tokens = lengths.loc[lengths["kind"] == kind, "tokens"].to_numpy(float)
        title = look(kind).label
        if len(tokens):
            _shares(axes, tokens, edges, look(kind).colour)
            median = float(np.median(tokens))
            axes.axvline(median, color="#555555", linestyle="--", linewidth=0.9)
            title += f" (n = {len(tokens)}, median {median:g})"
        else:
            say_no_rows(axes, "y")
        axes.set_title(title)
        if logarithmic:
            axes.set_xscale("log")
            # Labels between powers of ten run into each other over more than two of them.
            between = (1.0,) if edges[-1] / edges[0] > 100.0 else (1.0, 2.0, 5.0)
            axes.xaxis.set_major_locator(LogLocator(subs=between))
            axes.xaxis.set_major_formatter(ScalarFormatter())
            axes.xaxis.set_minor_formatter(NullFormatter())
    figure.supylabel("share of texts", fontsize=8.5)
    panels[-1].set_xlabel("length (tokens)")
    return figure


@styled()
def figure4(locations: pd.DataFrame, bins: int = 10) -> Figure:
    """Histogram of where in the trace interventions stand, by category of the error.

    ``locations`` has the columns ``category`` and ``relative_location``: index of the step at fault / steps, so 0 is
    the first step. Bars are counts; a dashed line marks a category's median.
    """
    figure = Figure(figsize=(COLUMN, 2.9))
    categories = ["HIGH", "EXECUTION"]
    categories += sorted(set(locations["category"]) - set(categories))
    panels = figure.subplots(len(categories), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    edges = np.linspace(0.0, 1.0, bins + 1)
    for axes, category in zip(panels, categories, strict=True):
        places = locations.loc[locations["category"] == category, "relative_location"].to_numpy(float)
        title = look(category).label
        if len(places):
            axes.hist(places, bins=edges.tolist(), color=look(category).colour, edgecolor="white", linewidth=0.5)
            median = float(np.median(places))
            axes.axvline(median, color="#555555", linestyle="--", linewidth=0.9)
            title += f" (n = {len(places)}, median {median:.2f})"
        else:
            say_no_rows(axes, "y")
        axes.set_title(title)
        axes.set_xlim(0.0, 1.0)
    figure.supylabel("interventions", fontsize=8.5)
    panels[-1].set_xlabel("relative location in the trace (0 = first step)")
    return figure


def _edges(tokens: NDArray[np.float64], bins: int = 24) -> tuple[NDArray[np.float64], bool]:
    """Edges of bins shared by all panels, and whether they are spaced logarithmically."""
    if not len(tokens):
        return np.linspace(0.0, 1.0, bins + 1), False
    low, high = max(1.0, tokens.min()), max(2.0, tokens.max())
    # Lengths are whole numbers: bins of whole width, or some would hold two lengths and their neighbours none.
    if high / low > _WIDE_RANGE:
        whole = np.unique(np.round(np.geomspace(low, high + 1.0, bins + 1)))
        return np.asarray(whole - 0.5, dtype=np.float64), True
    width = max(1, int(np.ceil((high + 1) / bins)))
    return np.arange(0.0, high + 1.0 + width, width) - 0.5, False


def _shares(axes: Axes, tokens: NDArray[np.float64], edges: NDArray[np.float64], colour: str) -> None:
    weights = np.full(len(tokens), 1.0 / len(tokens))
    clipped = np.clip(tokens, edges[0], edges[-1])
    axes.hist(clipped, bins=edges.tolist(), weights=weights, color=colour, edgecolor="white", linewidth=0.4)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
