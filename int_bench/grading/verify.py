r"""Decide equality with math-verify. Imports sympy, and may run for ever: called only inside a worker process.

The structure of both answers is compared as in ``exact``; math-verify is asked about single expressions, and about
whole answers only where a side shows no structure that ``exact`` knows. Departures from math-verify's habits, each
after a known wrong grade:

1. An expression is parsed as one LaTeX expression, not searched for one: nothing falls back to a number that happens to
   stand in the text, or to comparing the texts themselves.
2. What does not parse equals nothing. Two texts that both parse to nothing are not equal.
3. Its numeric test allows an absolute error, to which all tiny numbers are equal (1/2004! and 1/2006!): numbers are
   compared again, relative to their size.
4. Letters keep their case, and what its parser passes over (dots, primes, moduli) makes an expression unreadable.
5. Its time limits are off, since they need signals; the parent process limits the time from outside.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import math_verify
import sympy

from int_bench.grading.exact import Comparison
from int_bench.grading.findings import Finding, Verdict

_LATEX = [math_verify.LatexExtractionConfig()]
_RELATIVE_ERROR = 1e-12  # of decimals, which sympy holds as floats
_DIGITS = 30
# What its parser passes over in silence: dots, primes, bases, moduli, ratios.
_IGNORED = re.compile(r"\\[lc]?dots|\.\.|['\"\u2032]|[0-9]_|\\p?mod|(?<!\\):")
# It knows degrees as a unit alone, and drops them.
_DEGREES, _RADIANS = re.compile(r"([0-9.]+)\\degree"), r"(\1\\cdot\\frac{\\pi}{180})"
# Its parser takes R for r.
_CAPITAL = re.compile(r"\\[A-Za-z]+|[A-Z](?!_)")


def verify(answer: str, gold: str) -> Finding:
    r"""Return "correct", "wrong" or "unparsable" (said of the answer) and "math_verify".

    >>> verify(r"\log_2 8", "3")
    ('correct', 'math_verify')
    >>> verify(r"\{1, \log_2 8\}", r"\{1, 3, 5\}")
    ('wrong', 'math_verify')
    >>> verify("x +* 1", "x +* 2")
    ('unparsable', 'math_verify')
    """
    unread = False

    def decide(given: str, expected: str) -> bool:
        nonlocal unread
        parsed = _parse(given)
        unread |= parsed is None
        return given == expected or _equal(parsed, _parse(expected))

    truth = Comparison(decide).of(answer, gold)
    if truth is None:
        truth = decide(answer, gold)
    verdict: Verdict = "correct" if truth else "unparsable" if unread else "wrong"
    return verdict, "math_verify"


@functools.lru_cache(maxsize=4096)  # a gold answer meets many answers
def _parse(text: str) -> Any | None:
    # The box makes math-verify take the whole text, over several lines too; "first_match" keeps it from
    # looking for something smaller inside when the whole does not parse.
    if _IGNORED.search(text):
        return None
    found = math_verify.parse(
        f"\\boxed{{{_DEGREES.sub(_RADIANS, _CAPITAL.sub(_marked, text))}}}",
        _LATEX,
        fallback_mode="no_fallback",
        extraction_mode="first_match",
        parsing_timeout=None,
    )
    return found[0] if found else None


def _equal(given: Any | None, expected: Any | None) -> bool:
    if given is None or expected is None:
        return False
    # Its rules differ by side; an answer is right whichever side it stands on.
    pairs = ((expected, given), (given, expected))
    alike = any(math_verify.verify(*pair, timeout_seconds=None) for pair in pairs)
    return alike and not _differ(given, expected)


def _marked(capital: re.Match[str]) -> str:
    return capital[0] if capital[0].startswith("\\") else f"{capital[0].lower()}_{{99}}"


def _differ(left: Any, right: Any) -> bool:
    """Whether two numbers differ by more than rounding, relative to their size."""
    if not all(isinstance(side, sympy.Expr) and side.is_number for side in (left, right)):
        return False
    sizes = [sympy.N(abs(left), _DIGITS), sympy.N(abs(right), _DIGITS)]
    difference = sympy.N(abs(left - right), _DIGITS)
    if not all(value.is_Number for value in (*sizes, difference)):
        return False
    return bool(difference > _RELATIVE_ERROR * max(sizes))
