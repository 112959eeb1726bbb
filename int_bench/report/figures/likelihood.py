"""Figure 5, and panel (a) of Figure 11: tidy frames in, figures out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from int_bench.report.style import PAGE, look, say_no_rows, shade, styled


def nll_panel(axes: Axes, frame: pd.DataFrame, per_token: bool = False) -> None:
    """Negative log-likelihood of each arm's traces under the base model: every trace a point, a box over them.

    ``frame`` has the columns ``arm, tokens, nll``, a row for each trace (``likelihoods.whole_traces``); arms stand in
    the order in which they come. The box spans the quartiles, its whiskers the 5th to the 95th percentile.
    """
    values = frame["nll"] / frame["tokens"] if per_token else frame["nll"]
    groups = frame.assign(nats=values).groupby("arm", sort=False)["nats"]
    by_arm = {str(arm): nats.to_numpy(float) for arm, nats in groups}
    axes.set_ylabel("NLL per token (nats)" if per_token else "NLL per trace (nats)")
    if not by_arm:
        say_no_rows(axes, "y")
        return
    rng = np.random.default_rng(0)  # only spreads points that would lie on each other
    for place, (arm, nats) in enumerate(by_arm.items()):
        style = look(arm)
        beside = place + rng.uniform(-0.22, 0.22, len(nats))
        axes.plot(beside, nats, ".", color=style.colour, alpha=0.6, markersize=3.5, markeredgewidth=0, zorder=3)
        axes.boxplot(
            nats,
            positions=[place],
            widths=0.5,
            whis=(5, 95),
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": shade(style.colour, 0.0), "edgecolor": style.colour, "alpha": 0.6},
            medianprops={"color": style.colour, "linewidth": 1.6},
            whiskerprops={"color": style.colour},
            capprops={"color": style.colour},
        )
    if min(nats.min() for nats in by_arm.values()) > 0:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
    labels = [f"{look(arm).label} (n = {len(nats)})" for arm, nats in by_arm.items()]
    axes.set_xticks(range(len(by_arm)), labels, rotation=30, ha="right", rotation_mode="anchor")


@styled()
def figure5(points: pd.DataFrame) -> Figure:
    """KL to the base model, and entropy less the base model's, on its own rollouts of easy problems; a line an arm.

    ``points`` has the columns ``arm, quantity`` (kl or entropy), ``value, low, high, n``. An arm whose divergence is 0,
    which a logarithmic axis cannot show, is said to have none.
    """
    arms = list(dict.fromkeys(points["arm"]))
    figure = Figure(figsize=(PAGE, 1.0 + 0.2 * max(3, len(arms))))
    panels = figure.subplots(1, 2, sharey=True)
    titles = {
        "kl": ("(a) divergence", "KL(base, arm), nats per token"),
        "entropy": ("(b) change of entropy", "entropy less that of base, nats per token"),
    }
    for axes, (quantity, (title, label)) in zip(panels, titles.items(), strict=True):
        rows = points[(points["quantity"] == quantity) & points["value"].notna()]
        axes.set_title(title)
        axes.set_xlabel(label)
        if rows.empty:
            say_no_rows(axes, "x")
            continue
        if quantity == "entropy":
            axes.axvline(0.0, color="#7F7F7F", linewidth=0.8)
        elif (rows["value"] > 0).any():
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator())
            axes.xaxis.set_minor_formatter(NullFormatter())
        for arm, value, low, high in zip(rows["arm"], rows["value"], rows["low"], rows["high"], strict=True):
            if quantity == "kl" and value == 0.0:
                none = axes.get_yaxis_transform()
                axes.text(0.02, arms.index(arm), "none", transform=none, va="center", color=look(arm).colour)
            else:
                _point(axes, arm, arms.index(arm), value, (low, high))
    n = points.groupby("arm")["n"].max()
    panels[0].set_yticks(range(len(arms)), [f"{look(arm).label} (n = {n[arm]})" for arm in arms])
    panels[0].set_ylim(len(arms) - 0.5, -0.5)
    return figure


def _point(axes: Axes, arm: str, place: int, value: float, ends: tuple[float, float]) -> None:
    style = look(arm)
    if np.isfinite(ends).all():
        # A logarithmic axis has no place for an end at or below 0: the line then goes to the panel's edge.
        axes.plot(ends, [place, place], color=style.colour)
    axes.plot([value], [place], color=style.colour, marker=style.marker, markerfacecolor=style.fill)
