"""Figures 12 and 13."""

import warnings
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from int_bench.explorer.divergence import Parting, Side
from int_bench.explorer.examples import Trace
from int_bench.records import Problem
from int_bench.report import collect, collect_traces
from int_bench.report.figures.divergence import diverging
from int_bench.report.style import save_figure

NASTY = [
    "costs $5",
    r"\frac{1}{$",
    "\x00\x1b[31m",
    "積分 \U0001f600",
    "a\tb",
    "_x^2_",
    "\\boxed{",
    "ﷺ" * 300,
    "l" * 999,
]


def parting(problem: str, shared: list[str], one: list[str], other: list[str]) -> Parting:
    sides = (
        Side("base", tuple(one), Trace("", "truncated", None, False)),
        Side("rl-int@40", tuple(other), Trace("", "correct", other[-1], True)),
    )
    return Parting(Problem("p", "pool", problem, problem, None), tuple(shared), sides)


def texts(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if text.get_text()]


def drawn(figure: Figure) -> Figure:
    figure.set_dpi(200)  # as it is saved
    FigureCanvasAgg(figure).draw()
    return figure


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(NASTY) | st.text(max_size=300).filter(str.strip), min_size=3, max_size=9))
def test_any_text_is_drawn_without_a_warning_and_inside_its_box(pieces: list[str]):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = drawn(diverging(parting(pieces[0], pieces[:2], pieces[1:], pieces[2:])))
    boxes = [patch.get_window_extent() for patch in figure.findobj(Rectangle) if patch is not figure.patch]
    for text in texts(figure):
        extent = text.get_window_extent()
        corners = (extent.x0, extent.y0), (extent.x1, extent.y1)
        assert any(all(box.contains(*corner) for corner in corners) for box in boxes), text.get_text()
    assert all(figure.bbox.containsx(edge) for box in boxes for edge in (box.x0, box.x1))
    assert all(figure.bbox.containsy(edge) for box in boxes for edge in (box.y0, box.y1))


def test_columns_do_not_run_into_each_other():
    long = "word " * 200
    figure = drawn(diverging(parting("?", [], [long], [long])))
    middle = (figure.bbox.x0 + figure.bbox.x1) / 2
    sides = [text.get_window_extent() for text in texts(figure) if "word" in text.get_text()]
    assert len(sides) > 4
    assert all(extent.x1 < middle or extent.x0 > middle for extent in sides)


def test_what_both_share_where_each_goes_and_both_answers_are_shown():
    figure = diverging(parting("What?", ["first"], ["left", "wrong"], ["right", "42"]))
    shown = " ".join(text.get_text() for text in texts(figure))
    for word in (
        "What?",
        "1 first",
        "2 left",
        "2 right",
        "base model",
        "InT + RL, step 40",
        "✗ no answer (truncated)",
        "✓ 42",
    ):
        assert word in shown


def test_a_long_trace_is_elided_and_the_page_holds_the_figure():
    steps = [f"step {i} " + "word " * 300 for i in range(400)]
    figure = diverging(parting("long " * 2000, steps, steps, steps))
    shown = " ".join(text.get_text() for text in texts(figure))
    assert "396 steps left out" in shown
    assert "395 steps left out" in shown
    assert figure.get_figheight() < 9.5  # inches, of a page of 11


def test_a_run_without_such_a_problem_says_so():
    assert "no rows" in [text.get_text() for text in texts(diverging(None))]


def test_the_same_parting_gives_the_same_bytes(run: Path, tmp_path: Path):
    (found,) = collect_traces.partings(run, collect.run_config(run), 1)
    for name in ("one", "two"):
        save_figure(diverging(found), tmp_path / name)
    for kind in ("png", "pdf", "svg"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
