"""What math-verify is asked, run in this process on tame input, and the known wrong grades that must not return."""

import pytest

from int_bench.grading.verify import verify


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        (r"\frac{\sqrt{2}}{2}", r"\frac{1}{\sqrt2}"),
        ("(x+1)^2", "x^2+2x+1"),
        (r"\{2, 1\}", r"\{1, 2\}"),
        (r"1331 \text{ and } 1728", r"\{1331, 1728\}"),
        ("x = 5", "5"),
        (r"90^\circ", "90"),
        (r"5\text{ cm}", "5"),
        (r"(3,\infty)\cup(-\infty,2)", r"(-\infty,2)\cup(3,\infty)"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "\\begin{pmatrix}\n1 \\\\\n2\n\\end{pmatrix}"),
        ("2^{10}", "1024"),
        (r"10^{-20} \cdot 2", r"2 \cdot 10^{-20}"),
    ],
)
def test_equal_expressions(answer, gold):
    assert verify(answer, gold) == ("correct", "math_verify")


@pytest.mark.parametrize(
    ("answer", "gold"),
    [
        (r"\{1\}", r"\{1, 2\}"),
        (r"\{1, 2, 3\}", r"\{1, 2\}"),
        ("1728", "1331 and 1728"),
        ("x = 1", "x = 1, y = 2"),
        ("(1, 2]", "[1, 2]"),
        (r"\frac{1}{2004!}", r"\frac{1}{2006!}"),
        ("10^{-20}", "10^{-30}"),
        (r"\frac{1}{0}", "1"),
        ("1", r"\frac{1}{0}"),
        ("y = 5", "x = 5"),
        (r"\pi", "3.14159"),
        ("the answer is 5", "5"),
        (r"\text{yes}", r"\text{no}"),
        ("x", "what ( does not parse"),
    ],
)
def test_different_expressions(answer, gold):
    assert verify(answer, gold) == ("wrong", "math_verify")


@pytest.mark.parametrize("answer", ["", "@@", "**73**", r"\frac{1}{", "1\0", "مرحبا", "?? \\frac{1}{2} ??", "3,1,"])
def test_what_does_not_parse_equals_nothing_not_even_itself(answer):
    for gold in ("73", r"\frac{1}{2}", "@@", answer):
        assert verify(answer, gold) == ("unparsable", "math_verify")
