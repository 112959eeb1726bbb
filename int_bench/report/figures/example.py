"""Figure 2 and Appendix B: a failed attempt, the intervention on it, and what follows. An example in, a figure out."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from int_bench.explorer.elide import Line, Room, elided
from int_bench.explorer.examples import Example, Trace
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
from int_bench.report.style import look, say_no_rows, styled

_BEFORE = Room(head=2, tail=3, characters=300)
_AFTER = Room(head=4, tail=1, characters=380)
_PALE = "#DCEBF5"


def telling(examples: Iterable[Example]) -> Example | None:
    """The first example with shared steps whose intervention leads to the answer; else the first that was tried."""
    tried = [example for example in examples if example.guided and example.record.location is not None]
    good = (example for example in tried if example.shared and example.guided and example.guided.correct)
    return next(good, tried[0] if tried else None)


@styled()
def worked_example(example: Example | None) -> Figure:
    """The problem and the steps before the error above; below, how the student went on, and the intervention's way.

    None, if the run has no such example, says so.
    """
    figure, axes = sheet()
    if example is None or example.guided is None:
        say_no_rows(axes, "x")
        return figure
    width = (WIDTH - 3 * GAP) / 2
    left, right = GAP, 2 * GAP + width
    # Where the error is repaired and not replaced, it stays in what is handed to the model.
    shared = [*example.shared, *example.wrong[: example.repaired]]
    title = "Shared context: the student's steps before the error" if shared else "The first step is at fault"
    rows = [row for line in elided(shared, 0, _BEFORE) for row in step_rows(line, width)]
    below = GAP + max(
        box(axes, left, GAP, width, "Problem", wrapped(asked_of(example.problem), width)),
        box(axes, right, GAP, width, title, rows, ground=SHARED),
    )
    colour, pale, _ = VERDICTS[False]
    fault, *rest = elided(example.wrong[example.repaired :], len(shared), _AFTER) or [Line(None, "no more steps")]
    student = box(axes, left, below, width, "The student goes on", step_rows(fault, width), colour, pale)
    student = _ending(axes, left, student, width, rest, example.student)
    written = Line(len(shared) + 1, example.record.content)
    blue = look("int").colour
    guided = box(axes, right, below, width, "The intervention", step_rows(written, width), blue, _PALE)
    following = elided(example.continuation, len(shared) + 1, _AFTER)
    guided = _ending(axes, right, guided, width, following, example.guided)
    sized(figure, axes, GAP + max(student, guided))
    return figure


def _ending(axes: Axes, x: float, y: float, width: float, steps: list[Line], trace: Trace) -> float:
    """The steps that follow and the final answer; returns where it ends."""
    colour, _, mark = VERDICTS[trace.correct]
    rows = [row for line in steps for row in step_rows(line, width)]
    if rows:
        y = box(axes, x, y, width, "What follows", rows, colour)
    return box(axes, x, y, width, f"{mark} {drawable(answer_of(trace))}", [], colour)
