"""The flawed student: misconceptions, slips, and the flawless trace."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.synthetic.student import BLANK, Student, reference_solution, worked_solution
from int_bench.synthetic.world import KINDS, REVERSED, Family, Operation, draw_program, parse_program

FLAWLESS = Student(rules={}, reads_backwards=False, slip=0.0, slip_growth=0.0, notice=0.0)
TEXT = "a=3\nb=a-6\nc=9-b\nd=c*7\nFind b,c,d mod 10."


@given(st.sampled_from(KINDS), st.integers(1, 8), st.integers(0, 9))
def test_a_wrong_rule_never_gives_the_right_value(kind: str, offset: int, value: int):
    # An offset of 9 would be right for odd inputs, where one more is added.
    student = dataclasses.replace(FLAWLESS, rules={kind: offset})
    operation = Operation("b", "a", kind)
    expression, result = student.believes(operation, value)
    assert expression == operation.write(value)
    assert result == (operation.apply(value) + offset + value % 2) % 10 != operation.apply(value)


@pytest.mark.parametrize("kind", REVERSED)
@pytest.mark.parametrize("value", range(10))
def test_a_wrong_plan_reads_an_operation_backwards(kind: str, value: int):
    operation = Operation("b", "a", kind)
    expression, result = dataclasses.replace(FLAWLESS, reads_backwards=True).believes(operation, value)
    operand = int(kind[0])
    assert (expression, result) == (f"{value}-{operand}", (value - operand) % 10)
    # x - k = k - x modulo 10 only if 2x = 2k, that is five apart or equal.
    assert (result == operation.apply(value)) is ((value - operand) % 5 == 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", range(10))
def test_what_is_no_misconception_is_believed_rightly(kind: str, value: int):
    operation = Operation("b", "a", kind)
    assert FLAWLESS.believes(operation, value) == (operation.write(value), operation.apply(value))


def test_misconceived_kinds_are_the_rules_and_the_reversed_ones(student: Student):
    assert student.misconceived_kinds == ("*7", "+5", *REVERSED)
    assert dataclasses.replace(student, reads_backwards=False).misconceived_kinds == ("*7", "+5")


@given(st.integers(0, 2**32))
def test_without_slips_and_misconceptions_a_trace_is_the_worked_solution(seed: int):
    rng = np.random.default_rng(seed)
    program = draw_program(Family((1, 9), (0, 0), 0.3), (), rng)
    assert FLAWLESS.solve(program, rng) == worked_solution(program)


def test_the_worked_solution_and_the_reference_of_a_known_problem():
    program = parse_program(TEXT)
    assert worked_solution(program) == "b=3-6=7\n\nc=9-7=2\n\nd=2*7=4\n\n\\boxed{7,2,4}"
    assert reference_solution(program) == "We get b=7, c=2, d=4, so \\boxed{7,2,4}"


def test_a_noticed_slip_is_put_right_in_the_next_step_and_goes_no_further():
    always = dataclasses.replace(FLAWLESS, slip=1.0, notice=1.0)
    program = parse_program(TEXT)
    steps = always.solve(program, np.random.default_rng(0)).split(BLANK)
    right = worked_solution(program).split(BLANK)
    assert [step.removeprefix("Wait, ") for step in steps[1:-1:2]] == right[:-1]
    assert all(step[:-1] == good[:-1] and step != good for step, good in zip(steps[:-1:2], right[:-1], strict=True))
    assert steps[-1] == right[-1]


def test_an_unnoticed_slip_is_carried_on():
    always = dataclasses.replace(FLAWLESS, slip=1.0)
    trace = always.solve(parse_program(TEXT), np.random.default_rng(0))
    b, c, d, box = trace.split(BLANK)
    assert "Wait" not in trace
    assert b[-1] != "7"
    assert c.startswith(f"c=9-{b[-1]}=")
    assert d.startswith(f"d={c[-1]}*7=")
    assert box == f"\\boxed{{{b[-1]},{c[-1]},{d[-1]}}}"


def test_slips_come_at_the_stated_rate_and_more_often_later():
    growing = dataclasses.replace(FLAWLESS, slip=0.1, slip_growth=0.1)
    rng = np.random.default_rng(0)
    slips = np.zeros(4)
    for _ in range(3000):
        program = draw_program(Family((4, 4), (0, 0), 0.0), (), rng)
        for t, step in enumerate(growing.solve(program, rng).split(BLANK)[:-1]):
            _, expression, value = step.split("=")
            slips[t] += eval(expression) % 10 != int(value)
    np.testing.assert_allclose(slips / 3000, [0.1, 0.2, 0.3, 0.4], atol=0.035)  # four standard deviations
