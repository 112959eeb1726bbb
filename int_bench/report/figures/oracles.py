"""The funnel of interventions as a figure: a tidy frame in, a figure out."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from int_bench.report.style import PAGE, oracle_look, say_no_rows, styled

STAGES = {
    "able": "failed\nattempts",
    "steps": "with a\ncorrective step",
    "different": "with one unlike\nall others",
    "kept": "kept by\nthe filter",
}


@styled()
def funnel(counts: pd.DataFrame) -> Figure:
    """At how many attempts something of an oracle's is left after each stage, as shares of all; a line an oracle.

    ``counts`` has the columns ``oracle``, ``stage`` (a key of ``STAGES``) and ``count``. A stage that an oracle lacks
    is passed over, so that the authors' published rows can stand beside a run's, dashed and in grey.
    """
    figure = Figure(figsize=(PAGE, 2.8))
    axes = figure.subplots()
    places = {stage: i for i, stage in enumerate(STAGES)}
    for oracle, rows in counts.groupby("oracle", sort=False):
        ordered = rows.assign(place=rows["stage"].map(places)).sort_values("place")
        total = int(ordered["count"].iloc[0])
        if not total:
            continue
        style = oracle_look(str(oracle))
        axes.plot(
            ordered["place"],
            ordered["count"].astype(float) / total,
            label=f"{style.label} (n = {total:,})",
            color=style.colour,
            marker=style.marker,
            linestyle="--" if oracle == "paper" else "-",
        )
    axes.set_xticks(range(len(STAGES)), list(STAGES.values()))
    axes.set_ylim(0.0, 1.05)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel("share of attempts")
    if axes.lines:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    else:
        say_no_rows(axes, "y")
    return figure
