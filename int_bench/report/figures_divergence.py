"""Figures 12 and 13: where two models part ways on one problem. Steps in, a figure out."""

from __future__ import annotations

import textwrap
from functools import cache

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import Rectangle

from int_bench.explorer.divergence import Parting, Side
from int_bench.explorer.elide import Line, Room, elided, shortened
from int_bench.report.style import PAGE, model_label, say_no_rows, styled

# Lengths are in points. The font comes with matplotlib; its characters are equally wide, so rows can be counted out.
_FONT, _SIZE = "DejaVu Sans Mono", 6.5
# Its characters are 0.602 of the size wide, and up to 0.62 where they are fitted to pixels.
_ADVANCE, _LEADING = 0.62 * _SIZE, 1.4 * _SIZE
_WIDTH, _PAD, _GAP = 72.0 * PAGE, 4.0, 6.0
_INDENT = 5  # characters of a step's number
_LINES = 8  # of one step at most
_PROBLEM, _ANSWER = 600, 50  # characters
_BEFORE = Room(head=1, tail=3, characters=300)
_AFTER = Room(head=4, tail=1, characters=380)
_INK, _GREY, _SHARED = "#222222", "#666666", "#F2F2F2"
_VERDICTS = {False: ("#D55E00", "#FBE7DA", "✗"), True: ("#009E73", "#DCF3EB", "✓")}


@styled()
def diverging(parting: Parting | None) -> Figure:
    """The problem and the steps that two models share, side by side, and below them how each goes on.

    The first step in which they differ stands on a coloured ground. None, if the run has no such problem, says so.
    """
    figure = Figure(figsize=(PAGE, 1.0))
    figure.set_layout_engine("none")  # points are points only if the axes fill the figure
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    if parting is None:
        say_no_rows(axes, "x")
        return figure
    width = (_WIDTH - 3 * _GAP) / 2
    left, right = _GAP, 2 * _GAP + width
    asked = f"{shortened(parting.problem.text, _PROBLEM)}\nAnswer: {_on_one_row(parting.problem.answer)}"
    title = "Shared by both" if parting.shared else "No step is shared"
    shared = [row for line in elided(parting.shared, 0, _BEFORE) for row in _step(line, width)]
    below = _GAP + max(
        _box(axes, left, _GAP, width, "Problem", _wrapped(asked, width)),
        _box(axes, right, _GAP, width, title, shared, ground=_SHARED),
    )
    height = _GAP + max(
        _side(axes, x, below, width, side, parting) for x, side in zip((left, right), parting.sides, strict=True)
    )
    figure.set_size_inches(PAGE, height / 72.0)
    axes.set_xlim(0.0, _WIDTH)
    axes.set_ylim(height, 0.0)
    return figure


def _side(axes: Axes, x: float, y: float, width: float, side: Side, parting: Parting) -> float:
    """How one model goes on; returns where it ends."""
    colour, pale, mark = _VERDICTS[side.trace.correct]
    first, *rest = elided(side.steps, len(parting.shared), _AFTER)
    y = _box(axes, x, y, width, model_label(side.model), _step(first, width), colour, pale)
    answer = f"no answer ({side.trace.status})" if side.trace.extracted is None else side.trace.extracted
    rows = [row for line in rest for row in _step(line, width)]
    if rows:
        y = _box(axes, x, y, width, "", rows, colour)
    return _box(axes, x, y, width, f"{mark} {_drawable(_on_one_row(answer))}", [], colour)


def _box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    title: str,
    rows: list[str],
    colour: str = _GREY,
    ground: str = "white",
) -> float:
    """A frame with a title and rows of text, its upper left corner at (x, y); returns where it ends."""
    height = 2 * _PAD + _LEADING * (len(rows) + bool(title))
    axes.add_patch(Rectangle((x, y), width, height, facecolor=ground, edgecolor=colour, linewidth=0.7))
    baseline = y + _PAD + 0.75 * _LEADING
    for place, row in enumerate([title] * bool(title) + rows):
        heading = bool(title) and place == 0
        axes.text(
            x + _PAD,
            baseline + place * _LEADING,
            row,
            family=_FONT,
            size=_SIZE,
            color=colour if heading else _INK,
            weight="bold" if heading else "normal",
            verticalalignment="baseline",
            parse_math=False,  # a trace is full of dollars and backslashes that are not meant for matplotlib
        )
    return y + height


def _step(line: Line, width: float) -> list[str]:
    """The rows of a step, its number before the first."""
    if line.number is None:
        return [f"{'…':>{_INDENT - 1}} {line.text}"]
    rows = _wrapped(line.text, width - _INDENT * _ADVANCE)
    if len(rows) > _LINES:
        rows = [*rows[: _LINES - 1], "…"]
    return [f"{line.number if place == 0 else '':>{_INDENT - 1}} {row}" for place, row in enumerate(rows)]


def _wrapped(text: str, width: float) -> list[str]:
    """The rows of a text in a box of a width; blank ones are left out."""
    characters = int((width - 2 * _PAD) / _ADVANCE)
    return [row for paragraph in _drawable(text).splitlines() for row in textwrap.wrap(paragraph, characters)]


def _on_one_row(answer: str) -> str:
    return shortened(" ".join(answer.split()), _ANSWER)


def _drawable(text: str) -> str:
    """A text without characters that the font does not have, of which matplotlib would warn."""
    known = _marks() | {ord("\n")}
    return "".join(mark if ord(mark) in known else "\N{REPLACEMENT CHARACTER}" for mark in text.expandtabs(4))


@cache
def _marks() -> frozenset[int]:
    return frozenset(FT2Font(font_manager.findfont(_FONT)).get_charmap())
