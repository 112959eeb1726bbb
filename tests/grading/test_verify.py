"""What math-verify is asked, run in this process on tame input, and the known wrong grades that must not return."""

import pytest

from int_bench.grading.exact import compare_exactly
from int_bench.grading.verify import verify

EQUAL = [
    (r"\log_2 8", "3"),
    (r"\sqrt{8+4\sqrt3}", r"\sqrt6+\sqrt2"),
    (r"\pi-\arccos\frac18", r"\arccos\left(-\frac18\right)"),
    (r"\{\log_2 8, 1\}", r"\{1, 3\}"),
    ("(1, \\log_2 8]", r"(1, \frac{6}{2}]"),
    (r"\frac{2((2k-1)!!)}{2}", "(2k-1)!!"),
    (r"(0,1)\cup[1,2)", "(0,2)"),
    (r"4\sin 60^\circ", r"2\sqrt3"),
    (r"x \ne -3", r"(-\infty,-3)\cup(-3,\infty)"),
    (r"(-\infty,-3)\cup(-3,\infty)", r"x \ne -3"),
    (r"10^{-20} \log_2 8", r"3 \cdot 10^{-20}"),
]

DIFFERENT = [
    (r"\{\log_2 8\}", r"\{3, 4\}"),
    (r"\{\log_2 8, 4, 5\}", r"\{3, 4\}"),
    ("[1, \\log_2 8]", "(1, 3]"),
    (r"(\log_2 8, 1)", "(1, 3)"),
    (r"\frac{\log_2 8}{2004!}", r"\frac{3}{2006!}"),
    (r"10^{-20} \log_2 8", r"3 \cdot 10^{-30}"),
    (r"\frac{1}{0}", "1"),
    ("1", r"\frac{1}{0}"),
    ("x", "what ( does not parse"),
    (r"e^{\pi\sqrt{163}}", "640320^3+743.99999"),
    ("(2k-2)!!", "(2k-1)!!"),
    ("(2K-1)!!", "(2k-1)!!"),
    (r"\sqrt{\frac{R+r}{R+2r}}", r"\sqrt{\frac23}"),
    (r"(0,1)\cup(1,2)", "(0,2)"),
]


@pytest.mark.parametrize(("answer", "gold"), EQUAL)
def test_equal_expressions(answer, gold):
    assert compare_exactly(answer, gold) is None
    assert verify(answer, gold) == ("correct", "math_verify")


@pytest.mark.parametrize(("answer", "gold"), DIFFERENT)
def test_different_expressions(answer, gold):
    assert verify(answer, gold) == ("wrong", "math_verify")


@pytest.mark.parametrize("answer", [r"5\ldots", "5'", r"12 \mod 7", "10:30", "5_x"])
def test_what_the_parser_passes_over_is_unreadable(answer):
    assert verify(answer, "5") == ("unparsable", "math_verify")


@pytest.mark.parametrize("answer", ["@@", "*73", r"\frac{1}{", "1\0", "مرحبا", "?? \\frac{1}{2} ??"])
def test_what_does_not_parse_equals_nothing(answer):
    for gold in ("73", r"\frac{1}{2}", "@", r"\frac{2}{"):
        assert verify(answer, gold) == ("unparsable", "math_verify")
