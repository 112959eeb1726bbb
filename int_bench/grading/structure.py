r"""Read an answer's outer structure: numbers, named values, tuples, lists, sets, intervals, unions, matrices, words.

What stands inside is left as text. An answer that shows no structure is a leaf, whose text is one expression, if it is
anything. Reading never fails: what makes no sense is a leaf that nobody will be able to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from int_bench.grading.latex import is_word
from int_bench.grading.spelling import normalise, plain_words

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Leaf:
    """One expression, with the unit or base that was written behind it and whether it is a percentage."""

    text: str
    unit: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """An answer in words, in lower case."""

    text: str


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sides of which neither is a name."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Named:
    """A value with the name it is given: a variable, or a function with its arguments."""

    name: str
    arguments: tuple[str, ...]
    value: Answer


@dataclass(frozen=True, slots=True)
class Ordered:
    """A tuple, point or interval, with its brackets; a column of a matrix is a tuple."""

    opening: str
    closing: str
    items: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Unordered:
    """Elements in any order: of a set, of a union, or of a bare list (which may also stand for a tuple)."""

    kind: str
    items: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of leaves."""

    rows: tuple[tuple[Answer, ...], ...]


Answer = Leaf | Words | Equation | Named | Ordered | Unordered | Matrix

_SEPARATOR = re.compile(
    r"\\text ?\{,? ?(?:and|or) ?\}|(?<![A-Za-z\\])(?:and|or)(?![A-Za-z])|\\(?:lor|land|quad)(?![A-Za-z])|;"
)
# What qualifies an answer and does not belong to it: "where c is real", "for some a > 0", "for n > 1".
_QUALIFICATION = re.compile(
    r"[,.]? ?(?:\\text ?\{[ ,]*(?:where|with|for)\b|(?<![A-Za-z])where\b"
    r"|(?<![A-Za-z])for (?:some|all|any|every|each|nonnegative|positive|real|integers?|[a-z](?![A-Za-z]))).*\Z",
    re.DOTALL,
)
_NAME = re.compile(r"\\?[A-Za-z]+(?:_(?:[A-Za-z0-9]|\{[A-Za-z0-9]+\}))?")
_CALL = re.compile(r"(\\?[A-Za-z])\(([a-z](?:,[a-z])*)\)")
_RELATION = re.compile(r"(\\le|\\ge|<|>|=|\\in|\\ne)(?![A-Za-z])")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)(?:\.[0-9]+)?")
_MATRIX = re.compile(r"\\begin\{([pbB]?matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}", re.DOTALL)
_MARKED_UNIT = re.compile(r"(?<=[0-9A-Za-z}) ])\\text ?\{ ?([A-Za-z][A-Za-z ./]*?)\.? ?\}(?:\^\{?([23])\}?)?\Z")
_WORDED_UNIT = re.compile(r"(?<=[0-9}) ])((?: ?[A-Za-z]{2,}+\.?){1,3}+)(?:\^\{?([23])\}?)?\Z")
_BASE = re.compile(r"([0-9A-Fa-f]+)_(?:\{([0-9]{1,2})\}|([0-9]{1,2}))")
_CONDITIONS = {"if", "when", "otherwise", "only", "is", "are", "not", "no", "all", "any", "odd", "even"}
_OPENING = re.compile(r"\\[{]|[({\[]|\\l(?:floor|ceil|angle|vert)(?![A-Za-z])")
_CLOSING = re.compile(r"\\[}]|[)}\]]|\\r(?:floor|ceil|angle|vert)(?![A-Za-z])")
_STEP = re.compile(r"\\(?:begin|end)\{[a-z]*\}|\\[A-Za-z]+|\\.|.", re.DOTALL)
_UNITS = {
    "in": "inch", "inches": "inch", "cm": "centimeter", "mm": "millimeter", "km": "kilometer", "m": "meter",
    "ft": "foot", "feet": "foot", "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour",
    "g": "gram", "kg": "kilogram", "mph": "miles per hour",
}  # fmt: skip


def read_answer(text: str) -> list[Answer]:
    """Return the readings of an answer, most often one; a comma that may group thousands gives two.

    >>> read_answer("1,234")
    [Unordered(kind='list', items=(Leaf(text='1', unit='', percent=False), Leaf(text='234', unit='', percent=False))), \
Leaf(text='1234', unit='', percent=False)]
    """
    spaced = re.search(r",\s", text)  # nobody writes thousands so
    text = normalise(text)
    grouped = None if spaced else _GROUPED.fullmatch(text)
    if grouped and "," not in text:
        return [Leaf(text.replace(" ", ""))]
    readings = [_read(text, 0)]
    return [*readings, Leaf(text.replace(",", ""))] if grouped else readings


def is_several(text: str) -> bool:
    """Whether an answer is a list or set of several elements, in any order.

    >>> is_several("2, 3"), is_several("(2, 3)"), is_several("1,234")
    (True, False, False)
    """
    return all(isinstance(reading, Unordered) and len(reading.items) > 1 for reading in read_answer(text))


def _read(text: str, depth: int) -> Answer:
    text = _QUALIFICATION.sub("", text).rstrip(" .").strip() or text
    if depth > _DEEPEST:
        return Leaf(text)
    text = _SEPARATOR.sub(",", text)
    bare, unit = _without_unit(text)
    if _has_words(plain_words(bare)):
        return Words(re.sub("[^a-z0-9]+", " ", plain_words(text).lower()).strip())
    parts = [part for part in _split(text, ",") if part.strip()]
    if len(parts) > 1:
        return Unordered("list", tuple(_read(part, depth + 1) for part in parts))
    text = parts[0].strip() if parts else text
    parts = _split(text, r"\cup")
    if len(parts) > 1:
        return Unordered("union", tuple(_read(part, depth + 1) for part in parts))
    if relation := _relation(text, depth):
        return relation
    if bracketed := _bracketed(text, depth):
        return bracketed
    if matrix := _MATRIX.fullmatch(text):
        rows = [row for row in re.split(r"\\\\", matrix[2]) if row.strip()]
        return _matrix(tuple(tuple(_read(cell, depth + 1) for cell in row.split("&")) for row in rows))
    if text.count(r"\pm") == 1:
        return Unordered("list", tuple(_read(text.replace(r"\pm", sign), depth + 1) for sign in "+-"))
    return _leaf(bare, unit)


def _leaf(text: str, unit: str) -> Leaf:
    text = plain_words(text)
    if based := _BASE.fullmatch(text):
        return Leaf(based[1], f"base {based[2] or based[3]}")
    if text.endswith("%"):
        return Leaf(text[:-1].strip(), percent=True)
    if text.endswith(r"\degree"):
        return Leaf(text.removesuffix(r"\degree").strip(), "degree")
    return Leaf(text, unit)


def _without_unit(text: str) -> tuple[str, str]:
    r"""Take the unit off the end: words after a number, marked by ``\text`` or not."""
    match = _MARKED_UNIT.search(text) or _WORDED_UNIT.search(text)
    if not match or not re.search("[0-9]", text[: match.start()]):
        return text, ""
    words = match[1].replace(".", "").lower().split()
    if words[0] in _CONDITIONS:
        return text, ""
    if match.re is _WORDED_UNIT and not all(is_word(word) for word in words):
        return text, ""
    power = match[2] or {"square": "2", "sq": "2", "cubic": "3"}.get(words[0], "")
    words = [word for word in words if word not in ("square", "sq", "cubic")]
    names = [_UNITS.get(word, word.removesuffix("s")) for word in words]
    unit = " ".join(names) + (f"^{power}" if power else "")
    return text[: match.start()].strip(), unit


def _has_words(text: str) -> bool:
    text = re.sub(r"\\(?:begin|end)\{[a-z]*\}|\\[A-Za-z]+", " ", text)
    return any(is_word(run) for run in re.findall("[A-Za-z]+", text))


def _relation(text: str, depth: int) -> Answer | None:
    """A named value, an equation, or an inequality as the interval that it describes; None if there is no relation."""
    pieces = _cut(text, _RELATION)
    signs, sides = pieces[1::2], [side.strip() for side in pieces[::2]]
    if not signs:
        return None
    if set(signs) == {"="}:
        named = _named(sides[0], sides[-1], depth)
        if named or len(sides) > 2:
            return named or Leaf(text)
        return Equation(*sides)
    if signs == [r"\in"]:
        return _named(sides[0], sides[1], depth) or Leaf(text)
    return _interval(sides, signs, depth) or Leaf(text)


def _named(name: str, value: str, depth: int) -> Answer | None:
    if _NAME.fullmatch(name):
        return Named(name, (), _read(value, depth + 1))
    if call := _CALL.fullmatch(name):
        return Named(call[1], tuple(call[2].split(",")), _read(value, depth + 1))
    if name.startswith("(") and all(_NAME.fullmatch(part) for part in name[1:-1].split(",")):
        return _read(value, depth + 1)  # (a,b) = (1,2)
    return None


def _interval(sides: list[str], signs: list[str], depth: int) -> Answer | None:
    if len(sides) == 3 and all(sign in (">", r"\ge") for sign in signs):
        sides, signs = sides[::-1], [{">": "<", r"\ge": r"\le"}[sign] for sign in signs[::-1]]
    if len(sides) == 3 and all(sign in ("<", r"\le") for sign in signs) and _NAME.fullmatch(sides[1]):
        low, name, high = sides
        opening, closing = ("[" if signs[0] == r"\le" else "("), ("]" if signs[1] == r"\le" else ")")
    elif len(sides) == 2 and signs[0] != r"\ne" and signs[0] != "=":
        name, sign, bound = sides[0], signs[0], sides[1]
        if not _NAME.fullmatch(name):
            name, bound = bound, name
            sign = {"<": ">", ">": "<", r"\le": r"\ge", r"\ge": r"\le"}.get(sign, sign)
        if not _NAME.fullmatch(name) or sign == r"\in":
            return None
        below = sign in ("<", r"\le")
        low, high = (r"-\infty", bound) if below else (bound, r"\infty")
        opening = "[" if sign == r"\ge" else "("
        closing = "]" if sign == r"\le" else ")"
    else:
        return None
    return Named(name, (), Ordered(opening, closing, (_read(low, depth + 1), _read(high, depth + 1))))


def _bracketed(text: str, depth: int) -> Answer | None:
    """A set, tuple or interval if one pair of brackets holds the whole text; None otherwise."""
    for opening, closings in ((r"\{", (r"\}",)), ("(", (")", "]")), ("[", ("]", ")"))):
        if not text.startswith(opening):
            continue
        closing = next((sign for sign in closings if text.endswith(sign)), None)
        inner = text[len(opening) : -len(closing)] if closing else ""
        if not inner or not _balanced(inner):
            return None
        if opening == r"\{":
            if _cut(inner, re.compile(r"(:|\\mid(?![A-Za-z])|\|)"))[1:]:
                return None  # a set that is described, not listed
            return Unordered("set", tuple(_read(part, depth + 1) for part in _split(inner, ",")))
        parts = _split(inner, ",")
        if len(parts) > 1:
            return Ordered(opening, str(closing), tuple(_read(part, depth + 1) for part in parts))
        element = _read(inner, depth + 1)
        return element if (opening, closing) == ("(", ")") else Ordered(opening, str(closing), (element,))
    return None


def _matrix(rows: tuple[tuple[Answer, ...], ...]) -> Answer:
    if len(rows) > 1 and all(len(row) == 1 for row in rows):
        return Ordered("(", ")", tuple(row[0] for row in rows))
    return Matrix(rows)


def _balanced(text: str) -> bool:
    depth = 0
    for step in _STEP.finditer(text):
        depth += bool(_OPENING.fullmatch(step[0])) - bool(_CLOSING.fullmatch(step[0]))
        if depth < 0:
            return False
    return depth == 0


def _split(text: str, separator: str) -> list[str]:
    return _cut(text, re.compile(f"({re.escape(separator)})(?![A-Za-z])" if separator[0] == "\\" else "(,)"))[::2]


def _cut(text: str, separator: re.Pattern[str]) -> list[str]:
    """Cut at separators outside of all brackets: text, separator, text, ..., text."""
    pieces, start, depth = [], 0, 0
    for step in _STEP.finditer(text):
        depth += bool(_OPENING.fullmatch(step[0]) or step[0].startswith(r"\begin"))
        depth -= bool(_CLOSING.fullmatch(step[0]) or step[0].startswith(r"\end"))
        if depth == 0 and separator.fullmatch(step[0]):
            pieces += [text[start : step.start()], step[0]]
            start = step.end()
    return [*pieces, text[start:]]


def renamed(answer: Answer, names: Mapping[str, str]) -> Answer:
    r"""The answer with single letters replaced by others.

    >>> renamed(Leaf(r"2n+\\sin n"), {"n": "x"}).text
    '2x+\\\\sin x'
    """
    if isinstance(answer, Leaf):
        text = re.sub(
            r"\\[A-Za-z]+|[A-Za-z]+",
            lambda run: run[0] if run[0][0] == "\\" or is_word(run[0]) else "".join(names.get(c, c) for c in run[0]),
            answer.text,
        )
        return replace(answer, text=text)
    if isinstance(answer, (Ordered, Unordered)):
        return replace(answer, items=tuple(renamed(item, names) for item in answer.items))
    return answer
