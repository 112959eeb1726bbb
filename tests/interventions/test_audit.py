"""The audit counts each intervention once, and by both rules."""

import math

import numpy as np

from int_bench.interventions.audit import Audited, Share, audit
from int_bench.synthetic.student import right_step, worked_solution
from int_bench.synthetic.world import KINDS, Family, draw_program

ITEMS = [
    Audited(r"Hence \boxed{3}", "2"),
    Audited("the final answer is 0.5", r"\frac12"),
    Audited("the answer is 2", "2"),
    Audited("c=9-7=2", "2", True),
    Audited("c=9-7=2", "2", False),
    Audited("n=12 is even", "2", True),
    Audited("expand the square", "2"),
]


def test_each_kind_has_a_row_with_both_rules():
    found = audit(ITEMS)
    counted = {row.leak: (row.dropped, row.n, row.substring_drops, row.right, row.verified) for row in found.rows}
    assert counted == {
        "boxed": (True, 1, 0, 0, 0),
        "stated": (True, 2, 1, 0, 0),
        "coincides": (False, 2, 2, 1, 2),
        "none": (False, 2, 1, 1, 1),
    }
    assert (found.n, found.dropped, found.substring_drops) == (7, 3, 4)
    assert (found.false_drops, found.misses) == (Share(1, 2), Share(2, 3))
    assert found.false_drops.rate == 0.5


def test_of_nothing_no_rate_is_known():
    found = audit([])
    assert (found.n, found.false_drops.n) == (0, 0)
    assert math.isnan(found.misses.rate)


def test_in_the_synthetic_world_a_step_is_no_leak_and_a_whole_solution_is():
    rng = np.random.default_rng(0)
    programs = [draw_program(Family((3, 6), (1, 2), 0.2), KINDS[:2], rng) for _ in range(200)]
    steps = [
        Audited(right_step(operation, program.values()[operation.parent]), program.answer(), True)
        for program in programs
        for operation in program.operations
    ]
    assert {row.leak: row.n for row in audit(steps).rows if row.n} == {"none": len(steps)}
    solutions = [
        Audited(worked_solution(program).rpartition("\n\n")[0], program.answer(), True) for program in programs
    ]
    assert {row.leak: row.n for row in audit(solutions).rows if row.n} == {"stated": len(solutions)}
