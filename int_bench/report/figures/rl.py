"""Figures 7 and 8: reinforcement learning from each initialisation. Tidy frames in, figures out."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from int_bench.report.figures.panels import budgets, ceiling, legend, over_steps, running, share_axis, with_n
from int_bench.report.style import PAGE, look, say_no_rows, shade, styled


@styled()
def figure7(curves: pd.DataFrame) -> Figure:
    """pass@k of the RL checkpoints: over k, a panel an initialisation, and over steps, a panel a budget.

    ``curves`` has the columns ``initialisation, step, k, value, low, high, n``; undefined points are left out. Bands
    (first and last checkpoint) and bars are the intervals; darker is later.
    """
    names, steps, ks = (list(dict.fromkeys(curves[column])) for column in ("initialisation", "step", "k"))
    figure = Figure(figsize=(PAGE, 4.6))
    rows = figure.add_gridspec(2, 1)
    over_k, by_step = figure.add_subfigure(rows[0]), figure.add_subfigure(rows[1])
    panels = over_k.subplots(1, max(1, len(names)), sharey=True, squeeze=False)[0]
    if not names:
        say_no_rows(panels[0], "x")
    for axes, name in zip(panels, names, strict=False):
        points = curves[(curves["initialisation"] == name) & curves["value"].notna()]
        axes.set_title(with_n(f"{look(name).label} + RL", points["n"]))
        _checkpoints_over_k(axes, points, name, steps, ks)
    share_axis(panels[0], ceiling(curves), "pass@k, hard test set")
    if steps:
        handles = [Line2D([], [], color=shade("#000000", _strength(step, steps))) for step in steps]
        labels = [f"step {step}" for step in steps]
        over_k.legend(handles, labels, loc="outside upper center", ncols=min(len(steps), 8), handlelength=1.4)

    shown = list(dict.fromkeys([ks[0], ks[len(ks) // 2], ks[-1]])) if ks else [1]
    panels = by_step.subplots(1, len(shown), squeeze=False)[0]
    for axes, k in zip(panels, shown, strict=True):
        points = curves[(curves["k"] == k) & curves["value"].notna()]
        axes.set_title(f"pass@{k}")
        over_steps(axes, points, names)
        # Each its own scale: at k = 1 the hard set's values would lie flat on the axis.
        share_axis(axes, ceiling(points), "pass@k, hard test set" if axes is panels[0] else "")
    legend(by_step, names)
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
    _training(reward, ratio, steps, names)
    defined = held_out[held_out["value"].notna()]
    over_steps(transfer, defined, names)
    reward.set_title("(a) training reward")
    transfer.set_title(with_n(f"(b) pass@1, {benchmark}", defined["n"]))
    ratio.set_title("(c) zero-advantage ratio")
    share_axis(transfer, ceiling(defined), "")
    legend(figure, names, [("all wrong", "-"), ("all right", ":")])
    return figure


def _training(reward: Axes, ratio: Axes, steps: pd.DataFrame, names: list[str]) -> None:
    """What was logged over training, by arm: the reward, and the shares of groups that are all wrong or all right."""
    for name in names:
        logged = steps[steps["initialisation"] == name].sort_values("step")
        running(reward, logged, "reward", look(name).colour, "-")
        running(ratio, logged, "all_wrong", look(name).colour, "-")
        running(ratio, logged, "all_right", look(name).colour, ":")
    for axes in (reward, ratio):
        axes.set_xlabel("RL step")
        if steps.empty:
            say_no_rows(axes, "x")
    share_axis(reward, ceiling(steps.rename(columns={"reward": "high"})), "mean reward")
    share_axis(ratio, 1.0, "share of groups")


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
    budgets(axes, ks)


def _strength(step: int, steps: list[int]) -> float:
    return steps.index(step) / max(1, len(steps) - 1)


@styled()
def figure9(steps: pd.DataFrame) -> Figure:
    """Training reward and zero-advantage ratio over RL steps; ``steps`` is that of :func:`figure8`."""
    figure = Figure(figsize=(PAGE, 2.7))
    reward, ratio = figure.subplots(1, 2)
    names = list(dict.fromkeys(steps["initialisation"]))
    _training(reward, ratio, steps, names)
    reward.set_title("(a) training reward")
    ratio.set_title("(b) zero-advantage ratio")
    legend(figure, names, [("all wrong", "-"), ("all right", ":")], columns=4)
    return figure


@styled()
def figure10(curves: pd.DataFrame) -> Figure:
    """pass@k of the RL checkpoints over steps, a panel a benchmark.

    ``curves`` has the columns of :func:`figure7` and ``benchmark``; each benchmark has one k.
    """
    benchmarks = list(dict.fromkeys(zip(curves["benchmark"], curves["k"], strict=True)))
    names = list(dict.fromkeys(curves["initialisation"]))
    figure = Figure(figsize=(PAGE, 0.6 + 2.0 * max(1, -(-len(benchmarks) // 2))))
    panels = iter(figure.subplots(max(1, -(-len(benchmarks) // 2)), 2, squeeze=False).flat)
    for (benchmark, k), axes in zip(benchmarks or [("", 1)], panels, strict=False):
        points = curves[(curves["benchmark"] == benchmark) & curves["value"].notna()]
        axes.set_title(with_n(f"{benchmark}, pass@{k}", points["n"]) if benchmark else "")
        over_steps(axes, points, names)
        share_axis(axes, ceiling(points), f"pass@{k}")
    for axes in panels:
        axes.set_axis_off()
    legend(figure, names)
    return figure
