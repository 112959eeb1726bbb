"""The other graders: what each finds, and that they keep to the same limits."""

import pytest

from int_bench.errors import UserError
from int_bench.grading.graders import OTHERS, grader_names, open_grader

ROWS = {
    "verbatim": (r"so \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    "spelling": (r"so \boxed{ \dfrac{1}{2}\, }", r"\frac{1}{2}"),
    "value": (r"so \boxed{0.5}", r"\frac{1}{2}"),
    "no box": (r"so it is $\frac{1}{2}$", r"\frac{1}{2}"),
    "subset": (r"so \boxed{\{1, 2\}}", r"\{1, 2, 3\}"),
    "nothing": ("I give up", r"\frac{1}{2}"),
}
FOUND = {
    "int-bench": "correct correct correct no_answer wrong no_answer",
    "strict-box": "correct wrong wrong no_answer wrong no_answer",
    "string-match": "correct correct wrong no_answer wrong no_answer",
    "math-verify": "correct correct correct correct wrong no_answer",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_each_grader_finds(name, worker_processes):
    with open_grader(name) as grade_many:
        grades = grade_many((response, "stop", gold) for response, gold in ROWS.values())
    assert {row: grade.status for row, grade in zip(ROWS, grades, strict=True)} == dict(
        zip(ROWS, FOUND[name].split(), strict=True)
    )
    assert worker_processes() == []


def test_every_grader_is_named_and_tested():
    assert grader_names() == list(FOUND) == ["int-bench", *OTHERS]


@pytest.mark.parametrize("name", FOUND)
def test_a_response_cut_off_before_its_answer_is_truncated(name):
    with open_grader(name) as grade_many:
        (grade,) = grade_many([("I think that", "length", "5")])
    assert (grade.status, grade.extracted) == ("truncated", None)


def test_a_grader_that_hangs_is_late_and_goes_on():
    # Alone, math-verify runs into its own limit or into ours, whichever is first.
    with open_grader("math-verify") as grade_many:
        late, after = grade_many([(r"\boxed{9^{9^{9^{9}}}}", "stop", "5"), (r"\boxed{\frac{2}{4}}", "stop", "0.5")])
    assert late.status in ("timed_out", "wrong", "no_answer")
    assert (after.status, after.extracted, after.method) == ("correct", r"\frac{2}{4}", "math_verify")


def test_an_unknown_name_is_refused_with_those_there_are():
    with (
        pytest.raises(UserError, match="no grader 'mathverify'; there are int-bench, strict-box"),
        open_grader("mathverify"),
    ):
        pass
