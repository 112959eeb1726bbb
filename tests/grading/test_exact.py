"""The exact paths: what they decide, what they leave alone, and that neither side is privileged."""

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from int_bench.grading.exact import compare_exactly

EQUAL = [
    (r" $\left( x,\, y \right)$. ", "(x,y)", "string"),
    (r"\text{Evelyn}", "Evelyn", "string"),
    (r"\dfrac{\pi}{2}", r"\tfrac{\pi}{2}", "string"),
    ("073", "73", "integer"),
    ("\u22125", "-5.0", "integer"),
    ("+5.0", "5", "integer"),
    ("4/2", "2", "integer"),
    ("2^3", "8", "integer"),
    ("12,345", "12345", "string"),
    (r"12{,}345", "12345", "string"),
    (r"12\,345", "12345", "string"),
    (r"11,\! 111,\! 100", "11111100", "string"),
    ("7" * 399, "0" + "7" * 399, "integer"),
    (r"\frac{1}{2}", "0.5", "rational"),
    (r"\dfrac12", "1/2", "rational"),
    (r"-\frac{-2}{4}", ".5", "rational"),
    (r"\frac{-1}{2}", r"-\frac{1}{2}", "rational"),
    (r"1\frac{4}{5}", "1.8", "rational"),
    ("137 1/2", r"137\frac12", "rational"),
    (r"\frac{16\sqrt{3}}{9}", r"\frac{16}{3\sqrt3}", "closed_form"),
    (r"\sqrt[4]{\frac{64}{27}}", r"\frac{2\sqrt{2}}{\sqrt[4]{27}}", "closed_form"),
    (r"\frac{1+\sqrt5}{2}", r"\frac{2}{\sqrt5-1}", "closed_form"),
    ("4^n", "2^{2n}", "closed_form"),
    ("2^{n-1}", r"\frac{2^n}{2}", "closed_form"),
    ("(a+5)(b+2)", "ab+2a+5b+10", "closed_form"),
    (r"\lfloor \frac{a+2}{2} \rfloor + 1", r"1+\left\lfloor\frac{2+a}{2}\right\rfloor", "closed_form"),
    ("3,1,8", "(3, 1, 8)", "structure"),
    (r"\left(\frac12, 3\right)", "0.5, 3", "structure"),
    ("1,234", "(1, 234)", "structure"),
    ("8, 1, 3", "3, 8 and 1", "structure"),
    (r"2 \text{ or } 3", r"\{3, 2\}", "structure"),
    (r"\{1, 1, 2\}", r"\{2, 1\}", "structure"),
    (r"1 \pm \sqrt{19}", r"1-\sqrt{19}, 1+\sqrt{19}", "structure"),
    ("(3, 4]", "3 < x \\le 4", "structure"),
    (r"x \in [-2,7]", "[-2, 7]", "structure"),
    (r"x \ge -\frac65", r"[-1.2, \infty)", "structure"),
    (r"(2,\infty) \cup (-\infty,1)", r"(-\infty,1)\cup(2,+\infty)", "structure"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", "\\begin{bmatrix}\n1 \\\\\n2\n\\end{bmatrix}", "structure"),
    (r"\begin{pmatrix}1&0\\0&1\end{pmatrix}", r"\begin{pmatrix}1&0\\0&2/2\end{pmatrix}", "structure"),
    ("x=5", "5", "string"),
    ("f(x)=x+1", "f(t) = 1 + t", "closed_form"),
    ("P(x)=-1, P(x)=x+1", "P(x)=x+1, P(x)=-1", "structure"),
    ("y = 2x+3", "2x - y + 3 = 0", "structure"),
    ("5x-7y+4=0", "10x - 14y = -8", "structure"),
    (r"90^\circ", "90", "string"),
    (r"5\text{ cm}", "5", "string"),
    ("15 cm^2", r"15\mbox{ square cm}", "string"),
    (r"\$32,\!348", "32348", "string"),
    ("50%", r"\frac12", "rational"),
    ("50%", "50", "integer"),
    ("52_8", "52_{8}", "string"),
    (r"\text{(C)}", "C", "closed_form"),
    ("Even", r"\text{even}", "structure"),
    (r"2x^2+c \text{ where } c \text{ is real}", "2x^{2}+c", "closed_form"),
    (r"n = 2^k, k \ge 0", "2^k", "string"),
    (r"f(x) = x,\ \forall x \in \mathbb{R}", "f(x)=x", "string"),
    (r"2^k\ (k\ge0)", "n=2^k", "string"),
    (r"\{x : x > 0\}", r"(0, \infty)", "structure"),
    (r"\text{(B) } 12", "12", "string"),
    (r"\text{Area} = 12", "12", "string"),
    ("a+b = 5", "5", "string"),
    ("|AB| = 5", "5", "string"),
    ("4 = n", "4", "string"),
    ("5, 3", "x=5, y=3", "structure"),
    ("5 percent", "0.05", "rational"),
    (r"x=1 \quad y=2", "x=1, y=2", "structure"),
    ("997,008, 995,026", "997008, 995026", "structure"),
    ("x = 1,234", "1234", "string"),
    (r"\{1\pm\sqrt5,-2\}", r"\{1+\sqrt5,1-\sqrt5,-2\}", "structure"),
    (r"\sqrt{\frac yz}", r"\frac{\sqrt{yz}}{z}", "closed_form"),
    (r"12\,\mathrm{m}", "12", "string"),
    (r"{2k \choose k}", r"\binom{2k}{k}", "string"),
    (r"2\sqrt{3} \approx 3.46", r"2\sqrt3", "closed_form"),
    (r"\left[\begin{array}{c}1\\[4pt]2\end{array}\right]", r"\begin{pmatrix}1\\2\end{pmatrix}", "structure"),
    ("(52)_8", "52_8", "string"),
]

DIFFERENT = [
    ("6", "5"),
    ("5", "-5"),
    ("0.333333", r"\frac{1}{3}"),
    ("3,8,1", "(3,1,8)"),
    ("(3,8,1)", "(3,1,8)"),
    ("3,1", "3,1,8"),
    ("3,1,8,8", "(3,1,8)"),
    ("3", "3,1,8"),
    ("318", "3,1,8"),
    ("(1,234)", "1234"),
    (r"\{1\}", r"\{1, 2\}"),
    ("1", r"\{1, 2\}"),
    (r"\{1, 2, 3\}", r"\{1, 2\}"),
    (r"\{1, 2\}", "(1, 2)"),
    ("[1, 2]", "(1, 2)"),
    ("[1, 2)", "(1, 2]"),
    ("(2, 1)", "(1, 2)"),
    ("((1,2),3)", "1,2,3"),
    (r"\frac{1}{2004!}", r"\frac{1}{2006!}"),
    ("2^{2019}-2020", "2^{2019}-2021"),
    (r"\frac{16\sqrt{3}}{9}", r"\frac{16\sqrt{2}}{9}"),
    (r"\pi - \arccos\frac18", r"\pi - \arccos\frac17"),
    ("n!", "(n-1)!"),
    ("f(x)=x+1", "f(x)=x+2"),
    ("x=5", "y=5"),
    ("x", "X"),
    ("x", "y"),
    (r"\pi", "3.14159"),
    ("50%", "5"),
    ("0.5%", "50%"),
    ("5 cm", "5 mm"),
    ("52_8", "52_9"),
    ("odd", "even"),
    ("no solutions", "0"),
    ("2 if n is even", "2"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1\\3\end{pmatrix}"),
    ("5x-7y+4=0", "5x-7y+4=1"),
    ("all numbers $4k-3$", "all numbers $4k+3$"),
    (r"\cos 1", r"\cos 1^\circ"),
    ("7, 47", "[7, 47]"),
    ("3, 4", "(3, 4]"),
    (r"6+9\text{i}", "15"),
    (r"5\text{ million}", "5"),
    (r"n \ge 2 \text{ prime}", r"n \ge 2"),
    (r"5\text{ for } n \text{ even}, 7 \text{ for } n \text{ odd}", "5"),
    (r"x=1 \quad y=2", "2"),
    (r"\text{BCA}", r"\text{ABC}"),
    (r"80,10", r"10,\!080"),
    ("(y,x)=(1,2)", "(x,y)=(1,2)"),
    ("Q(x)=x, P(x)=1", "P(x)=x, Q(x)=1"),
    ("n=1", r"n=1, n \ge 3"),
    ("0", "5x-7y+4=0"),
    ("3", "3a^2-b^2=3"),
    ("x+3=8", "8"),
    ("2=7", "7"),
    ("1, 2", "1, 1, 2"),
    ("1, 2, 2", "1, 1, 2"),
    ("3, 5", "x=5, y=3"),
    ("3 fourths", "3"),
    ("5 negative", "5"),
    ("2^k", "2^k, 3^k"),
]

UNDECIDED = [
    (r"\log_2 8", "3"),
    (r"\sqrt{8+4\sqrt3}", r"\sqrt6+\sqrt2"),
    (r"\pi-\arccos\frac18", r"\arccos(-\frac18)"),
    (r"\cos n\pi", "(-1)^n"),
    ("i^2", "-1"),
    (r"\sqrt{x^2}", "x"),
    ("9^{9^{9^{9}}}", "5"),
    (r"\frac{1}{0}", "1"),
    (r"\sin x/2", r"\frac{\sin x}{2}"),
    ("1 2", "12"),
    ("1_000", "1000"),
    ("٣", "3"),
    ("7" * 401, "7"),
    ("x +* 1", "x +* 2"),
    (r"(0,1)\cup[1,2)", "(0,2)"),
    (r"\{x : x^2 > 1\}", "(0, 1)"),
    (r"2\sin 30^\circ", "1"),
    (r"5\ldots", "5"),
]


@pytest.mark.parametrize(("answer", "gold", "method"), EQUAL)
def test_equal_values(answer, gold, method):
    assert compare_exactly(answer, gold) == compare_exactly(gold, answer) == ("correct", method)


@pytest.mark.parametrize(("answer", "gold"), DIFFERENT)
def test_different_values_are_wrong(answer, gold):
    findings = compare_exactly(answer, gold), compare_exactly(gold, answer)
    assert [finding and finding[0] for finding in findings] == ["wrong", "wrong"]


@pytest.mark.parametrize(("answer", "gold"), UNDECIDED)
def test_the_rest_is_left_undecided(answer, gold):
    assert compare_exactly(answer, gold) is None
    assert compare_exactly(gold, answer) is None


@pytest.mark.parametrize("empty", ["", "  ", "$ $", r"\,", "."])
def test_nothing_is_no_answer_even_where_gold_is_nothing(empty):
    assert compare_exactly(empty, "5") == compare_exactly(empty, empty) == ("unparsable", "string")


numbers = st.one_of(
    st.fractions(max_denominator=50).map(lambda q: f"{q.numerator}/{q.denominator}"),
    st.fractions(max_denominator=50).map(lambda q: rf"\dfrac{{{q.numerator}}}{{{q.denominator}}}"),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda d: f"{d:f}"),
    st.integers().map(str),
    st.sampled_from(["x", r"\pi", r"\sqrt{2}", "2^n", r"\infty", "5%", "5 cm", r"\text{odd}", "x=5", r"\log_2 8"]),
)
answers = st.recursive(
    numbers,
    lambda inner: st.lists(inner, min_size=2, max_size=3).flatmap(
        lambda items: st.sampled_from(["{}", "({})", "[{})", r"\{{{}\}}"]).map(
            lambda form: form.format(", ".join(items))
        )
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(answers, answers)
def test_equality_is_symmetric_and_reflexive(left, right):
    findings = compare_exactly(left, right), compare_exactly(right, left)
    assert (findings[0] and findings[0][0]) == (findings[1] and findings[1][0])
    assert compare_exactly(left, left)[0] == "correct"


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=6, unique=True), st.data())
def test_a_list_has_no_order_a_tuple_has_and_neither_lacks_an_element(values, data):
    shuffled = data.draw(st.permutations(values))
    gold, answer = (", ".join(map(str, items)) for items in (values, shuffled))
    assert compare_exactly(answer, gold)[0] == "correct"
    assert compare_exactly(answer, f"({gold})")[0] == ("correct" if shuffled == values else "wrong")
    assert compare_exactly(", ".join(map(str, shuffled[1:])), gold)[0] == "wrong"


@settings(deadline=None)
@given(st.fractions(-30, 30, max_denominator=12), st.fractions(-30, 30, max_denominator=12))
def test_the_verdict_is_that_of_the_fractions(left: Fraction, right: Fraction):
    finding = compare_exactly(rf"\frac{{{left.numerator}}}{{{left.denominator}}}", str(right))
    assert finding is not None
    assert finding[0] == ("correct" if left == right else "wrong")


pieces = [
    "1",
    "23",
    ".",
    ",",
    "x",
    "n",
    "+",
    "-",
    "*",
    "/",
    "^",
    "_",
    "!",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "=",
    "<",
    " ",
]
pieces += [
    r"\frac",
    r"\sqrt",
    r"\sin",
    r"\log",
    r"\binom",
    r"\pi",
    r"\infty",
    r"\pm",
    r"\cup",
    r"\in",
    r"\{",
    r"\}",
    r"\\",
]
pieces += [
    r"\text{",
    r"\lfloor",
    r"\rfloor",
    r"\begin{pmatrix}",
    r"\end{pmatrix}",
    "&",
    " and ",
    "where",
    "cm",
    "'",
    "\0",
    "é",
]


@settings(deadline=None, max_examples=500)
@given(*[st.lists(st.sampled_from(pieces), max_size=15).map("".join)] * 2)
def test_no_text_breaks_it_and_neither_side_is_privileged(left, right):
    findings = compare_exactly(left, right), compare_exactly(right, left)
    if findings[0] and findings[1] and "unparsable" not in (findings[0][0], findings[1][0]):
        assert findings[0][0] == findings[1][0]


HOSTILE = ["$", "\\", " ", r"\text{", r"\frac1", "{,}", "1,", "123,", "(", "9", r"\,", "a", "\\{", "x^", "9!", r"\sqrt"]


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_time_is_bounded(unit):
    started = time.perf_counter()
    compare_exactly((unit * 2_000)[:2_000] + "x", unit * 1_999)
    compare_exactly("+".join([f"(a+b+{unit})^9"] * 150), "5")
    assert time.perf_counter() - started < 2.0
