r"""Read an answer's outer structure: numbers, named values, tuples, lists, sets, intervals, unions, matrices, words.

What stands inside is left as text. An answer that shows no structure is a leaf, whose text is one expression, if it is
anything. Reading never fails: what makes no sense is a leaf that nobody will be able to read.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from int_bench.grading.latex import is_word
from int_bench.grading.spelling import normalise, plain_words
from int_bench.grading.units import without_unit

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
# What qualifies an answer and does not belong to it: "where c is real", "for some a > 0", "for n > 1", "(k > 0)".
_QUALIFICATION = re.compile(
    r"[,.]? ?(\\text ?\{[ ,]*(?:where|with|for)\b|(?<![A-Za-z])where\b"
    r"|(?<![A-Za-z])for (?:some|all|any|every|each|nonnegative|positive|real|integers?|[a-z](?![A-Za-z]))"
    r"|(?<=.)\((?:\\forall|[A-Za-z](?:\\in|\\ge|\\le|\\ne|[<>]))[^()]*\)\Z).*\Z",
    re.DOTALL,
)
_CONDITION = re.compile(r"\\forall|\\text ?\{[^{}]*\}\Z|([A-Za-z]) ?(?:\\in|\\ge|\\le|\\ne|[<>])(?![A-Za-z])")
_LABEL = re.compile(r"\A(?:\\text ?\{ ?\([A-E]\) ?\}(?=.)|\([A-E]\) ?(?=[0-9\\$])|\\text ?\{[^{}]*\}\s*=|=)")
_MARKED_WORD = re.compile(r"\\text ?\{[^{}]*[A-Za-z]{2}[^{}]*\}")
_FUNCTION = re.compile(r"\\(?:a|arc)?(?:sin|cos|tan|cot|sec|csc)")
_NAME = re.compile(r"\\?[A-Za-z]+(?:_(?:[A-Za-z0-9]|\{[A-Za-z0-9]+\}))?")
# A sum of letters, a segment, an angle, a value of a function: "a+b = 5", "|AB| = 5", "f(3) = 5".
_MEASURED = re.compile(r"(?:[A-Za-z+|{}_]|\\(?:bar|angle|vec|triangle|text)(?![A-Za-z])| )+|[A-Za-z]\([0-9]+\)")
_CALL = re.compile(r"(\\?[A-Za-z])\(([a-z](?:,[a-z])*)\)")
_RELATION = re.compile(r"(\\le|\\ge|<|>|=|\\in|\\ne)(?![A-Za-z])")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)(?:\.[0-9]+)?")
_MATRIX = re.compile(r"\\begin\{([pbB]?matrix|array)\}(?:\{[lcr|]*\})?(.*)\\end\{\1\}", re.DOTALL)
_BASE = re.compile(r"[({]?([0-9A-Fa-f]+)[)}]?_(?:\{([0-9]{1,2})\}|([0-9]{1,2}))")
_OPENING = re.compile(r"\\[{]|[({\[]|\\l(?:floor|ceil|angle|vert)(?![A-Za-z])")
_CLOSING = re.compile(r"\\[}]|[)}\]]|\\r(?:floor|ceil|angle|vert)(?![A-Za-z])")
_STEP = re.compile(r"\\(?:begin|end)\{[a-z]*\}|\\[A-Za-z]+|\\.|.", re.DOTALL)


@functools.lru_cache(maxsize=1024)  # a gold answer meets many answers
def read_answer(text: str) -> tuple[Answer, ...]:
    """Return the readings of an answer, most often one; a comma that may group thousands gives two.

    >>> read_answer("1,234")
    (Unordered(kind='list', items=(Leaf(text='1', unit='', percent=False), Leaf(text='234', unit='', percent=False))), \
Leaf(text='1234', unit='', percent=False))
    """
    spaced = re.search(r",\s", text)
    if spaced:  # then a comma without a space groups thousands: "997,008, 995,026"
        text = re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", text)
    text = normalise(text)
    name, equals, value = text.rpartition("=")
    bare, unit = without_unit(value)
    if spaced or not _GROUPED.fullmatch(bare) or (equals and not _NAME.fullmatch(name)):
        return (_read(text, 0),)
    number = Leaf(re.sub("[, ]", "", bare), unit)
    # "10,080" is no list of 10 and 80.
    return (number,) if unit or equals or re.search("[, ]0| ", bare) else (_read(text, 0), number)


def is_several(text: str) -> bool:
    """Whether an answer is a list or set of several elements, in any order.

    >>> is_several("2, 3"), is_several("(2, 3)"), is_several("1,234")
    (True, False, False)
    """
    return all(isinstance(reading, Unordered) and len(reading.items) > 1 for reading in read_answer(text))


def _read(text: str, depth: int) -> Answer:
    text = _unqualified(text)
    if depth > _DEEPEST:
        return Leaf(text)
    if _MARKED_WORD.fullmatch(text):
        return Words(_worded(text))
    text = _SEPARATOR.sub(",", text)
    bare, unit = without_unit(text)
    if _has_words(plain_words(bare)):
        return Words(_worded(text))
    parts = _without_conditions([part for part in _split(text, ",") if part.strip()])
    if len(parts) > 1:
        return _unordered("list", parts, depth)
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
    if text.endswith(r"\degree") and not _FUNCTION.search(text):
        return Leaf(text.removesuffix(r"\degree").strip(), "degree")
    return Leaf(text, unit)


def _unordered(kind: str, parts: Sequence[str], depth: int) -> Unordered:
    """Elements of a list or set; what stands for two of them, as after a plus-minus sign, is two."""
    items: list[Answer] = []
    for part in parts:
        item = _read(part, depth + 1)
        items += item.items if isinstance(item, Unordered) and item.kind == "list" else [item]
    return Unordered(kind, tuple(items))


def _unqualified(text: str) -> str:
    """The text without a label before it and the conditions behind it, unless those tell cases apart."""
    text = _LABEL.sub("", text)
    match = _QUALIFICATION.search(text)
    if match and not re.search(r"(?<![A-Za-z])(?:for|if|otherwise)(?![A-Za-z])", text[match.end(1) :]):
        text = text[: match.start()] or text
    return text.rstrip(" .").strip() or text


def _without_conditions(parts: list[str]) -> list[str]:
    r"""Leave out what is said of a letter of the values before: ``k \ge 0`` behind ``2^k``, but not behind ``k=3``."""
    while len(parts) > 1:
        condition = _CONDITION.match(parts[-1].strip())
        before = ",".join(parts[:-1])
        about = condition and (condition[1] or "")
        if condition is None or (about and not re.search(rf"(?<![A-Za-z\\]){about}(?![A-Za-z])|[0-9]{about}", before)):
            break
        if any(re.match(rf"\s*{about}\s*(?:=|<|>|\\)", part) for part in parts[:-1] if about):
            break
        parts = parts[:-1]
    return parts


def _worded(text: str) -> str:
    """Words and signs in lower case, without punctuation."""
    return re.sub(r"[^a-z0-9+*/^<>=!-]+", " ", plain_words(text).lower()).strip()


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
    if not _NAME.fullmatch(name) and _NAME.fullmatch(value):
        name, value = value, name
    if _NAME.fullmatch(name) or _MEASURED.fullmatch(name):
        return Named(name, (), _read(value, depth + 1))
    if call := _CALL.fullmatch(name):
        return Named(call[1], tuple(call[2].split(",")), _read(value, depth + 1))
    if name.startswith("(") and all(_NAME.fullmatch(part) for part in name[1:-1].split(",")):
        return Named(name, (), _read(value, depth + 1))  # (a,b) = (1,2)
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
            described = _cut(inner, re.compile(r"(:|\\mid|\|)"))
            if len(described) > 1:  # a set that is described, not listed: read if it is an interval
                relation = _relation(described[2].strip(), depth) if _NAME.fullmatch(described[0].strip()) else None
                return relation if isinstance(relation, Named) else None
            return _unordered("set", _split(inner, ","), depth)
        parts = _split(inner, ",")
        if len(parts) > 1:
            return Ordered(opening, str(closing), tuple(_read(part, depth + 1) for part in parts))
        element = _read(inner, depth + 1)
        rows = _MATRIX.fullmatch(inner)
        return element if rows or (opening, closing) == ("(", ")") else Ordered(opening, str(closing), (element,))
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
