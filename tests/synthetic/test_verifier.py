"""The exact verifier on traces written by hand, and on single corruptions of flawless ones."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.synthetic.student import BLANK, Student, worked_solution
from int_bench.synthetic.verifier import Error, all_steps_right, first_error, steps_before_error, steps_right
from int_bench.synthetic.world import Family, draw_program, parse_program

# True values: a=3, b=7, c=2, d=4.
TEXT = "a=3\nb=a-6\nc=9-b\nd=c*7\nFind b,c,d mod 10."
PROGRAM = parse_program(TEXT)
STUDENT = Student(rules={"*7": 2, "+5": 6}, reads_backwards=True, slip=0.0, slip_growth=0.0, notice=0.0)


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        pytest.param(["b=3-6=7", "c=9-7=2", "d=2*7=4", r"\boxed{7,2,4}"], None, id="flawless"),
        pytest.param(["b=7", "c=2", "d=4", r"So \boxed{7, 2, 4}"], None, id="terse and flawless"),
        pytest.param(
            ["b=3-6=5", "Wait, b=3-6=7", "c=9-7=2", "d=2*7=4", r"\boxed{7,2,4}"], None, id="recovered, then flawless"
        ),
        pytest.param(
            ["b=3-6=5", "Wait, b=3-6=7", "c=9-7=3", "d=3*7=1", r"\boxed{7,3,1}"],
            Error(2, "EXECUTION", "c=9-7=2"),
            id="a recovered error is skipped",
        ),
        pytest.param(
            ["b=3-6=7", "c=7-9=8", "d=8*7=6", r"\boxed{7,8,6}"], Error(1, "HIGH", "c=9-7=2"), id="reversed misreading"
        ),
        # 2*7 = 4, and the wrong rule adds 2 to it for an even input.
        pytest.param(["b=3-6=7", "c=9-7=2", "d=2*7=6", r"\boxed{7,2,6}"], Error(2, "HIGH", "d=2*7=4"), id="wrong rule"),
        pytest.param(
            ["b=3-6=7", "c=9-7=2", "d=2*7=5", r"\boxed{7,2,5}"],
            Error(2, "EXECUTION", "d=2*7=4"),
            id="slip at a misconceived kind",
        ),
        pytest.param(
            ["b=3-6=8", "c=9-8=1", "d=1*7=7", r"\boxed{8,1,7}"],
            Error(0, "EXECUTION", "b=3-6=7"),
            id="slip whose consequences follow",
        ),
        pytest.param(
            ["b=3-6=7", "c=9-8=1", "d=1*7=7", r"\boxed{7,1,7}"],
            Error(1, "EXECUTION", "c=9-7=2"),
            id="a value misread from the step before",
        ),
        pytest.param(
            ["b=3-6=7", "let me think", "c=9-7=2", "d=2*7=4", r"\boxed{7,2,4}"],
            Error(1, "EXECUTION", "c=9-7=2"),
            id="a step that cannot be read",
        ),
        pytest.param(["b=3-6=7", "d=2*7=4", r"\boxed{7,2,4}"], Error(1, "EXECUTION", "c=9-7=2"), id="a step left out"),
        pytest.param(
            ["b=3-6=7", "c=9-7=2", r"\boxed{7,2,4}"], Error(2, "EXECUTION", "d=2*7=4"), id="the last step left out"
        ),
        pytest.param(["b=3-6=7", "c=9-7=2"], None, id="cut off before the end"),
        pytest.param(
            ["b=3-6=7", "z=1+1=2", "c=9-7=2"], Error(1, "EXECUTION", "c=9-7=2"), id="a variable that does not exist"
        ),
        pytest.param(
            ["b=3-6=7", "c=9-7=2", "d=2*7=4", r"\boxed{7,2,5}"],
            Error(3, "EXECUTION", None),
            id="only the answer is wrong",
        ),
        pytest.param(["b=3-6=7", "c=9-7=2", "d=2*7=4"], None, id="no answer at all"),
        pytest.param(
            ["b=3-6=7", "Wait, b=3-6=5", "c=9-5=4"],
            Error(1, "EXECUTION", "b=3-6=7"),
            id="a right value that is taken back",
        ),
    ],
)
def test_first_error_of_a_trace_written_by_hand(steps: list[str], error: Error | None):
    assert first_error(PROGRAM, steps, STUDENT) == error


def test_white_space_after_a_step_does_not_matter():
    steps = ["b=3-6=7\n\n", "c=7-9=8\n\n", "d=8*7=6\n\n", r"\boxed{7,8,6}"]
    assert first_error(PROGRAM, steps, STUDENT) == Error(1, "HIGH", "c=9-7=2")


def test_a_misconception_that_this_student_does_not_hold_is_an_execution_error():
    careful = dataclasses.replace(STUDENT, rules={}, reads_backwards=False)
    assert first_error(PROGRAM, ["b=3-6=7", "c=7-9=8"], careful) == Error(1, "EXECUTION", "c=9-7=2")


def test_an_empty_trace_has_no_step_at_fault():
    assert first_error(PROGRAM, [], STUDENT) is None


@given(st.integers(0, 2**32), st.data())
def test_one_corrupted_step_is_found_exactly_there(seed: int, data: st.DataObject):
    rng = np.random.default_rng(seed)
    program = draw_program(Family((1, 9), (0, 2), 0.3), STUDENT.misconceived_kinds, rng)
    at = data.draw(st.integers(0, len(program.operations) - 1))
    offset = data.draw(st.integers(1, 9))
    values, steps = {program.first: program.constant}, []
    for i, operation in enumerate(program.operations):
        held = values[operation.parent]
        values[operation.target] = (operation.apply(held) + (offset if i == at else 0)) % 10
        steps.append(f"{operation.target}={operation.write(held)}={values[operation.target]}")
    steps.append(f"\\boxed{{{','.join(str(values[name]) for name in program.asked)}}}")
    error = first_error(program, steps, STUDENT)
    assert error is not None
    assert (error.location, error.correction) == (at, worked_solution(program).split(BLANK)[at])
    assert not all_steps_right(program, steps)
    assert steps_before_error(program, steps) == at / len(program.operations)
    corrected = [*steps[: at + 1], *worked_solution(program).split(BLANK)[at:]]
    assert steps_before_error(program, corrected) == 1.0
    right = worked_solution(program).split(BLANK)
    for junk in ("let me think", r"\boxed{0}", "z=1+1=2"):  # nothing after what is no step counts
        assert steps_before_error(program, [*right[:at], junk, *right[at:]]) == at / len(program.operations)


@given(st.integers(0, 2**32))
def test_a_misconception_alone_is_found_where_it_first_shows(seed: int):
    rng = np.random.default_rng(seed)
    program = draw_program(Family((3, 9), (1, 1), 0.0), STUDENT.misconceived_kinds, rng)
    (at,) = [i for i, op in enumerate(program.operations) if op.kind in STUDENT.misconceived_kinds]
    error = first_error(program, STUDENT.solve(program, rng).split(BLANK), STUDENT)
    operation = program.operations[at]
    value = program.values()[operation.parent]
    if STUDENT.believes(operation, value)[1] == operation.apply(value):
        assert error is None  # the wrong plan happens to give the right value
    else:
        assert error is not None
        assert (error.location, error.category) == (at, "HIGH")


@given(st.integers(0, 2**32))
def test_a_worked_solution_is_flawless(seed: int):
    program = draw_program(Family((1, 9), (0, 2), 0.3), STUDENT.misconceived_kinds, np.random.default_rng(seed))
    trace = worked_solution(program)
    assert first_error(program, trace.split(BLANK), STUDENT) is None
    assert steps_right(program.text(), trace)


@pytest.mark.parametrize(
    ("trace", "right"),
    [
        ("b=3-6=7\n\nc=9-7=2\n\nd=2*7=4\n\n\\boxed{7,2,4}", True),
        ("b=3-6=5\n\nWait, b=3-6=7\n\nc=9-7=2\n\nd=2*7=4\n\n\\boxed{7,2,4}", True),
        ("b=3-6=7\n\nc=9-7=2\n\nd=2*7=4\n\n\\boxed{9,9,9}", True),  # the steps, not the answer
        ("b=3-6=7\n\nc=9-7=2\n\n\\boxed{7,2,4}", False),
        ("b=3-6=7\n\nc=9-7=3\n\nd=2*7=4\n\n\\boxed{7,2,4}", False),
        ("b=3-6=7\n\nhm\n\nc=9-7=2\n\nd=2*7=4\n\n\\boxed{7,2,4}", False),
        ("", False),
    ],
)
def test_whether_all_steps_are_right(trace: str, right: bool):
    assert steps_right(TEXT, trace) is right
