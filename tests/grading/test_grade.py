"""Grading whole responses: statuses, methods, hostile answers, and what the package costs to import."""

import itertools
import subprocess
import sys
import time

import pytest

from int_bench.grading import Grade, Grader, Limits

COUNT = itertools.count(2)


@pytest.fixture(scope="module")
def grader(worker_processes):
    with Grader(Limits(seconds=2.0, characters=150_000)) as grader:
        yield grader
    assert worker_processes() == []


def assert_worker_serves(grader: Grader) -> None:
    """Check an answer that only math-verify decides, a new one each time so that the cache does not know it."""
    n = next(COUNT)
    assert grader.grade(rf"\boxed{{x+{n}}}", "stop", f"{n}+x") == Grade("correct", f"x+{n}", "math_verify")


@pytest.mark.parametrize(
    ("response", "finish_reason", "grade"),
    [
        (r"so \boxed{3,1,8}", "stop", Grade("correct", "3,1,8", "string")),
        (r"so \boxed{(3, 1, 8)}", "stop", Grade("correct", "(3, 1, 8)", "tuple")),
        (r"so \boxed{3,1,9}", "stop", Grade("wrong", "3,1,9", "tuple")),
        (r"so \boxed{3,1,9} or \boxed{3,1,8}", "stop", Grade("correct", "3,1,8", "string")),
        ("so 3,1,8", "stop", Grade("no_answer", None, "none")),
        ("so 3,1,8", "length", Grade("truncated", None, "none")),
        (r"so \boxed{3,1", "length", Grade("truncated", None, "none")),
        (r"so \boxed{3,1,8} and on and", "length", Grade("correct", "3,1,8", "string")),
        (r"<think>\boxed{3,1,8}</think> hm", "length", Grade("truncated", None, "none")),
        (r"so \boxed{}", "stop", Grade("unparsable", "", "string")),
    ],
)
def test_statuses(response, finish_reason, grade):
    with Grader() as grader:
        assert grader.grade(response, finish_reason, "3,1,8") == grade
    assert grade.correct == (grade.status == "correct")


def test_what_only_math_verify_decides(grader):
    grades = grader.grade_many(
        [
            (r"\boxed{x = 5}", "stop", "5"),
            (r"\boxed{\{1\}}", "stop", r"\{1, 2\}"),
            (r"\boxed{3,1,}", "stop", "3,1,8"),
            (r"\boxed{@@}", "stop", "@!"),
        ]
    )
    assert [grade.status for grade in grades] == ["correct", "wrong", "unparsable", "unparsable"]
    assert {grade.method for grade in grades} == {"math_verify"}


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        (TOWER := "9^{9^{9^{9}}}", {"timed_out"}),
        ("2003^{2002^{2001}}", {"timed_out", "wrong"}),
        (r"\sqrt{" * 3_000 + "2" + "}" * 3_000, {"timed_out", "unparsable"}),
        ("(" * 50_000 + "1" + ")" * 50_000, {"timed_out", "unparsable"}),
        ("1\0", {"unparsable"}),
        (r"\frac{1}{0}", {"wrong"}),
        ("مرحبا \u202e 5", {"unparsable"}),
        ("1" * 1_000_000, {"unparsable"}),
        ("\\" * 99_999 + " ", {"unparsable", "timed_out"}),
        ("import os; os.abort()", {"unparsable", "wrong"}),
    ],
    ids=lambda value: repr(value)[:20] if isinstance(value, str) else "",
)
def test_hostile_answers_end_in_time_and_harm_nothing(grader, answer, statuses):
    assert_worker_serves(grader)
    started = time.monotonic()
    grade = grader.grade(rf"\boxed{{{answer}}}", "stop", "5")
    assert time.monotonic() - started < 3.0
    assert grade.status in statuses
    assert grade.extracted == answer.strip()
    assert_worker_serves(grader)


def test_open_braces_are_no_answer(grader):
    assert grader.grade(r"\boxed" + "{" * 100_000, "stop", "5").status == "no_answer"


def test_an_answer_is_decided_once(grader):
    first = grader.grade(rf"\boxed{{{TOWER}}}", "stop", "5")
    started = time.monotonic()
    assert grader.grade(rf"again \boxed{{{TOWER}}}", "length", "5") == first
    assert time.monotonic() - started < 0.5
    assert_worker_serves(grader)


def test_importing_loads_neither_sympy_nor_torch_and_plain_answers_start_no_process():
    script = r"""
import sys, multiprocessing
from int_bench.grading import Grader
assert Grader().grade(r"\boxed{1/2}", "stop", "0.5").correct
assert not {"sympy", "torch", "math_verify", "pyarrow"} & set(sys.modules)
assert multiprocessing.active_children() == []
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
