"""Boxes of text, of which the figures that show traces are made; they are measured, and the figure as tall as they."""

from __future__ import annotations

import textwrap
from functools import cache

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import Rectangle

from int_bench.explorer.elide import Line, shortened
from int_bench.explorer.examples import Trace
from int_bench.records import Problem
from int_bench.report.style import PAGE

# Lengths are in points. The font comes with matplotlib; its characters are equally wide, so rows can be counted out.
FONT, SIZE = "DejaVu Sans Mono", 6.5
# Its characters are 0.602 of the size wide, and up to 0.62 where they are fitted to pixels.
ADVANCE, LEADING = 0.62 * SIZE, 1.4 * SIZE
WIDTH, PAD, GAP = 72.0 * PAGE, 4.0, 6.0
INDENT = 5  # characters of a step's number
LINES = 8  # of one step at most
PROBLEM, ANSWER = 600, 50  # characters
INK, GREY, SHARED = "#222222", "#666666", "#F2F2F2"
VERDICTS = {False: ("#D55E00", "#FBE7DA", "✗"), True: ("#009E73", "#DCF3EB", "✓")}


def sheet() -> tuple[Figure, Axes]:
    """A figure whose axes fill it and count in points from its upper left corner, once it is :func:`sized`."""
    figure = Figure(figsize=(PAGE, 1.0))
    figure.set_layout_engine("none")  # points are points only if the axes fill the figure
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    return figure, axes


def sized(figure: Figure, axes: Axes, height: float) -> None:
    """Make a sheet as tall as what was drawn on it."""
    figure.set_size_inches(PAGE, height / 72.0)
    axes.set_xlim(0.0, WIDTH)
    axes.set_ylim(height, 0.0)


def asked_of(problem: Problem) -> str:
    """A problem with its answer."""
    return f"{shortened(problem.text, PROBLEM)}\nAnswer: {on_one_row(problem.answer)}"


def answer_of(trace: Trace) -> str:
    """The final answer of a trace, or why there is none."""
    return on_one_row(f"no answer ({trace.status})" if trace.extracted is None else trace.extracted)


def box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    title: str,
    rows: list[str],
    colour: str = GREY,
    ground: str = "white",
) -> float:
    """A frame with a title and rows of text, its upper left corner at (x, y); returns where it ends."""
    height = 2 * PAD + LEADING * (len(rows) + bool(title))
    axes.add_patch(Rectangle((x, y), width, height, facecolor=ground, edgecolor=colour, linewidth=0.7))
    baseline = y + PAD + 0.75 * LEADING
    for place, row in enumerate([title] * bool(title) + rows):
        heading = bool(title) and place == 0
        axes.text(
            x + PAD,
            baseline + place * LEADING,
            row,
            family=FONT,
            size=SIZE,
            color=colour if heading else INK,
            weight="bold" if heading else "normal",
            verticalalignment="baseline",
            parse_math=False,  # a trace is full of dollars and backslashes that are not meant for matplotlib
        )
    return y + height


def step_rows(line: Line, width: float) -> list[str]:
    """The rows of a step, its number before the first."""
    if line.number is None:
        return [f"{'…':>{INDENT - 1}} {line.text}"]
    rows = wrapped(line.text, width - INDENT * ADVANCE)
    if len(rows) > LINES:
        rows = [*rows[: LINES - 1], "…"]
    return [f"{line.number if place == 0 else '':>{INDENT - 1}} {row}" for place, row in enumerate(rows)]


def wrapped(text: str, width: float) -> list[str]:
    """The rows of a text in a box of a width; blank ones are left out."""
    characters = int((width - 2 * PAD) / ADVANCE)
    return [row for paragraph in drawable(text).splitlines() for row in textwrap.wrap(paragraph, characters)]


def on_one_row(answer: str) -> str:
    """An answer without line breaks, cut where it is long."""
    return shortened(" ".join(answer.split()), ANSWER)


def drawable(text: str) -> str:
    """A text without characters that the font does not have, of which matplotlib would warn."""
    known = _marks() | {ord("\n")}
    return "".join(mark if ord(mark) in known else "\N{REPLACEMENT CHARACTER}" for mark in text.expandtabs(4))


@cache
def _marks() -> frozenset[int]:
    return frozenset(FT2Font(font_manager.findfont(FONT)).get_charmap())
