r"""Which interventions give the answer away: by hand, by property, and by the clock."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.grading.exact import compare_exactly
from int_bench.interventions.leakage import leak_of, substring_rule
from tests.grading.test_exact import EQUAL

STATED = [
    ("So the answer is 7.", "7"),
    ("Therefore, the final answer is $7$.", "7"),
    (r"so we get the final answer $\frac12$", "0.5"),
    ("Answer: 42", "42"),
    ("**Answer:** 42", "42"),
    ("**Final Answer**\n\n$42$", "42"),
    ("### Final answer\n42", "42"),
    ("Final Answer: The final answer is $42$. I hope it is correct.", "42"),
    ("The value we want is 12.", "12"),
    ("The sum we were asked for is therefore $12$.", "12"),
    ("The number that we are looking for equals 12", "12"),
    ("Hence the desired probability is $\\tfrac{3}{8}$.", "0.375"),
    ("The requested remainder is 5.", "5"),
    ("The required value of $m+n$ is $3+4=7$.", "7"),
    ("The answer to the problem is then $n = 7$.", "7"),
    ("The answer should be 7, not 8.", "7"),
    ("the correct answer must be $-3$", "-3"),
    ("This gives an answer of 7", "7"),
    ("Then $x = 7$ is the answer.", "7"),
    ("Adding up, we find $3+4 = 7$, which is our final answer.", "7"),
    ("So 7 is what we were asked to find.", "7"),
    ("This leaves 21, the answer.", "21"),
    ("The problem asks for $m + n = 7$.", "7"),
    ("The answer is the number of pairs, which is 7.", "7"),
    ("The answer turns out to be 7!", "7"),
    ("Since $x > 3$, 7 is the answer", "7"),
    ("The solution to the problem is $(2,3)$.", "(2, 3)"),
    ("the final answer is \\(\\frac{\\sqrt{3}}{2}\\)", r"\sqrt{3}/2"),
    ("The answer is 3 + 4.", "7"),
    ("The answer is 11,010,049.", "11010049"),
    ("The answer is 11{,}010{,}049", "11010049"),
    ("The answer is 50\\%.", r"\frac{1}{2}"),
    ("The answer is 50 percent.", r"\frac{1}{2}"),
    ("The answer is 7 square centimetres.", "7"),
    ("The answer is $7\\text{ cm}$.", "7"),
    ("The answer is \\$12.", "12"),
    (r"The answer is $\dfrac{2\pi}{4}$.", r"\pi/2"),
    (r"The answer is $45^\circ$.", "45"),
    (r"The answer is $\left( 7,\, 2,\, 4 \right)$.", "7,2,4"),
    ("The answer is 7,2,4", "7,2,4"),
    ("The answers are 3 and 2.", r"\{2, 3\}"),
    ("The answers are $x = 3$ and $x = 2$.", "2, 3"),
    (r"The answer is $x > 3$.", r"(3, \infty)"),
    (r"The answer is $[-1, 2)$.", r"[-1,2)"),
    (r"So the answer is \[ 2^{2n} \]", "4^n"),
    ("The answer is even, since both are odd.", r"\text{even}"),
    ("The answer is (C).", "C"),
    ("7", "7"),
    ("$$\\frac{14}{2}$$", "7"),
    ("So b=7, c=2, d=4.", "7,2,4"),
    ("b=3-6=7\n\nc=9-7=2\n\nd=2*7=4", "7,2,4"),
    ("We have $(b, c, d) = (7, 2, 4)$.", "7,2,4"),
    ("Then b,c,d = 7,2,4", "7,2,4"),
    ("Ans: 7", "7"),
    ("The minimum value is $1/3$. This is the value we were asked to find.", "1/3"),
    ("the answer, as computed above, is 9", "9"),
    ("The pairs are ordered, so 15 is doubled to give 30, and that will be our answer.", "30"),
    ("Thus $m = 7$ and $n = 2$, and the requested sum $m+n$ equals $9$.", "9"),
    ("So the answer is $9$ and not $8$.", "9"),
    ("the answer in terms of $n$ is $2^n - 1$", "2^n-1"),
    ("The answer is 7^2.", "49"),
    ("The final answer is x² + 1", "x^2+1"),
    ("The final answer is 2√3", r"2\sqrt{3}"),
    ("The final answer is $5.50.", "5.5"),
    ("Set a=1, b=2, c=3 and compare.", "(1,2,3)"),
]
COINCIDES = [
    ("so that $36 - 7 - 2 - 10 = 17 = x$", "17"),
    (r"Thus $\mathbf{v} = \begin{pmatrix} 1 \\ 2 \end{pmatrix}$.", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    (r"She paid $\$70 - \$60 = \$10$ more.", "10"),
    (r"\begin{align*} 2x &= 6 \\ x &= 3. \end{align*}", "3"),
    ("The price is $2. The rest is $6.", "2"),
    ("c=9-7=2", "2"),
    ("Wait, c=9-7=2", "2"),
    ("So $x^2 - 4x + 16 = 12$.", "12"),
    ("Therefore $n \\ge 2$.", "2"),
    ("Hence $x \\equiv 2 \\pmod{7}$, as $7$ is prime.", "2"),
    ("The sum of the roots is 7.", "7"),
    ("In total there are exactly $12$ such pairs.", "12"),
    (r"Dividing both sides by 2 gives $\frac{1}{2}$.", "0.5"),
    ("Thus\n\\[\n12\n\\]", "12"),
    (r"Hence $\sin\theta = \frac{\sqrt3}{2}$ and not $\frac12$.", r"\frac{\sqrt{3}}{2}"),
    (r"The value $\frac{\sqrt3}{2}$ follows from the triangle.", r"\frac{\sqrt{3}}{2}"),
    ("With 11010049 in hand, reduce modulo 9.", "11010049"),
    ("The number $11{,}010{,}049 = 3317 \\cdot 3319 + 26$", "11010049"),
    ("The point (2, 3) lies on the line.", "(2,3)"),
    ("Then x=2 and y=3.", "(2,3)"),
    (r"so that $-1 < x \le 4$", "(-1,4]"),
    ("The answer is not 7 times the area; $3 + 4 = 7$.", "7"),
    ("The answer depends on whether $n = 7$.", "7"),
]
NONE = [
    ("Since 2 divides n, n is even.", "2"),
    ("Since $2$ divides $n$, it is even.", "2"),
    ("n=12 is even", "2"),
    ("The term is $x^2$.", "2"),
    ("We get $2x$ and $a_2$.", "2"),
    ("so that it is $2x$", "2"),
    ("Step 2: expand the square.", "2"),
    ("1. Expand.\n2. Collect the terms.", "2"),
    ("By equation (2) and case 2 the 2nd 2-digit number is larger.", "2"),
    ("Steps 1, 2, and 3 were right.", "1,2,3"),
    ("This is line 11010049 of the table", "11010049"),
    ("The answer is not 7.", "7"),
    ("The answer is at least 7", "7"),
    ("So the answer is $9$ and not $8$.", "8"),
    ("Thus $n = 7$. The answer, then, is 8.", "2"),
    ("Let's recheck steps 3-4 and (5).", "4"),
    ("Then $n^2 \\equiv 1 \\pmod 8$, so $8 \\mid n^2-1$.", "8"),
    ("It remains to compute $f(2024)$, with $f(n) = n^2 + 1$.", "2024"),
    (r"Hence $c^2 = 9 + 16 - 12 = 13$.", r"\sqrt{13}"),
    ("Since the problem asks for the answer modulo 1000, we need the last 3 digits.", "3"),
    ("the ratio is 3:2", "3"),
    ("The answer cannot be 7.", "7"),
    ("We were asked for 7 terms", "7"),
    ("The answer is $\\sqrt{7}$.", "7"),
    (r"$\sum_{i=1}^{7} i = 28$", "1"),
    ("$P(X = 7)$ is small", "7"),
    ("the set of 7 elements", "7"),
    ("x = -7", "7"),
    ("a=7, b=2, c=5, d=4", "7,2,4"),
    ("The answer is divisible by 7.", "7"),
    ("The answer is 7 times the area of the small square.", "7"),
    ("The answer is 7 more than the average.", "7"),
    ("The answer is $7n$.", "7"),
    ("The answer is 7/12.", "7"),
    ("The answer is 2 or 3.", "2"),
    ("To answer 2 of the questions, look at the parity.", "2"),
    ("Multiplying by 2 gives the answer.", "2"),
    ("For n = 2k, the answer is 5.", "2"),
    ("Dividing by 2, the answer is 21.", "2"),
    ("The required number of steps is 9, and 2 of them are free.", "2"),
    ("The root is $x \\ne 2$", "2"),
    ("The solutions are 2 and 3.", "2"),
    ("2 = n - 1 > 0", "2"),
    ("The sum is 7 plus the rest.", "7"),
    ("The pair is $(7, 2)$", "7"),
    ("c=9-7=2", "7,2,4"),
    ("Wait, b=3-6=7", "7,2,4"),
    ("b=7, c=2, d=5", "7,2,4"),
    ("b=7 and c=2", "7,2,4"),
    ("The answer is a fraction in lowest terms.", r"\frac12"),
    ("The final answer will be an integer.", "7"),
    ("The answer is odd.", "even"),
    (r"Let $\frac12 ab$ be the area.", "0.5"),
    ("$\\sqrt{2}$ is irrational", "2"),
    ("", "2"),
]
BOXED = [
    r"Hence \boxed{3}.",
    r"\fbox{x}",
    r"$\boxed{\frac{1}{2}}$",
    r"\boxed {7",
    r"We write \boxed for the answer",
]


@pytest.mark.parametrize(("content", "answer"), STATED)
def test_stated(content, answer):
    assert leak_of(content, answer) == "stated"


@pytest.mark.parametrize(("content", "answer"), COINCIDES)
def test_coincides(content, answer):
    assert leak_of(content, answer) == "coincides"


@pytest.mark.parametrize(("content", "answer"), NONE)
def test_none(content, answer):
    assert leak_of(content, answer) == "none"


@pytest.mark.parametrize("content", BOXED)
def test_any_box_is_a_leak(content):
    assert leak_of(content, "2") == "boxed"


@pytest.mark.parametrize(("form", "answer"), [pair[:2] for pair in EQUAL] + [pair[1::-1] for pair in EQUAL])
def test_an_answer_is_known_in_all_its_forms(form, answer):
    for content in (
        f"The final answer is {form}",
        f"So we have it. Final answer:\n\n{form}",
        f"Hence the answer is {form}.",
    ):
        assert leak_of(content, answer) == "stated", content


SMALL = st.integers(0, 99)
WORDS = st.sampled_from(["divides", "steps of", "is a factor and", "of these pairs", "primes"])


@given(
    SMALL,
    st.integers(1, 9),
    st.sampled_from(["{0}{1}", "{1}{0}", "{0}.{1}", "x^{{{0}}}", "x^{0}", "a_{0}", "{0}x", "p{0}"]),
)
def test_an_answer_within_something_longer_is_none(value, digit, frame):
    inner = frame.format(value, digit)
    for content in (
        f"We look at {inner} first",
        f"so that it is {inner}.",
        f"${inner}$",
        f"y = {inner}",
        f"The answer is ${inner}$",
    ):
        equal = compare_exactly(inner, str(value)) == ("correct", "integer")  # "07" is 7
        assert equal or leak_of(content, str(value)) == "none", content


@given(
    st.integers(1, 10_000),
    st.lists(st.integers(1, 10_000), max_size=3),
    st.sampled_from(["Step", "Steps", "Case", "line"]),
)
def test_numbers_of_steps_are_none(value, others, label):
    numbers = ", ".join(map(str, [value, *others]))
    assert leak_of(f"{label} {numbers}: expand. As in {label.lower()} ({value}).", str(value)) == "none"


@given(st.integers(1, 20))
def test_a_numbered_list_is_none(value):
    assert leak_of("\n".join(f"{i}. Expand the square." for i in range(1, 21)), str(value)) == "none"


@given(SMALL, WORDS)
def test_a_small_answer_in_passing_is_none(value, words):
    assert leak_of(f"Since {value} {words} n, we go on", str(value)) == "none"
    assert leak_of(f"Since ${value}$ {words} $n$, we go on", str(value)) == "none"


@given(
    st.fractions(max_denominator=999),
    st.sampled_from([r"\frac{{{0}}}{{{1}}}", r"\dfrac{{{0}}}{{{1}}}", "{0}/{1}", "({0})/({1})"]),
)
def test_a_fraction_is_known_in_all_its_forms(value, frame):
    form = frame.format(2 * value.numerator, 2 * value.denominator)
    assert leak_of(f"Then the answer is ${form}$.", str(value)) == "stated"
    assert leak_of(f"Then $y = {form}$.", str(value)) == "coincides"
    assert leak_of(f"Then $y = {form}$, so the answer follows.", str(value + 1)) == "none"


@given(st.integers(-(10**12), 10**12))
def test_a_number_is_known_with_its_thousands_marked(value):
    assert leak_of(f"Therefore the answer is {value:,}.", str(value)) == "stated"


@given(st.lists(st.integers(-99, 99), min_size=2, max_size=4))
def test_a_tuple_is_known_and_its_parts_are_not(values):
    answer = f"({','.join(map(str, values))})"
    assert leak_of(f"The answer is $({', '.join(map(str, values))})$.", answer) == "stated"
    assert leak_of(f"The answer is $({', '.join(map(str, values[:-1]))}, {values[-1] + 1})$.", answer) == "none"
    assert all(leak_of(f"c={value}", answer) == "none" for value in values)


@given(st.text(max_size=60), st.sampled_from(["2", r"\frac12", "(7,2,4)", "x+1", r"\{1,2\}", "even", "", "1,234"]))
def test_any_text_has_a_kind(content, answer):
    assert leak_of(content, answer) in ("none", "boxed", "stated", "coincides")


@given(st.text(alphabet="$\\{}[]()=,. 2ax^_b", max_size=80))
def test_any_broken_formula_has_a_kind(content):
    assert leak_of(content, "2") in ("none", "boxed", "stated", "coincides")


@pytest.mark.parametrize(
    "piece", ["$", r"\[", "(", "{", "the answer ", "desired sum ", "2 ", "= ", r"\text{", "1,", "**", "value we want "]
)
def test_long_texts_take_no_longer_than_they_should(piece):
    start = time.process_time()
    leak_of(piece * (20_000 // len(piece)), "2")
    assert time.process_time() - start < 10


def test_the_rule_of_the_authors_deletes_too_much_and_misses_other_forms():
    assert substring_rule("n=12 is even", "2")
    assert not substring_rule("The answer is 0.5.", r"\frac12")


def test_two_thousand_contents_take_seconds():
    contents = [
        rf"Since ${n}$ is odd, $x_{n}^2 = {n} \cdot {n + 1} - {n}$, so $x_{n} = \frac{{{n}}}{{2}}$. Step {n}: we get "
        rf"the sum $\sum_{{i=1}}^{{{n}}} i = \frac{{{n}({n} + 1)}}{{2}}$, which is {n * (n + 1) // 2}, and go on."
        for n in range(2_000)
    ]
    start = time.process_time()
    kinds = [leak_of(content, str(n)) for n, content in enumerate(contents)]
    assert time.process_time() - start < 20
    assert set(kinds) == {"none", "coincides"}
