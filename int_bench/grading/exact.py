r"""Decide equality without a computer algebra system, wherever both sides are plain strings, numbers or tuples.

Nearly all answers of contests and all those of the synthetic world end here, in microseconds. A decision is exact in
both directions: numbers are compared as fractions, so that 0.333 is not 1/3, and if both sides are plain and differ,
the answer is wrong and nobody else is asked. Whatever is not plain on both sides is left undecided.

Tuples are compared in order, with or without their parentheses. A comma may also group thousands, so a side
may have two readings, and the sides are equal if they share one: ``1,234`` equals both ``1234`` and ``(1, 234)``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

Verdict = Literal["correct", "wrong", "unparsable", "timed_out"]
Method = Literal["string", "integer", "rational", "tuple", "math_verify", "none"]
Finding = tuple[Verdict, Method]
Value = Fraction | tuple[Fraction, ...]

# Far more digits than any answer has, and far fewer than where int() becomes slow or refuses (4,300).
_DIGITS = "[0-9]{1,400}"
_DECIMAL = re.compile(rf"[+-]?(?:{_DIGITS}(?:\.[0-9]{{0,400}})?|\.{_DIGITS})")
_QUOTIENT = re.compile(rf"([+-]?)(?:({_DIGITS})/({_DIGITS})|\\frac\{{([+-]?{_DIGITS})\}}\{{({_DIGITS})\}})")
_GROUPED = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}(?:[, ][0-9]{{3}}){{1,100}}(?:\.{_DIGITS})?")

# Ways to write one thing, in the order in which they are replaced. A row end ``\\`` is kept whole, lest its second half
# be taken for the start of a space.
_SPELLINGS = [
    (re.compile(r"\A\s*\${1,2}([^$]*)(?<!\\)\${1,2}\.?\s*\Z"), r"\1"),
    (re.compile(r"(\\\\)|\\[,;:!> ]|~|\s"), r"\1 "),
    (re.compile(r"\\(?:left|right)(?![A-Za-z])"), ""),
    (re.compile(r"\\(?:text|textbf|mathrm|mathbf)\s?\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\[cdt]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\frac ?([0-9]) ?([0-9])"), r"\\frac{\1}{\2}"),
    (re.compile(r"\{,\}"), ","),
    (re.compile("\u2212"), "-"),
    (re.compile(r" +"), " "),
    (re.compile(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])"), ""),
    (re.compile(r"\.\Z"), ""),
]


def normalise(text: str) -> str:
    r"""Return the text in one spelling: without dollars, sizes, fonts, a final stop, and spaces that mean nothing.

    >>> normalise(r" $\left( \dfrac12,\, x \right)$. ")
    '(\\frac{1}{2},x)'
    """
    for pattern, replacement in _SPELLINGS:
        text = pattern.sub(replacement, text)
    return text


def compare_exactly(answer: str, gold: str) -> Finding | None:
    r"""Return the verdict and what decided it, or None if the two are not plain enough to decide here.

    >>> compare_exactly(r"\frac{1}{2}", "0.5")
    ('correct', 'rational')
    >>> compare_exactly("(3, 1, 8)", "3,8,1")
    ('wrong', 'tuple')
    >>> compare_exactly("2^3", "8") is None
    True
    """
    answer, gold = normalise(answer), normalise(gold)
    if not answer:
        return "unparsable", "string"
    if answer == gold:
        return "correct", "string"
    of_answer, of_gold = _readings(answer), _readings(gold)
    if not of_answer or not of_gold:
        return None
    shared = of_answer & of_gold
    return ("correct" if shared else "wrong"), _kind(shared or of_answer | of_gold)


def _readings(text: str) -> set[Value]:
    """All values that the text may stand for; none if it is not plain."""
    readings: set[Value] = set()
    parts = (text[1:-1] if text.startswith("(") and text.endswith(")") else text).split(",")
    numbers = tuple(number for part in parts if (number := _number(part)) is not None)
    if len(numbers) == len(parts):
        readings.add(numbers if len(numbers) > 1 else numbers[0])
    if _GROUPED.fullmatch(text):
        readings.add(Fraction(re.sub("[, ]", "", text)))
    return readings


def _number(text: str) -> Fraction | None:
    if _DECIMAL.fullmatch(text):
        return Fraction(text)
    if match := _QUOTIENT.fullmatch(text):
        sign, *parts = match.groups()
        numerator, denominator = (int(part) for part in parts if part is not None)
        if denominator:
            return Fraction(-numerator if sign == "-" else numerator, denominator)
    return None


def _kind(values: set[Value]) -> Method:
    if any(isinstance(value, tuple) for value in values):
        return "tuple"
    return "integer" if all(value == int(value) for value in values if isinstance(value, Fraction)) else "rational"
