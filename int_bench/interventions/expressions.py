r"""Find the mathematical expressions of a text: what stands between dollars, and runs of signs in plain prose.

An expression is whole: it ends at words, at the marks of a sentence and at commas outside of brackets, and is cut into
sides at relations. So ``2`` is one in ``gives 2.`` and a side in ``c=9-7=2``, and it is none in ``12``, ``x^2``,
``2x``, ``a_2``, ``2nd`` or ``2-digit``. Numbers that name something (``Step 2``, ``equation (2)``, ``2. Then``) are
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from int_bench.grading.closed_form import FUNCTIONS
from int_bench.grading.latex import is_word

_SPAN = re.compile(
    r"""\$\$(?P<dollars>.{1,2000}?)\$\$
    | \\\[(?P<display>.{1,2000}?)\\\]
    | \\begin\{(?P<name>(?:equation|align|gather|multline)\*?)\}(?P<environment>.{1,2000}?)\\end\{(?P=name)\}
    | \\\((?P<inline>.{1,2000}?)\\\)
    # A dollar may be money: no maths holds a blank line or two words in a row, unless they are marked as words.
    | (?<!\\)\$(?P<dollar>
        (?>\\(?:text[a-z]*|mbox)\s*\{[^{}]*\} | \\\$ | (?!\n\s*\n|(?<![A-Za-z\\])[A-Za-z]{2,}\ [A-Za-z]{2,})[^$])++)\$
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMON = r"""
    (?P<letters> [A-Za-z]+ )
    | (?P<space> \s+ | \\[,;:!>\ ] | [~&`] )
    | (?P<open> \\begin\{(?:[a-zA-Z]*matrix|array)\} | \\\{ | \\l(?:floor|ceil|angle)(?![A-Za-z]) | [({\[] )
    | (?P<close> \\end\{(?:[a-zA-Z]*matrix|array)\} | \\\} | \\r(?:floor|ceil|angle)(?![A-Za-z]) | [)}\]] )
    | (?P<stop> \\(?:text[a-z]*|mbox)\s*\{[^{}]*[A-Za-z][^{}]*\} | \\(?:begin|end)\{[a-z]*\*?\} | \*\* | \.\.\.
        | [;?"\u201c\u201d\u2014\u21d2\u2192\u2234\#]
        | \\(?:quad|qquad|implies|[Rr]ightarrow|Longrightarrow|iff|Leftrightarrow|to|therefore|because)(?![A-Za-z]) )
    | (?P<relation> <= | >= | != | := | == | [=<>\u2264\u2265\u2260\u2261\u2248\u2208]
        | \\(?:leq?|leqslant|geq?|geqslant|lt|gt|neq?|equiv|approx|in)(?![A-Za-z]) )
    | (?P<number> [0-9]+(?:(?:,|\{,\}|,?\\[!,]\s?)[0-9]{3}(?![0-9]))*(?:\.[0-9]+)? | \.[0-9]+ )
    | (?P<separator> , | \\\\ )
    | (?P<command> \\[A-Za-z]+ | \\. )
    | (?P<full_stop> \. )
    | (?P<sign> . )
"""
_MATHS = re.compile(_COMMON, re.VERBOSE | re.DOTALL)
_PROSE = re.compile(
    r"""(?P<marker> ^[\ \t]*(?:[-*+\#]+[\ \t]+)?\(?[0-9]{1,3}[.)](?=[\ \t]+\S) )
    | (?P<compound> [0-9]+(?:st|nd|rd|th)(?![A-Za-z]) | [0-9]+-[A-Za-z]{2,}[A-Za-z-]* )
    | (?P<percent> per\ ?cent(?![A-Za-z]) )
    | (?P<article> (?<!\S)[aAI](?=\s+[A-Za-z]) )
    | (?P<word> [A-Za-z]+(?:['\u2019-][A-Za-z]{1,})*['\u2019-][A-Za-z]{2,} | [A-Za-z]{2,}['\u2019][a-z]+ )
    | (?P<break> \n | :(?!(?<=[0-9]:)[0-9]) )
    |"""
    + _COMMON,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_STOPS = frozenset({"stop", "marker", "compound", "article", "word", "break", "separator", "full_stop"})
_SAYING = frozenset({"number", "letters", "command"})
_READ = frozenset({*FUNCTIONS, "log", "sqrt", "pi"})
_LABEL = re.compile(
    r"(?:(?<![A-Za-z])(?:sub)?(?:steps?|cases?|equations?|eqs?|lemmas?|theorems?|lines?|parts?|problems?|figures?|"
    r"sections?|items?|claims?|stages?|rounds?|pages?|chapters?|exercises?|no|rows?|options?)\.?|\#)[\s$(~*\\]*\Z",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:[\s,;$~&]|\\[()\[\],;! ]|\\q?quad|\\\\|\\text\s*\{[\s,]*(?:and|or)?[\s,]*\}|"
    r"(?<![A-Za-z])(?:and|or)(?![A-Za-z]))*"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A whole expression between ``start`` and ``end`` of a text, its sides, and the last relation between them.

    ``displayed`` says that it is all that stands in a displayed formula.
    """

    text: str
    sides: tuple[str, ...]
    relation: str
    start: int
    end: int
    displayed: bool = False


class _Token(NamedTuple):
    kind: str
    start: int
    end: int


def expressions(text: str) -> list[list[Expression]]:
    r"""The expressions of a text in lists: what is parted by nothing but commas, "and" or "or" belongs together.

    >>> [[e.sides for e in joined] for joined in expressions(r"Step 2: we get $x=\frac12$ or 3, as 12 is even.")]
    [[('x', '\\frac12'), ('3',)], [('12',)]]
    """
    lists: list[list[Expression]] = []
    for expression in _all(text):
        if lists and _JOINT.fullmatch(text, lists[-1][-1].end, expression.start):
            lists[-1].append(expression)
        else:
            lists.append([expression])
    return [joined for joined in lists if not _LABEL.search(text, max(0, joined[0].start - 20), joined[0].start)]


def _all(text: str) -> Iterator[Expression]:
    end = 0
    for span in _SPAN.finditer(text):
        yield from _runs(text, _tokens(text, end, span.start(), _PROSE))
        inside = next(name for name in ("dollars", "display", "environment", "inline", "dollar") if span[name])
        found = list(_runs(text, _tokens(text, *span.span(inside), _MATHS)))
        alone = len(found) == 1 and found[0].text == span[inside].strip(" \n.,") and inside not in ("inline", "dollar")
        for e in found:
            yield Expression(e.text, e.sides, e.relation, e.start, e.end, alone)
        end = span.end()
    yield from _runs(text, _tokens(text, end, len(text), _PROSE))


def _tokens(text: str, start: int, end: int, pattern: re.Pattern[str]) -> list[_Token]:
    """The tokens of a stretch; a pair of brackets with words in it belongs to the prose, and ends expressions."""
    tokens = [
        _Token(_kind(match, pattern is _PROSE, text), match.start(), match.end())
        for match in pattern.finditer(text, start, end)
    ]
    opened: list[int] = []
    broken: set[int] = set()
    last_stop = -1
    for i, token in enumerate(tokens):
        if token.kind in _STOPS and token.kind != "separator":
            last_stop = i
        elif token.kind == "open":
            opened.append(i)
        elif token.kind == "close":
            partner = opened.pop() if opened else None
            if partner is None or last_stop > partner:
                broken.update({i} if partner is None else {i, partner})
    broken.update(opened)
    return [_Token("stop", t.start, t.end) if i in broken else t for i, t in enumerate(tokens)] if broken else tokens


def _kind(match: re.Match[str], prose: bool, text: str) -> str:
    kind = str(match.lastgroup)
    if kind != "letters":
        return kind
    letters, before = match[0], text[match.start() - 1 : match.start()]
    if letters in _READ or (len(letters) == 1):
        return kind
    # In prose, two letters are a word; behind a digit or a sign, as in ``2ab``, they are a product or a unit.
    return "word" if is_word(letters) or (prose and not (before.isdigit() or before in ("^", "_", "}"))) else kind


def _runs(text: str, tokens: list[_Token]) -> Iterator[Expression]:
    depth = 0
    run: list[_Token] = []
    for token in tokens:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.kind in _STOPS and (depth == 0 or token.kind != "separator"):
            yield from _expression(text, run)
            run = []
        else:
            run.append(token)
    yield from _expression(text, run)


def _expression(text: str, run: list[_Token]) -> Iterator[Expression]:
    """The expression of a run of tokens, if there is one, without spaces, bullets and emphasis around it."""
    while run and (run[-1].kind == "space" or text[run[-1].start] == "*" or _is_dash(text, run[-1], run[-2:-1])):
        run = run[:-1]
    while run and (run[0].kind == "space" or text[run[0].start] == "*" or _is_dash(text, run[0], run[1:2])):
        run = run[1:]
    if not any(token.kind in _SAYING for token in run):
        return
    sides, relation, start, depth = [], "", run[0].start, 0
    for token in run:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.kind == "relation" and depth == 0:
            relation = text[token.start : token.end]
            sides.append(text[start : token.start].strip())
            start = token.end
    sides.append(text[start : run[-1].end].strip())
    whole = slice(run[0].start, run[-1].end)
    yield Expression(text[whole], tuple(sides), relation, whole.start, whole.stop)


def _is_dash(text: str, token: _Token, beside: list[_Token]) -> bool:
    return text[token.start] in "-\u2013" and bool(beside) and beside[0].kind == "space"
