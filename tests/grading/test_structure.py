"""How answers are taken apart: what is a tuple, a list, a unit, a name, a condition."""

import pytest

from int_bench.grading.spelling import normalise, plain_words
from int_bench.grading.structure import Leaf, Named, Ordered, Unordered, Words, read_answer


def leaves(*texts):
    return tuple(Leaf(text) for text in texts)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("5", Leaf("5")),
        ("(5)", Leaf("5")),
        ("(a+5)(b+2)", Leaf("(a+5)(b+2)")),
        ("(1,2)", Ordered("(", ")", leaves("1", "2"))),
        ("[0,1)", Ordered("[", ")", leaves("0", "1"))),
        ("1, 2 and 3", Unordered("list", leaves("1", "2", "3"))),
        (r"\{1, 2\}", Unordered("set", leaves("1", "2"))),
        (r"\{x : x^2 > 1\}", Leaf(r"\{x:x^2>1\}")),
        (r"(0,1) \cup \{2\}", Unordered("union", (Ordered("(", ")", leaves("0", "1")), Unordered("set", leaves("2"))))),
        ("0 < c < 1", Named("c", (), Ordered("(", ")", leaves("0", "1")))),
        ("3 \\ge x", Named("x", (), Ordered("(", "]", leaves(r"-\infty", "3")))),
        ("(p,q) = (3,2)", Named("(p,q)", (), Ordered("(", ")", leaves("3", "2")))),
        ("x = 10/2 = 5", Named("x", (), Leaf("5"))),
        ("f(x,y)=x+y, where $x>0$", Named("f", ("x", "y"), Leaf("x+y"))),
        ("x^2 for some integer $x$", Leaf("x^2")),
        (r"5\text{ cm}^2", Leaf("5", "centimeter^2")),
        (r"5\text{ m}", Leaf("5", "meter")),
        ("5.4 cents", Leaf("5.4", "cent")),
        (r"15 \text{ square inches}", Leaf("15", "inch^2")),
        (r"115^{\circ}", Leaf("115", "degree")),
        (r"12.5\%", Leaf("12.5", percent=True)),
        ("4210_{5}", Leaf("4210", "base 5")),
        (r"\text{Evelyn}", Words("evelyn")),
        ("odd $n$", Words("odd n")),
        ("1 if triangle is isosceles, otherwise 2", Words("1 if triangle is isosceles otherwise 2")),
        (r"2 \text{ if } n \text{ is even}", Words("2 if n is even")),
        (r"\pm 3", Unordered("list", leaves("+3", "-3"))),
    ],
)
def test_readings(text, answer):
    assert read_answer(text) == (answer,)


def test_a_comma_may_group_thousands_where_no_space_follows():
    assert len(read_answer("1,234")) == 2
    assert read_answer(r"11,\! 111") == read_answer("11{,}111") == (Leaf("11111"),)
    assert read_answer("10,080") == (Leaf("10080"),)
    assert len(read_answer("1, 234")) == 1
    assert len(read_answer("(1,234)")) == 1
    assert read_answer("1 234 567") == (Leaf("1234567"),)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (r" $\left( \dfrac12,\, x \right)$. ", r"(\frac12,x)"),
        (r"\[ 5 \times 3 \]", r"5\cdot 3"),
        ("3 \u2264 x", r"3\le x"),
        (r"45^\circ", r"45\degree"),
        (r"\mathrm{e}^x", "e^x"),
        (r"10,\!080", "10080"),
        (r"a \\ b", r"a\\b"),
    ],
)
def test_spelling(text, spelled):
    assert normalise(text) == spelled
    assert normalise(spelled) == spelled


def test_words_are_unmarked():
    assert plain_words(normalise(r"5\text{cm}")) == "5 cm"
