"""Grading whole responses: statuses, hostile answers, threads and event loops, and what the package costs to import."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from int_bench.grading import Grade, Grader, Limits
from int_bench.grading.workers import WorkerError

TOWER = "9^{9^{9^{9}}}"


def integral(n: int, right: bool = True) -> tuple[str, str, str]:
    """A response that only math-verify decides."""
    return rf"so \boxed{{\int_0^{{{n}}} 2x\,dx}}", "stop", str(n * n + (not right))


@pytest.fixture
def grader(worker_processes):
    with Grader(Limits(seconds=2.0), workers=2) as grader:
        yield grader
    assert worker_processes() == []


@pytest.mark.parametrize(
    ("response", "finish_reason", "status", "extracted"),
    [
        (r"so \boxed{3,1,8}", "stop", "correct", "3,1,8"),
        (r"so \boxed{(3, 1, 8)}", "stop", "correct", "(3, 1, 8)"),
        (r"so \boxed{3,1,9}", "stop", "wrong", "3,1,9"),
        ("so 3,1,8", "stop", "no_answer", None),
        ("so 3,1,8", "length", "truncated", None),
        (r"so \boxed{3,1", "length", "truncated", None),
        (r"so \boxed{3,1,8} and on and", "length", "correct", "3,1,8"),
        (r"<think>\boxed{3,1,8}</think> hm", "length", "truncated", None),
        (r"so \boxed{}", "stop", "unparsable", ""),
    ],
)
def test_statuses(response, finish_reason, status, extracted):
    with Grader() as grader:
        grade = grader.grade(response, finish_reason, "3,1,8")
    assert (grade.status, grade.extracted) == (status, extracted)
    assert grade.correct == (grade.status == "correct")


@pytest.mark.parametrize(
    ("response", "gold", "grade"),
    [
        (r"\boxed{2} and \boxed{3}", "3, 2", Grade("correct", "2, 3", "structure")),
        (r"\boxed{2} and \boxed{2}", "3, 2", Grade("wrong", "2", "structure")),
        (r"\boxed{5}, no: \boxed{2, 3}", "3, 2", Grade("correct", "2, 3", "structure")),
        (r"\boxed{2} and \boxed{3}", "3", Grade("correct", "3", "integer")),
        (r"\boxed{2} and \boxed{3}", "(2, 3)", Grade("wrong", "3", "structure")),
    ],
)
def test_several_boxes_count_together_where_several_elements_are_asked_for(response, gold, grade):
    with Grader() as grader:
        assert grader.grade(response, "stop", gold) == grade


def test_a_box_that_was_handed_over_does_not_count():
    with Grader() as grader:
        handed_over, own = r"so \boxed{3}", " and that is it"
        assert grader.grade(handed_over + own, "stop", "3").status == "correct"
        assert grader.grade(handed_over + own, "stop", "3", len(handed_over)).status == "no_answer"


def test_what_only_math_verify_decides(grader):
    grades = grader.grade_many([integral(2), integral(2, right=False), (r"\boxed{1 +* 2}", "stop", "5")])
    assert [grade.status for grade in grades] == ["correct", "wrong", "unparsable"]
    assert {grade.method for grade in grades} == {"math_verify"}


HOSTILE = {
    "tower": (TOWER, {"timed_out"}),
    "power": ("2003^{2002^{2001}}", {"timed_out", "wrong"}),
    "roots": (r"\sqrt{" * 10_000 + "2" + "}" * 10_000, {"timed_out", "unparsable"}),
    "brackets": ("(" * 10_000 + "1" + ")" * 10_000, {"timed_out", "unparsable", "wrong"}),
    "NUL": ("1\0", {"unparsable"}),
    "division": (r"\frac{1}{0}", {"wrong"}),
    "right to left": ("مرحبا \u202e 5", {"unparsable", "wrong"}),
    "code": ("import os; os.abort()", {"unparsable", "wrong"}),
}


@pytest.mark.parametrize(("answer", "statuses"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_ends_in_time_and_harms_nothing(worker_processes, answer, statuses):
    with Grader(Limits(seconds=2.0, characters=100_000), workers=1) as grader:
        assert grader.grade(*integral(2)).correct  # the worker has started
        started = time.monotonic()
        grade = grader.grade(rf"\boxed{{{answer}}}", "stop", "5")
        # Two seconds for the worker, the rest for finding the answer and for a busy machine.
        assert time.monotonic() - started < 5.0
        assert grade.status in statuses
        assert grade.extracted == answer.strip()
        assert grader.grade(*integral(3)).correct
    assert worker_processes() == []


@pytest.mark.parametrize("answer", ["1" * 1_000_000, HOSTILE["roots"][0], HOSTILE["brackets"][0]], ids=len)
def test_a_long_answer_is_not_even_looked_at(grader, worker_processes, answer):
    assert grader.grade(rf"\boxed{{{answer}}}", "stop", "5") == Grade("unparsable", answer, "none")
    assert grader.grade(r"\boxed" + "{" * 100_000, "stop", "5") == Grade("no_answer", None, "none")
    assert worker_processes() == []


def test_many_keep_their_order_while_one_of_them_hangs(grader, worker_processes):
    rows = [integral(n, right=n % 3 > 0) for n in range(2, 60)]
    rows[1:1] = [(rf"\boxed{{{TOWER}}}", "stop", "5"), ("no box", "length", "5")]
    grades = grader.grade_many(rows)
    assert [grade.status for grade in grades[:3]] == ["correct", "timed_out", "truncated"]
    assert [grade.status for grade in grades[3:]] == ["correct" if n % 3 else "wrong" for n in range(3, 60)]
    assert [grade.extracted for grade in grades[3:]] == [rf"\int_0^{{{n}}} 2x\,dx" for n in range(3, 60)]
    assert len(worker_processes()) <= 2


def test_an_answer_is_verified_once_unless_it_was_late(grader, monkeypatch):
    asked = []
    submit = grader._workers.submit
    monkeypatch.setattr(grader._workers, "submit", lambda *texts: asked.append(texts) or submit(*texts))
    first = grader.grade_many([integral(2), integral(2), integral(3)])
    again = grader.grade_many([integral(3), integral(2), integral(2)])
    assert again == [first[2], first[1], first[0]]
    assert len(asked) == 2
    assert [grader.grade(rf"\boxed{{{TOWER}}}", "stop", "5").status for _ in range(2)] == ["timed_out"] * 2
    assert len(asked) == 4


def test_tasks_of_an_event_loop_grade_at_once_and_the_loop_goes_on(grader):
    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.create_task(tick())
        rows = [integral(n, right=n % 2 > 0) for n in range(2, 30)]
        grades = await asyncio.gather(
            asyncio.to_thread(grader.grade, rf"\boxed{{{TOWER}}}", "stop", "5"),
            *(asyncio.to_thread(grader.grade, *row) for row in rows),
        )
        ticking.cancel()
        return [grade.status for grade in grades], ticks

    statuses, ticks = asyncio.run(main())
    assert statuses == ["timed_out"] + ["correct" if n % 2 else "wrong" for n in range(2, 30)]
    assert ticks > 20  # of two hundred that two idle seconds have


def test_closing_a_busy_grader_is_quick_and_its_caller_is_told(worker_processes):
    grader = Grader(Limits(seconds=100.0), workers=2)
    ended = []

    def work():
        with pytest.raises(WorkerError, match="closed"):
            grader.grade_many([(rf"\boxed{{{TOWER}+{n}}}", "stop", "5") for n in range(100)])
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    while len(worker_processes()) < 2:
        time.sleep(0.01)
    time.sleep(0.5)
    started = time.monotonic()
    grader.close()
    thread.join()
    assert time.monotonic() - started < 2.0
    assert ended == [True]
    assert worker_processes() == []
    assert grader.grade(r"\boxed{1/2}", "stop", "0.5").correct  # which takes no worker


def test_importing_loads_neither_sympy_nor_torch_and_plain_answers_start_no_process():
    script = r"""
import sys, psutil
from int_bench.grading import Grader
assert Grader().grade(r"\boxed{1/2}", "stop", "0.5").correct
assert not {"sympy", "torch", "math_verify", "pyarrow", "pydantic"} & set(sys.modules)
assert psutil.Process().children() == []
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
