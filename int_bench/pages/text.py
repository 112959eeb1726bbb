r"""The text of problems and traces as HTML: mathematics as MathML, all else as it is written.

Browsers render MathML themselves, so a page needs no script for it. A trace is text that a model wrote: nothing in it
may become markup. That is why the converter's tree of elements is taken and not the text that it makes of it, which
undoes all escaping (``\text{<script>}`` would become an element), and why only known elements and harmless attributes
of the tree are kept (``\href`` would become a link).
"""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

_LONGEST = 4000  # characters of one formula; what is longer stays text, and no search for its end goes further
_SPECIAL = re.compile(
    rf"""
      \n?(?:
        \$\$(?P<dollars>(?:(?!\$\$).){{1,{_LONGEST}}})\$\$
      | (?<!\\)\\\[(?P<brackets>(?:\\[^\[\]]|[^\\]){{1,{_LONGEST}}})\\\]
      | (?P<environment>\\begin\{{(?P<name>(?:align|equation|gather)\*?)\}}
          (?:(?!\\(?:begin|end)\{{(?P=name)\}}).){{1,{_LONGEST}}}\\end\{{(?P=name)\}})
      )\n?
    | (?<!\\)\\\((?P<parentheses>(?:\\[^()]|[^\\]){{1,{_LONGEST}}})\\\)
    # "$5 and $6" is money: no digit follows a formula, and one that begins with a digit ends without a space.
    | (?<!\\)\$(?!\d[^$]*\s\$)(?P<dollar>(?:\\.|[^\\$\n]|\n(?!\s*\n)){{1,{_LONGEST}}})\$(?!\d)
    | \*\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*\*
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCKS = {"dollars", "brackets", "environment"}

_ROW_SPACE = re.compile(r"\\\\\[-?[\d.]+\s*[a-z]+\]")  # as in "a \\[2pt] b", which the converter would print
# A macro can double its argument each time it calls itself.
_MACRO = re.compile(r"\\(?:re)?new(?:command|environment)|\\def|\\DeclareMathOperator")
_ELEMENT = re.compile(
    r"math|m(?:enclose|frac|i|n|o|over|padded|phantom|root|row|space|sqrt|style|sub|subsup|sup|table|td|text|tr|under"
    r"|underover)"
)
_CHILDREN = {"mfrac": 2, "mover": 2, "mroot": 2, "msub": 2, "msubsup": 3, "msup": 2, "munder": 2, "munderover": 3}
_ATTRIBUTE = re.compile(
    r"accent|columnalign|depth|display|displaystyle|fence|form|height|largeop|linethickness|lspace|mathvariant|maxsize"
    r"|minsize|movablelimits|notation|rspace|scriptlevel|separator|stretchy|voffset|width"
)
_VALUE = re.compile(r"[+-]?\d{0,2}(?:\.\d+)?[a-z-]*")


def html_of(text: str) -> Markup:
    r"""HTML of a plain text in which ``$..$``, ``$$..$$``, ``\(..\)`` and ``\[..\]`` are LaTeX and ``**..**`` is bold.

    Everything else is shown as it is written, line breaks included. Mathematics that cannot be converted is shown as
    its source.

    >>> html_of("Let **x** < 2:\n$y$")
    Markup('Let <strong>x</strong> &lt; 2:<br>\n<math display="inline"><mrow><mi>y</mi></mrow></math>')
    >>> html_of(r"$\nosuchcommand{1}$ <script>")
    Markup('<code>$\\nosuchcommand{1}$</code> &lt;script&gt;')
    """
    text = text.strip()
    pieces, end = [], 0
    for match in _SPECIAL.finditer(text):
        pieces += [_lines(text[end : match.start()]), _html_of_match(match)]
        end = match.end()
    return Markup("").join([*pieces, _lines(text[end:])])


def _html_of_match(match: re.Match[str]) -> Markup:
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    if "bold" in found:
        return Markup("<strong>{}</strong>").format(html_of(found["bold"]))
    found.pop("name", None)
    ((kind, source),) = found.items()
    display = "block" if kind in _BLOCKS else "inline"
    return _mathml(source, display) or Markup("<code>{}</code>").format(match.group().strip("\n"))


def _lines(text: str) -> Markup:
    return escape(text).replace("\n", Markup("<br>\n"))


def _mathml(source: str, display: str) -> Markup | None:
    """The source as MathML; None if it cannot be converted."""
    if _MACRO.search(source):
        return None
    try:
        tree = convert_to_element(_ROW_SPACE.sub(r"\\\\", source), display=display)
    except Exception:  # the converter stumbles over broken LaTeX in many ways (IndexError, StopIteration, its own)
        return None
    for element in tree.iter():
        # The converter passes on the commands that it does not know, and fractions that lack a half.
        unknown = (element.text or "").startswith("\\")
        if unknown or not _ELEMENT.fullmatch(element.tag) or len(element) != _CHILDREN.get(element.tag, len(element)):
            return None
        _clean(element)
    return Markup(tostring(tree, encoding="unicode", short_empty_elements=False))


def _clean(element: Element) -> None:
    element.text = html.unescape(element.text or "")  # the converter's own texts hold references such as &#x0002B;
    for name, value in list(element.attrib.items()):
        if not _ATTRIBUTE.fullmatch(name) or not _VALUE.fullmatch(value):
            del element.attrib[name]
