r"""Read the JSON that language models write: strictly where it is JSON, else repaired by ``json_repair``.

Mathematics needs care before either. A model that writes ``"\frac"`` means the command, though JSON reads a form feed
and ``rac``; and what is not doubled is no JSON at all in ``"\alpha"``. So single backslashes are doubled first:

1. those that begin no JSON escape, as in ``\alpha``, ``\(`` or ``\underline``;
2. ``\b``, ``\f`` and ``\r`` before a letter: no text has a backspace, form feed or carriage return there;
3. ``\t`` and ``\n`` if they begin the name of a LaTeX command, as in ``\theta`` or ``\neq``. The line breaks before the
   names ``e``, ``i`` and ``u`` are common, so that ``\ne``, ``\ni`` and ``\nu`` are commands only within a formula:
   after a space, a bracket, ``^``, ``_`` or an opening dollar.

Where the writer leaves a backslash single, two of them before a space, digit, ``&``, ``[`` or command end a row of a
matrix, and stay two. The price: a text that was escaped as it should be loses its tab in ``"\to"`` or its line break in
``"x \ne"``; real replies have commands there.
"""

from __future__ import annotations

import contextlib
import json
import re

import json_repair

_TAB_COMMANDS = (
    "tag|tan|tanh|tau|tbinom|text[a-z]*|tfrac|therefore|theta|thickapprox|thicksim|tilde|times|to|top|triangle[a-z]*"
)
_LINE_COMMANDS = (
    "nabla|natural|ncong|nearrow|neg|neq|newline|nexists|ngeq|ngtr|nleftarrow|nleq|nless|nmid|nolimits|nonumber|norm|"
    "not|notag|notin|nparallel|nprec|nRightarrow|nrightarrow|nsim|nsubseteq|nsucc|nsupseteq|nwarrow"
)
_BACKSLASH = re.compile(
    rf"""
      (?P<command>\\(?:[bfr](?=[A-Za-z])|(?:{_TAB_COMMANDS}|{_LINE_COMMANDS})(?![A-Za-z])))
    | (?P<relation>(?:(?<=[ _^{{(])|(?<=[ (]\$))\\n[eiu](?![A-Za-z]))
    | (?P<four>\\{{4}})
    | (?P<row>\\\\(?=[\s\d&\[]|\\[A-Za-z]))
    | (?P<escape>\\(?:["'\\/bfnrt]|u[0-9a-fA-F]{{4}}))
    | (?P<other>\\)
    """,
    re.VERBOSE,
)
_SINGLE = ("command", "relation", "other")

_OPENING = re.compile(r"\{|\[(?=\s*(?:[\[{\]/#]|null|None))")
_NEXT = re.compile(r"[\s,]*(?=[\[{])")
_SEVERAL = re.compile(r"\}[\s,]*\{\s*[\"'“]")
_OBJECT_END = re.compile(r"(?:[\"'”\u2019]|:\s{0,9}-?\d{1,9})[\s,]{0,99}\}")
_RAW_STRING = re.compile(r"([\"']\s{0,9}:\s{0,9})r(?=[\"'])")

_LONGEST = 100_000

# The repairs take time that grows with the square of the openings, and an intervention has few.
_LONGEST_REPAIRED = 12_000
_MOST_OPENINGS = 40
_NESTED = re.compile(r"[\[{(](?=\s*[\[{(\"'“\u2018])")


def read_values(text: str, cut_off: bool = False) -> list[object]:
    r"""The objects and lists in a row that begin at the first bracket of a text.

    Raises ValueError if there is none or the text is far longer than an intervention. Of a text that was
    cut off, what follows the last complete object is left out, since half a step is no step.

    >>> read_values(r'```json {"content": "\frac12 \\theta \alpha\nuse"}```')
    [{'content': '\\frac12 \\theta \\alpha\nuse'}]
    >>> read_values("[{'location': 3, 'content': 'so', },")
    [[{'location': 3, 'content': 'so'}]]
    >>> read_values('[{"location": 3}, {"location": 4, "content": "And th', cut_off=True)
    [[{'location': 3}]]
    """
    opening = _OPENING.search(text) if len(text) <= _LONGEST else None
    if opening is None:
        raise ValueError("no object and no list, or too long a text")
    text = double_backslashes(text[opening.start() :])
    with contextlib.suppress(ValueError, RecursionError):  # what is no JSON is repaired below
        return _strict(text)
    if cut_off:
        text = text[: max((match.end() for match in _OBJECT_END.finditer(text)), default=0)]
    return _repaired(text)


def double_backslashes(text: str) -> str:
    r"""JSON in which the backslashes of LaTeX commands are doubled where they were not; see the module.

    >>> print(double_backslashes(r'"\frac{1}{2}\n\\theta \sqrt2 \\ 3"'))
    "\\frac{1}{2}\n\\theta \\sqrt2 \\\\ 3"
    """
    single = any(match.lastgroup in _SINGLE for match in _BACKSLASH.finditer(text))

    def doubled(match: re.Match[str]) -> str:
        if match.lastgroup == "row":
            return 2 * match[0] if single else match[0]
        return "\\" + match[0] if match.lastgroup in _SINGLE else match[0]

    return _BACKSLASH.sub(doubled, text)


def _strict(text: str) -> list[object]:
    decoder = json.JSONDecoder(strict=False)  # line breaks may stand in strings as they are
    values, start = [], 0
    while True:
        value, end = decoder.raw_decode(text, start)
        values.append(value)
        following = _NEXT.match(text, end)
        if following is None:
            return values
        start = following.end()


def _repaired(text: str) -> list[object]:
    openings = sum(1 for _ in _NESTED.finditer(text)) if len(text) <= _LONGEST_REPAIRED else 0
    if not text or len(text) > _LONGEST_REPAIRED or openings > _MOST_OPENINGS:
        raise ValueError("nothing that is worth a repair")
    text = _RAW_STRING.sub(r"\1", text.rstrip("` \n"))
    if text.startswith("{") and _SEVERAL.search(text):
        text = f"[{text}]"
    try:
        return [json_repair.repair_json(text, return_objects=True, skip_json_loads=True)]
    except Exception as error:  # whatever a guesser of broken JSON stumbles over, the text is unreadable
        raise ValueError("beyond repair") from error
