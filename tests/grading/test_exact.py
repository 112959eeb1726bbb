"""The exact paths: what they decide, what they leave alone, and that neither side is privileged."""

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from int_bench.grading.exact import compare_exactly, normalise


@pytest.mark.parametrize(
    ("answer", "gold", "method"),
    [
        (r" $\left( x,\, y \right)$. ", "(x,y)", "string"),
        (r"\text{Evelyn}", "Evelyn", "string"),
        (r"\dfrac{\pi}{2}", r"\tfrac{\pi}{2}", "string"),
        ("073", "73", "integer"),
        ("\u22125", "-5.0", "integer"),
        ("+5.0", "5", "integer"),
        ("(5)", "5", "integer"),
        ("4/2", "2", "integer"),
        ("12,345", "12345", "integer"),
        (r"12{,}345", "12345", "integer"),
        (r"12\,345", "12345", "integer"),
        (r"11,\! 111,\! 100", "11111100", "integer"),
        ("7" * 399, "0" + "7" * 399, "integer"),
        (r"\frac{1}{2}", "0.5", "rational"),
        (r"\dfrac12", "1/2", "rational"),
        (r"-\frac{-2}{4}", ".5", "rational"),
        (r"\frac{-1}{2}", r"-\frac{1}{2}", "rational"),
        ("-2/4", "-0.50", "rational"),
        ("3,1,8", "(3, 1, 8)", "tuple"),
        (r"\left(\frac12, 3\right)", "0.5, 3", "tuple"),
        ("1,234", "(1, 234)", "tuple"),
    ],
)
def test_equal_values(answer, gold, method):
    assert compare_exactly(answer, gold) == compare_exactly(gold, answer) == ("correct", method)


@pytest.mark.parametrize(
    ("answer", "gold", "method"),
    [
        ("6", "5", "integer"),
        ("5", "-5", "integer"),
        ("0.333333", r"\frac{1}{3}", "rational"),
        ("3,8,1", "3,1,8", "tuple"),
        ("3,1", "3,1,8", "tuple"),
        ("3,1,8,8", "3,1,8", "tuple"),
        ("3", "3,1,8", "tuple"),
        ("318", "3,1,8", "tuple"),
        ("(1,234)", "1234", "tuple"),
    ],
)
def test_different_values_are_wrong(answer, gold, method):
    assert compare_exactly(answer, gold) == compare_exactly(gold, answer) == ("wrong", method)


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        ("2^3", "8"),
        ("x", "y"),
        ("1 2", "12"),
        (r"\{1, 2\}", "1, 2"),
        ("[1, 2]", "(1, 2)"),
        ("3,1,", "3,1,8"),
        ("((1,2),3)", "1,2,3"),
        (r"\frac{1}{0}", "1"),
        ("1/0", "1"),
        ("1e3", "1000"),
        ("1_000", "1000"),
        ("٣", "3"),
        ("5%", "5"),
        (r"5\$", r"5\%"),
        ("7" * 401, "7"),
        (r"a \\ , b", r"a \\, c"),
        ("x", "X"),
    ],
)
def test_the_rest_is_left_undecided(answer, gold):
    assert compare_exactly(answer, gold) is None
    assert compare_exactly(gold, answer) is None


@pytest.mark.parametrize("empty", ["", "  ", "$ $", r"\,", "."])
def test_nothing_is_no_answer_even_where_gold_is_nothing(empty):
    assert compare_exactly(empty, "5") == compare_exactly(empty, empty) == ("unparsable", "string")


spellings = st.one_of(
    st.fractions(max_denominator=50).map(lambda q: f"{q.numerator}/{q.denominator}"),
    st.fractions(max_denominator=50).map(lambda q: rf"\dfrac{{{q.numerator}}}{{{q.denominator}}}"),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda d: f"{d:f}"),
    st.integers().map(str),
    st.lists(st.integers(-9, 9).map(str), min_size=2, max_size=4).map(", ".join),
)


@settings(deadline=None)
@given(spellings, spellings)
def test_the_order_of_the_sides_does_not_matter(left, right):
    assert compare_exactly(left, right) == compare_exactly(right, left)


@settings(deadline=None)
@given(st.fractions(-30, 30, max_denominator=12), st.fractions(-30, 30, max_denominator=12))
def test_the_verdict_is_that_of_the_fractions(left: Fraction, right: Fraction):
    finding = compare_exactly(rf"\frac{{{left.numerator}}}{{{left.denominator}}}", str(right))
    assert finding is not None
    assert finding[0] == ("correct" if left == right else "wrong")


@settings(deadline=None)
@given(st.text(alphabet=r"\$(){}frac dtext,.;12 ~" + "\u2212", max_size=30))
def test_normalising_keeps_all_digits_and_adds_none(text):
    assert [c for c in normalise(text) if c.isdigit()] == [c for c in text if c.isdigit()]


@pytest.mark.parametrize("unit", ["$", "\\", " ", r"\text{", r"\frac1", "{,}", "1,", "123,", "(", "9", r"\,"], ids=repr)
def test_time_is_linear(unit):
    started = time.perf_counter()
    compare_exactly(unit * 30_000 + "x", unit * 29_999)
    assert time.perf_counter() - started < 2.0
