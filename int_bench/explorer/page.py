"""One HTML file with everything in it: no script, style, font or picture is fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from typing import TypeVar

from jinja2 import Environment, Template
from markupsafe import Markup

from int_bench.explorer.divergence import Parting
from int_bench.explorer.elide import Line, Room, elided, shortened
from int_bench.explorer.examples import Example
from int_bench.pages.templates import environment
from int_bench.pages.text import html_of
from int_bench.report.style import look, model_label

LIMIT = 200
"""Examples of one oracle at most."""
PARTINGS = 12
"""Problems on which two models part ways, at most."""
BYTES = 3_000_000
"""Room for all examples together: what a browser opens without a pause."""
_BYTES_OF_PARTINGS = 500_000
_LONG, _ANSWER = 4000, 300  # characters of a problem or an intervention, and of an answer
_BEFORE = Room(head=0, tail=5, characters=1500)
_AFTER = Room(head=6, tail=1, characters=1500)
_LATEX = re.compile(r"[\\^_]")
Shown = TypeVar("Shown", Example, Parting)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The answers of an oracle that may be shown, in random order, of ``total`` that it gave."""

    oracle: str
    examples: Sequence[Example]
    total: int


def page(title: str, seed: int, shelves: Sequence[Shelf], partings: Sequence[Parting]) -> str:
    """The page; of each oracle as many examples, in the order given, as there is room for."""
    templates = _environment()
    written = [pairs for _, pairs in excerpt(shelves, BYTES)]
    shown = sorted(chain.from_iterable(written), key=lambda pair: pair[0].fragment)
    examples = [example for example, _ in shown]
    folder = files("int_bench") / "explorer" / "templates"
    styles = (files("int_bench") / "pages" / "style.css", folder / "traces.css", folder / "explorer.css")
    script = (folder / "explorer.js").read_text(encoding="utf-8")
    return templates.get_template("explorer.html").render(
        title=title,
        seed=seed,
        shelves=[(shelf.oracle, len(part), shelf.total) for shelf, part in zip(shelves, written, strict=True)],
        shown=shown,
        filters={
            "oracle": _distinct(example.oracle for example in examples),
            "category": _distinct(example.category for example in examples),
            "outcome": _distinct(example.outcome for example in examples),
            "arm": _distinct(arm for example in examples for arm in example.arms),
        },
        partings=_fitting(templates.get_template("parting.html"), partings, _BYTES_OF_PARTINGS),
        style=Markup("\n".join(path.read_text(encoding="utf-8") for path in styles)),
        script=Markup(script),
        # Did a trace smuggle in a script, the browser would not run it.
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def excerpt(shelves: Sequence[Shelf], room: int) -> list[tuple[Shelf, list[tuple[Example, Markup]]]]:
    """Examples as HTML: of each oracle as many, in the order given, as there is room for, in bytes for all together."""
    template = _environment().get_template("example.html")
    return [(shelf, _fitting(template, shelf.examples, room // len(shelves))) for shelf in shelves]


def _fitting(template: Template, items: Iterable[Shown], room: int) -> list[tuple[Shown, Markup]]:
    """The first items with their HTML: as many as stay within so many bytes, but one at least."""
    written: list[tuple[Shown, Markup]] = []
    for item in items:
        html = Markup(template.render(it=item))
        room -= len(html.encode())
        if room < 0 and written:
            break
        written.append((item, html))
    return written


def _environment() -> Environment:
    made = environment("int_bench.explorer")
    made.filters |= {"long": _long, "answer": _answer, "words": _words, "label": _label}
    made.globals |= {
        "context": _before,
        "after": _after,
        "span": _span,
        "model_label": model_label,
    }
    return made


def _before(steps: Sequence[str]) -> list[Line]:
    return elided(steps, 0, _BEFORE)


def _after(steps: Sequence[str], before: int) -> list[Line]:
    return elided(steps, before, _AFTER)


def _span(before: int, steps: Sequence[str]) -> str:
    """What the steps of a part are called, by their numbers.

    >>> _span(5, ["f=1"]), _span(5, ["f=1", "g=2"])
    ('Step 6', 'Steps 6-7')
    """
    first, last = before + 1, before + len(steps)
    return f"Step {first}" if first == last else f"Steps {first}-{last}"


def _long(text: str) -> Markup:
    return html_of(shortened(text, _LONG))


def _answer(text: str | None, status: str = "") -> Markup:
    """An answer, as mathematics where it is LaTeX; where there is none, the status that says why."""
    if text is None:
        return Markup("none ({})").format(_words(status))
    text = shortened(text, _ANSWER)
    return html_of(f"${text}$" if _LATEX.search(text) and "$" not in text else text)


def _label(arm: str) -> str:
    return look(arm).label


def _words(name: str) -> str:
    """A name in a result as words."""
    return name.replace("_", " ")


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))
