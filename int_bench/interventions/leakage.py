r"""Whether an intervention gives the final answer away, which the oracle knows and the model should still find.

The rule. A corrective step is a leak of the first kind that applies:

``boxed``
    There is a box, whatever it holds: it would be graded as the model's own answer.
``stated``
    The text claims a value equal to the answer: a phrase such as "the final answer is", "Answer:", "the value we want
    is", "which is our answer" stands beside it; or the text consists of nothing but the answer; or it gives three names
    or more the values that the answer consists of ("b=7, c=2, d=4"), for a step works one value out.
``coincides``
    A value equal to the answer is arrived at and not claimed: the right end of an equation or inequality
    (``c=9-7=2``), the object of a verb ("the sum is 2", "which gives $2$"), a displayed formula of its own; and of a
    telling answer any whole expression. A step that corrects the last computation has to say this much.
``none``
    All else: the answer within something longer (``12``, ``x^2``, ``2x``, ``a_2``), as the number of a step or case, or
    a small one in passing ("since 2 divides n").

An answer is small if it has two digits at most, or one letter: these occur in steps all the time. Others are telling.
An element of a list is not the answer, unless it is a telling one. Values are equal if the grader's exact arithmetic
says so (``\frac12`` and 0.5, any order of a set); what only math-verify could decide is no leak, and numbers in words
are not read. ``boxed`` and ``stated`` are dropped; ``coincides`` is kept and counted on its own.
"""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from int_bench.grading.closed_form import Algebra, constant
from int_bench.grading.exact import compare_exactly
from int_bench.grading.latex import read
from int_bench.grading.spelling import normalise
from int_bench.grading.structure import Leaf, Ordered, Unordered, read_answer
from int_bench.grading.sums import TooHard
from int_bench.interventions.claims import arrives_at, claimed, is_continued
from int_bench.interventions.expressions import Expression, expressions

Leak = Literal["none", "boxed", "stated", "coincides"]
LEAKS: frozenset[Leak] = frozenset({"boxed", "stated"})
"""What is dropped."""

_BOX = re.compile(r"\\(?:boxed|fbox|framebox)(?![A-Za-z])")
_MODULUS = re.compile(r"\s*(?:\\pmod\s*(?:\{[^{}]*\}|\S)|\(\s*\\?[bp]?mod[^()]*\))\Z")
_UNEQUAL = frozenset({r"\ne", r"\neq", "\u2260", "!="})
_MARKED = re.compile(r"\\(?:text[a-z]*|mbox|mathrm|operatorname)\s*\{[^{}]*\}")
_LETTERS = re.compile(r"(?<![A-Za-z\\])(?!(?:pi|sqrt|sin|cos|tan|log|ln|e|i|percent|per)(?![A-Za-z]))[A-Za-z]+")
_SIZED = re.compile(r"[0-9.,]+ ?(?:[A-Za-z]{2,}|[msh])(?:\^[23])?")
_NAME = re.compile(r"\\?[A-Za-z]+(?:_(?:[A-Za-z0-9]|\{[A-Za-z0-9]+\}))?")
_NAMES = re.compile(rf"\(?\s*{_NAME.pattern}(?:\s*,\s*{_NAME.pattern})+\s*\)?\s*")
_SMALL = re.compile(r"[0-9]{1,2}|\\?[A-Za-z]|\\[A-Za-z]+")
_LONGEST = 1_000  # characters of a candidate
_SPARE = 20  # characters by which an answer alone may be longer than the gold answer twice
_SOLUTION = 3  # so many values given in one step are no coincidence


def leak_of(content: str, answer: str) -> Leak:
    r"""The kind of leak in an intervention's content, for the gold answer; see the rule above.

    >>> [leak_of(content, "2") for content in ("Since 2 divides n", "c=9-7=2", "so the answer is $\\frac42$")]
    ['none', 'coincides', 'stated']
    >>> leak_of(r"Hence \fbox{3}", "2")
    'boxed'
    """
    if _BOX.search(content):
        return "boxed"
    gold = _gold(answer)
    lists = expressions(content)
    given = _values_given(lists, gold)
    if given >= _SOLUTION or _is_bare(content, gold) or any(map(gold.equals, claimed(content, lists))):
        return "stated"
    return "coincides" if given or any(_coincides(content, joined, gold) for joined in lists) else "none"


def substring_rule(content: str, answer: str) -> bool:
    """Whether the paper's authors would drop the content: the answer's text occurs in it, anywhere.

    >>> substring_rule("n=12 is even", "2"), substring_rule("so it is 0.5", "1/2")
    (True, False)
    """
    return answer in content


@dataclass(frozen=True, slots=True)
class _Gold:
    """A gold answer: its value if it is a rational number, its letters if it is an expression, its number of values."""

    text: str
    number: Fraction | None
    letters: frozenset[str] | None
    telling: bool
    values: int

    def equals(self, candidate: str) -> bool:
        """Whether exact arithmetic finds a candidate equal."""
        if not candidate or len(candidate) > _LONGEST:
            return False
        if self.number is not None and (number := _number(candidate)) is not None:
            return number == self.number
        return _equal(candidate, self.text)

    def equals_any(self, candidates: Iterable[str]) -> bool:
        """Whether one of many expressions is equal; beside one with other letters it is not looked at, for speed."""
        return any(
            self.equals(candidate)
            for candidate in candidates
            if self.letters is None or self.letters == _letters(candidate) or _SIZED.fullmatch(candidate)
        )


@functools.lru_cache(maxsize=4096)  # a problem has many interventions
def _gold(answer: str) -> _Gold:
    plain = normalise(answer)
    readings = read_answer(answer)
    values = min(len(reading.items) if isinstance(reading, Ordered | Unordered) else 1 for reading in readings)
    compound = not any(isinstance(reading, Leaf) for reading in readings)
    signs = re.sub(r"\\frac(?![A-Za-z])|[-+/.%{}() ]", "", plain)
    small = not compound and bool(_SMALL.fullmatch(signs))
    return _Gold(answer, _number(answer), None if compound else _letters(plain), not small, values)


def _letters(text: str) -> frozenset[str]:
    return frozenset("".join(_LETTERS.findall(_MARKED.sub("", text))))


@functools.lru_cache(maxsize=65_536)
def _number(text: str) -> Fraction | None:
    """The value of a text that is a rational number and nothing else: a shortcut for most comparisons."""
    plain = normalise(text)
    if "%" not in plain:  # 50% is 50 as well as 1/2
        with contextlib.suppress(TooHard, ArithmeticError):
            return constant(read(plain, Algebra()))
    return None


@functools.lru_cache(maxsize=65_536)
def _equal(candidate: str, answer: str) -> bool:
    finding = compare_exactly(candidate, answer)
    return finding is not None and finding[0] == "correct"


def _is_bare(content: str, gold: _Gold) -> bool:
    """Whether the text is the answer and nothing else; an equation says how it comes about."""
    bare = content.strip(" \n\t*_`.")
    return len(bare) <= 2 * len(gold.text) + _SPARE and "=" not in bare and gold.equals(bare)


def _values_given(lists: list[list[Expression]], gold: _Gold) -> int:
    """How many values the answer consists of, if names are given all of them, one after the other; else 0."""
    if gold.values < 2:
        return 0
    given: dict[str, str] = {}
    for joined in lists:
        names, _, values = ", ".join(e.text for e in joined).partition("=")
        if names.count(",") == gold.values - 1 and _NAMES.fullmatch(names) and gold.equals(values.strip()):
            return gold.values
        for e in joined:
            if e.relation == "=" and _NAME.fullmatch(e.sides[0]):
                given[e.sides[0]] = _right_end(e)
    listed = list(given.values())
    windows = (listed[i : i + gold.values] for i in range(len(listed) - gold.values + 1))
    return gold.values if any(gold.equals(", ".join(window)) for window in windows) else 0


def _coincides(content: str, joined: list[Expression], gold: _Gold) -> bool:
    """Whether one of the expressions of a list, or the list, has the answer's value and arrives at it or is telling."""
    if len(joined) > 1 and gold.values > 1 and gold.equals(", ".join(e.text for e in joined)):
        return True
    alone = sum(not e.relation for e in joined) == 1
    for e in joined:
        if not e.relation and is_continued(content, e.end):
            continue
        if gold.telling and gold.equals_any((e.text, *e.sides)):
            return True
        arrived = e.relation not in _UNEQUAL if e.relation else e.displayed or (alone and arrives_at(content, e))
        if arrived and gold.equals_any([_right_end(e)]):
            return True
    return False


def _right_end(expression: Expression) -> str:
    """What an expression comes to; a name behind it, as in ``3+4=7=x``, is not looked at."""
    sides = expression.sides
    return _MODULUS.sub("", next((side for side in reversed(sides) if not _NAME.fullmatch(side)), sides[-1]))
