"""Text of models as HTML: mathematics becomes MathML, and nothing becomes any other markup."""

import csv
import html
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.pages.text import html_of

DATA = Path(__file__).parents[2] / "int_bench" / "problems" / "data"
ELEMENTS = {"br", "code", "strong", "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom"} | {
    *("mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"),
    *("munder", "munderover"),
}
HARMLESS = re.compile(r"[+-]?\d{0,2}(\.\d+)?[a-z-]*")


class Parts(HTMLParser):
    """Elements, attributes and text of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


NASTY = [
    r"\text{<script>alert(1)</script>}",
    r"\href{javascript:alert(1)}{x}",
    r'\class{" onclick="alert(1)}{y}',
    r"\style{background:url(//example.org)}{x}",
    r'\textcolor{"><img src=x onerror=alert(1)>}{y}',
    r'\color{"><img src=x>} y',
    r"\verb|</math><script>|",
    r"\mbox{</math><img src=x>}",
    r"\operatorname{<b>}",
    r"\unicode{x3c}script\unicode{x3e}",
    r'\hspace{1"onload="x}',
    r"\rule{<i>}{1em}",
    r"\begin{array}{<u>} a \end{array}",
    r"\tag{<script>}",
    "&lt;script&gt;",
    "</math><script>alert(1)</script>",
]


def assert_harmless(page: str) -> Parts:
    parts = Parts(page)
    assert set(parts.elements) <= ELEMENTS
    for name, value in parts.attributes:
        assert not name.startswith("on"), page
        assert name not in ("href", "src", "style", "class", "id"), page
        assert HARMLESS.fullmatch(value or ""), page
    return parts


@pytest.mark.parametrize("source", NASTY)
@pytest.mark.parametrize("quoted", ["{}", "${}$", "$${}$$", r"\({}\)", r"\[{}\]", "**{}**", "a\n\n{}\n\nb"])
def test_nothing_that_a_model_writes_becomes_markup(source: str, quoted: str):
    assert_harmless(html_of(quoted.replace("{}", source, 1)))


PIECES = [
    *NASTY,
    *"$${}()[]\\&<>\"'^_*ab1 \n",
    r"\(",
    r"\)",
    r"\[",
    r"\]",
    r"\frac",
    r"\begin{align}",
    r"\end{align}",
    "**",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_nothing_becomes_markup_however_it_is_mixed(text: str):
    assert_harmless(html_of(text))


@given(st.text(st.characters(exclude_characters="$\\*\r", exclude_categories=["Cs"])))
def test_text_without_mathematics_is_shown_as_it_is(text: str):
    assert html.unescape(html_of(text).replace("<br>", "")) == text.strip()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("$x$, $$x$$", ["inline", "block"]),
        (r"\(x\) and \[x\]", ["inline", "block"]),
        ("an $ x $ with spaces", ["inline"]),
        ("over two\nlines: $x +\ny$", ["inline"]),
        ("a paragraph ends: $x\n\ny$", []),
        ("it costs $5 and $6", []),
        ("he has $5, she has $7 and $x$ is", ["inline"]),
        (r"\$5 and \$6", []),
        ("\\begin{align*}\na &= \\begin{cases} 1 \\\\[2pt] 2 \\end{cases}\n\\end{align*}", ["block"]),
        ("**Case $x$**", ["inline"]),
    ],
)
def test_what_is_mathematics(text: str, kinds: list[str]):
    parts = assert_harmless(html_of(text))
    assert [value for name, value in parts.attributes if name == "display"] == kinds
    assert "2pt" not in parts.text


@pytest.mark.parametrize("source", [r"\frac{1", r"x^2^3", r"\left( x", r"\nosuch{x}", r"\def\a{\a\a}\a", "{" * 900])
def test_what_cannot_be_converted_is_shown_as_its_source(source: str):
    assert html_of(f"${source}$ <b>") == f"<code>${html.escape(source, quote=False)}$</code> &lt;b&gt;"


@pytest.mark.parametrize(
    "piece", [r"\[", r"\(", "$1 ", "$$a", "**a", r"\begin{align}", r"\\[", r"\[\\a", r"\sqrt", "{", "x_"]
)
def test_repetition_takes_no_more_than_linear_time(piece: str):
    """Models repeat themselves until their budget ends."""
    text = piece * (60_000 // len(piece))
    start = time.process_time()
    assert_harmless(html_of(text))
    assert time.process_time() - start < 2.0


def test_bundled_problems_are_converted():
    """Of some 4,000 formulas of competition problems nearly all become MathML."""
    problems = [row["Problem"] for row in csv.DictReader((DATA / "imo-answerbench-v2.csv").open())]
    for name in ("EASY", "HARD"):
        problems += [json.loads(line)["problem"] for line in (DATA / f"OlymMATH-EN-{name}.jsonl").open()]
    found = [assert_harmless(html_of(text)).elements for text in problems]
    assert sum(row.count("math") for row in found) > 3900
    assert sum(row.count("code") for row in found) <= 4
