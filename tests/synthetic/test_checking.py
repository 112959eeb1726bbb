"""The student as a verifier: with everything known it is the exact verifier, with less it trusts its own beliefs."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.synthetic.checking import checks, known_values, verify
from int_bench.synthetic.student import BLANK, Student
from int_bench.synthetic.verifier import first_error
from int_bench.synthetic.world import Family, draw_program, parse_program

# True values: a=3, b=7, c=2, d=4, e=6; the student believes c=7-9=8.
PROGRAM = parse_program("a=3\nb=a-6\nc=9-b\nd=c*7\ne=d+2\nFind c,d,e mod 10.")
STUDENT = Student(rules={"*7": 2, "+5": 6}, reads_backwards=True, slip=0.0, slip_growth=0.0, notice=0.0)
CARELESS = dataclasses.replace(STUDENT, slip=0.3, notice=0.5)
seeds = st.integers(0, 2**32)


def found(steps: list[str], mode: str) -> tuple[int, str, str] | None:
    fault = verify(STUDENT, PROGRAM, steps, known_values(PROGRAM, mode))
    return fault and (fault.location, fault.correction, fault.category)


@given(seeds)
def test_with_all_values_known_it_agrees_with_the_exact_verifier(seed: int):
    rng = np.random.default_rng(seed)
    program = draw_program(Family((2, 9), (0, 2), 0.2), STUDENT.misconceived_kinds, rng)
    steps = CARELESS.solve(program, rng).split(BLANK)
    fault = verify(CARELESS, program, steps, known_values(program, "solution"))
    error = first_error(program, steps, CARELESS)
    assert (fault is None) == (error is None)
    if fault and error:
        assert (fault.location, fault.correction, fault.category) == (error.location, error.correction, error.category)


@given(seeds)
def test_with_nothing_known_it_finds_no_misconception(seed: int):
    rng = np.random.default_rng(seed)
    program = draw_program(Family((2, 9), (0, 2), 0.2), STUDENT.misconceived_kinds, rng)
    steps = STUDENT.solve(program, rng).split(BLANK)
    assert verify(STUDENT, program, steps, {}) is None


MISREAD = ["b=3-6=7", "c=7-9=8", "d=8*7=8", "e=8+2=0", r"\boxed{8,8,0}"]
EARLY_SLIP = ["b=3-6=5", "c=5-9=6", "d=6*7=4", "e=4+2=6", r"\boxed{6,4,6}"]


@pytest.mark.parametrize(
    ("steps", "mode", "fault"),
    [
        pytest.param(MISREAD, "solution", (1, "c=9-7=2", "HIGH"), id="a misconception against the reference"),
        pytest.param(MISREAD, "answer", (1, "c=9-7=2", "HIGH"), id="a misconception in a variable asked for"),
        pytest.param(MISREAD, "nothing", None, id="a misconception that nothing contradicts"),
        pytest.param(EARLY_SLIP, "solution", (0, "b=3-6=7", "EXECUTION"), id="a slip against the reference"),
        pytest.param(EARLY_SLIP, "nothing", (0, "b=3-6=7", "EXECUTION"), id="a slip against its own belief"),
        pytest.param(
            ["b=3-6=5", "Wait, b=3-6=7", *MISREAD[1:]],
            "solution",
            (2, "c=9-7=2", "HIGH"),
            id="a recovered slip is passed over",
        ),
        pytest.param(
            ["b=3-6=7", "c=7-9=5", "Wait, c=7-9=8", *MISREAD[2:]],
            "solution",
            (1, "c=9-7=2", "EXECUTION"),
            id="a slip mended by a misconception is not mended",
        ),
        pytest.param(
            ["b=3-6=7", "c=7-9=5", "Wait, c=7-9=8", *MISREAD[2:]],
            "nothing",
            None,
            id="unless nothing says that it is one",
        ),
        pytest.param(["b=3-6=7", "c=9-7=2", "d=2*7=4", "e=4+2=6", r"\boxed{2,4,6}"], "solution", None, id="flawless"),
    ],
)
def test_what_is_found_in_an_attempt(steps: list[str], mode: str, fault):
    assert found(steps, mode) == fault


def test_with_the_answer_alone_the_fault_is_where_the_wrong_value_shows():
    # The misread c is not asked for, so that the student trusts it; d is found to be wrong instead.
    program = dataclasses.replace(PROGRAM, asked=("d", "e"))
    fault = verify(STUDENT, program, MISREAD, known_values(program, "answer"))
    assert fault is not None
    assert (fault.location, fault.correction) == (2, "d=8*7=4")


def test_each_step_up_to_the_fault_gets_a_verdict():
    steps = ["b=3-6=5", "Wait, b=3-6=7", *MISREAD[1:]]
    made = checks(STUDENT, PROGRAM, steps, known_values(PROGRAM, "solution"))
    assert [(check.name, check.value, check.verdict) for check in made] == [
        ("b", 7, "mended"),
        ("b", 7, "ok"),
        ("c", 2, "no"),
    ]
