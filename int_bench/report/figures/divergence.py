"""Figures 12 and 13: where two models part ways on one problem. Steps in, a figure out."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from int_bench.explorer.divergence import Parting, Side
from int_bench.explorer.elide import Room, elided
from int_bench.report.figures.boxes import (
    GAP,
    SHARED,
    VERDICTS,
    WIDTH,
    answer_of,
    asked_of,
    box,
    drawable,
    sheet,
    sized,
    step_rows,
    wrapped,
)
from int_bench.report.style import model_label, say_no_rows, styled

_BEFORE = Room(head=1, tail=3, characters=300)
_AFTER = Room(head=4, tail=1, characters=380)


@styled()
def diverging(parting: Parting | None) -> Figure:
    """The problem and the steps that two models share, side by side, and below them how each goes on.

    The first step in which they differ stands on a coloured ground. None, if the run has no such problem, says so.
    """
    figure, axes = sheet()
    if parting is None:
        say_no_rows(axes, "x")
        return figure
    width = (WIDTH - 3 * GAP) / 2
    left, right = GAP, 2 * GAP + width
    title = "Shared by both" if parting.shared else "No step is shared"
    shared = [row for line in elided(parting.shared, 0, _BEFORE) for row in step_rows(line, width)]
    below = GAP + max(
        box(axes, left, GAP, width, "Problem", wrapped(asked_of(parting.problem), width)),
        box(axes, right, GAP, width, title, shared, ground=SHARED),
    )
    sides = zip((left, right), parting.sides, strict=True)
    sized(figure, axes, GAP + max(_side(axes, x, below, width, side, parting) for x, side in sides))
    return figure


def _side(axes: Axes, x: float, y: float, width: float, side: Side, parting: Parting) -> float:
    """How one model goes on; returns where it ends."""
    colour, pale, mark = VERDICTS[side.trace.correct]
    first, *rest = elided(side.steps, len(parting.shared), _AFTER)
    y = box(axes, x, y, width, model_label(side.model), step_rows(first, width), colour, pale)
    rows = [row for line in rest for row in step_rows(line, width)]
    if rows:
        y = box(axes, x, y, width, "", rows, colour)
    return box(axes, x, y, width, f"{mark} {drawable(answer_of(side.trace))}", [], colour)
