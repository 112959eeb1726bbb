r"""Decide equality with math-verify. Imports sympy, and may run for ever: called only inside a worker process.

Departures from math-verify's own habits, each after a known wrong grade:

1. The answer is parsed as one LaTeX expression, not searched for one: nothing falls back to a number that happens to
   stand in the text, or to comparing the texts themselves.
2. What does not parse equals nothing. Two texts that both parse to nothing are not equal.
3. Its numeric test allows an absolute error, to which all tiny numbers are equal (1/2004! and 1/2006!): these are
   compared again, relative to their size.
4. Its time limits are off, since they need signals; the parent process limits the time from outside.
"""

from __future__ import annotations

from typing import Any

import math_verify
import sympy

from int_bench.grading.exact import Finding

_LATEX = [math_verify.LatexExtractionConfig()]
_TINY = 1e-5  # below this, an absolute error of math-verify's size says nothing
_RELATIVE_ERROR = 1e-6


def verify(answer: str, gold: str) -> Finding:
    r"""Return "correct", "wrong" or "unparsable" (said of the answer) and "math_verify".

    >>> verify(r"\frac{x}{2}", "0.5x")
    ('correct', 'math_verify')
    >>> verify(r"\{1\}", r"\{1, 2\}")
    ('wrong', 'math_verify')
    >>> verify("x +* 1", "x +* 1")
    ('unparsable', 'math_verify')
    """
    given = _parse(answer)
    if given is None:
        return "unparsable", "math_verify"
    expected = _parse(gold)
    equal = (
        expected is not None
        and math_verify.verify(expected, given, timeout_seconds=None)
        and not _tiny_and_different(expected, given)
    )
    return ("correct" if equal else "wrong"), "math_verify"


def _parse(text: str) -> Any | None:
    # The box makes math-verify take the whole text, over several lines too; "first_match" keeps it from
    # looking for something smaller inside when the whole does not parse.
    found = math_verify.parse(
        f"\\boxed{{{text}}}",
        _LATEX,
        fallback_mode="no_fallback",
        extraction_mode="first_match",
        parsing_timeout=None,
    )
    return found[0] if found else None


def _tiny_and_different(left: Any, right: Any) -> bool:
    if not all(isinstance(side, sympy.Expr) and side.is_number for side in (left, right)):
        return False
    sizes = [sympy.N(abs(left)), sympy.N(abs(right))]
    difference = sympy.N(abs(left - right))
    if not all(value.is_Number for value in (*sizes, difference)):
        return False
    return bool(max(sizes) < _TINY and difference > _RELATIVE_ERROR * max(sizes))
