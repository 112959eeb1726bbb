"""A table as a piece of HTML, for the report: made of the same cells as its CSV, so that nothing is computed twice."""

from __future__ import annotations

import math
import numbers
from typing import Any

import pandas as pd
from markupsafe import Markup

from int_bench.analysis.estimates import UNDEFINED, Estimate

NOTHING = Markup('<td class="none"><span aria-hidden="true">{}</span></td>').format(UNDEFINED)
WIDE = 8
"""From so many columns on a table is ``wide``: on paper it gets a page on its side."""
LONG = 24
"""A text of more characters is ``long``: its column gets the room to show it in few lines."""
VERDICTS = {"holds", "fails", "undecided", "true by construction", "not measured"}
"""Texts that a reader looks for: they get a class of their own."""


def html(frame: pd.DataFrame, caption: str, nothing: str) -> str:
    """Return a ``<table>`` with its caption, a head of columns and a head of each row, the first cell.

    What is undefined is a dash that is not read aloud; a table without rows says ``nothing``.

    >>> print(html(pd.DataFrame({"arm": ["int"], "accuracy": [Estimate(0.5, 0.4, 0.6, 10)]}), "Ours.", "no rows"))
    <table>
    <caption>Ours.</caption>
    <thead><tr><th scope="col">arm</th><th scope="col">accuracy</th></tr></thead>
    <tbody>
    <tr><th scope="row">int</th><td class="number">50.0% <span class="interval">[40.0, 60.0]</span></td></tr>
    </tbody>
    </table>
    """
    kind = Markup(' class="wide"') if len(frame.columns) >= WIDE else ""
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(name) for name in frame.columns)
    rows = frame.itertuples(index=False, name=None)
    body = Markup("\n").join(Markup("<tr>{}</tr>").format(_cells(row)) for row in rows)
    if frame.empty:
        body = Markup('<tr><td colspan="{}">{}</td></tr>').format(max(1, len(frame.columns)), nothing)
    parts = (
        Markup("<table{}>").format(kind),
        Markup("<caption>{}</caption>").format(caption),
        Markup("<thead><tr>{}</tr></thead>").format(head),
        Markup("<tbody>\n{}\n</tbody>").format(body),
        Markup("</table>"),
    )
    return str(Markup("\n").join(parts))


def _cells(row: tuple[Any, ...]) -> Markup:
    first, *others = row
    shown = text(first)
    head = Markup('<th scope="row"{}>{}</th>').format(Markup(' class="long"') if len(shown) > LONG else "", shown)
    return head + Markup("").join(_cell(cell) for cell in others)


def _cell(cell: Any) -> Markup:
    if isinstance(cell, Estimate):
        return _estimate(cell)
    shown = text(cell)
    if shown == UNDEFINED:
        return NOTHING
    if shown in VERDICTS:
        return Markup('<td><span class="verdict {}">{}</span></td>').format(shown.replace(" ", "-"), shown)
    if isinstance(cell, numbers.Integral):
        return Markup('<td class="number">{:,}</td>').format(int(cell))
    if isinstance(cell, numbers.Real):
        return Markup('<td class="number">{}</td>').format(shown)
    return Markup('<td class="long">{}</td>' if len(shown) > LONG else "<td>{}</td>").format(shown)


def _estimate(cell: Estimate) -> Markup:
    value, bracket, rest = cell.format().partition(" [")
    if value == UNDEFINED:
        return NOTHING
    interval, _, after = rest.partition("]")
    written = Markup(' <span class="interval">[{}]</span>').format(interval) if bracket else Markup("")
    # A p-value stands below, or twice as many columns would not fit on a screen.
    written += Markup('<br><span class="interval">{}</span>').format(after.lstrip(", ")) if after else ""
    return Markup('<td class="number">{}{}</td>').format(value, written)


def text(cell: Any) -> str:
    """A cell as text for people; what is undefined is a dash.

    >>> text(Estimate(0.5, 0.4, 0.6, 10)), text(0.25), text(None), text("int")
    ('50.0% [40.0, 60.0]', '0.25', '–', 'int')
    """
    if isinstance(cell, Estimate):
        return cell.format()
    if cell is None or cell is pd.NA or (isinstance(cell, numbers.Real) and math.isnan(cell)):
        return UNDEFINED
    if isinstance(cell, numbers.Real) and not isinstance(cell, numbers.Integral):
        return f"{cell:g}"
    return str(cell)
