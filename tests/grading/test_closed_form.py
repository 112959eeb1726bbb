"""Exact arithmetic against sympy, which writes the LaTeX; and the bounds of what is expanded."""

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from int_bench.grading.closed_form import Algebra
from int_bench.grading.latex import read
from int_bench.grading.spelling import normalise
from int_bench.grading.sums import TooHard

x, n = sympy.Symbol("x", positive=True), sympy.Symbol("n", positive=True)
leaves = st.integers(-9, 9).map(sympy.Integer) | st.sampled_from(
    [x, n, sympy.pi, sympy.sqrt(2), sympy.sqrt(6), sympy.root(12, 3), sympy.Rational(3, 4), 2**n, sympy.sqrt(x)]
)


def _grown(inner):
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        pairs.filter(lambda p: p[1] != 0).map(lambda p: p[0] / p[1]),
        inner.map(lambda e: e**2),
        inner.map(sympy.sin),
    )


expressions = st.recursive(leaves, _grown, max_leaves=5)


def equal(left: str, right: str) -> bool | None:
    algebra = Algebra()
    return algebra.equal(read(normalise(left), algebra), read(normalise(right), algebra))


@settings(deadline=None, max_examples=150)
@given(expressions)
def test_rewritten_expressions_are_never_different_and_others_never_equal(expression):
    assume(expression.is_finite is not False and not expression.has(sympy.zoo, sympy.nan))
    rewritten = sympy.expand(expression)
    written = [sympy.latex(e) for e in (expression, rewritten, rewritten + sympy.Rational(1, 7), -expression)]
    assert equal(written[0], written[1]) is not False
    assert equal(written[0], written[2]) is not True
    if sympy.simplify(expression) != 0:
        assert equal(written[0], written[3]) is not True


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 60)), min_size=1, max_size=4))
def test_sums_of_roots_are_decided_both_ways(terms):
    written = "+".join(rf"({a})\sqrt{{{b}}}" for a, b in terms)
    value = sum((a * sympy.sqrt(b) for a, b in terms), sympy.Integer(0))
    assert equal(written, sympy.latex(value)) is True
    assert equal(written, sympy.latex(value + sympy.sqrt(7))) is False


@pytest.mark.parametrize(
    ("left", "right", "truth"),
    [
        (r"\frac{x^2-1}{x-1}", "x+1", True),
        (r"\frac{1}{\frac1x+\frac1n}", r"\frac{xn}{x+n}", True),
        (r"\frac{R^2+Rr}{\sqrt{R^2-2Rr}}", r"\frac{R(R+r)}{\sqrt{R(R-2r)}}", True),
        (r"\sqrt{1+\frac{\sqrt{6}}{3}}", r"\sqrt{\frac{3+\sqrt6}{3}}", True),
        (r"\sqrt[3]{-8}", "-2", True),
        (r"\binom{2k}{k}^2", r"\binom{2k}{k}\binom{2k}{k}", True),
        (r"\binom{6}{2}", "15", True),
        (r"\binom{2k}{k}", r"\binom{2k}{k+1}", False),
        ("5!", "120", True),
        (r"\sin^2 2x", r"(\sin(2x))^2", True),
        (r"\sin 2x \cos x", r"\cos(x)\sin(2x)", True),
        (r"\log_{2}a", r"\frac{\ln a}{\ln 2}", True),
        (r"|-3|", "3", True),
        (r"\lfloor -2.5 \rfloor", "-3", True),
        ("10^{-20}", "10^{-30}", False),
        ("3^{1000}", "3^{1000}+1", False),
        (r"e^{\pi}", "23.1406926327792690", None),
        ("x_1 x_2", "x_2x_1", True),
        ("x_1", "x_2", False),
        ("2^2023", "2^{2023}", True),
    ],
)
def test_cases(left, right, truth):
    assert equal(left, right) is truth
    assert equal(right, left) is truth


REFUSED = [
    "2^{2^{100}}",
    "(x+1)^{65}",
    "3000!",
    r"\frac{1}{0}",
    r"\frac{1}{x-x}",
    r"\sqrt{-2}",
    r"\sqrt{" * 60 + "2" + "}" * 60,
]
REFUSED += ["x^{" * 60 + "1" + "}" * 60, r"\sqrt2.+1", r"\frac1.x", "x_"]
REFUSED += ["(2k-1)!!", "f'(x)", r"1,\ldots,5", "word", "x +* 1", "(1", "1)", "", "1 2", r"\sin x / 2", r"\sin^{-1} x"]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_too_hard_is_refused(text):
    algebra = Algebra()
    with pytest.raises(TooHard):
        read(normalise(text), algebra)


def test_work_is_bounded():
    algebra = Algebra(budget=50)
    with pytest.raises(TooHard, match="work"):
        read("(a+b+c)^9", algebra)
