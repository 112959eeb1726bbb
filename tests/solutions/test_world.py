"""Solutions that the world writes: right in the grader's eyes, and in no form but the style's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from int_bench.config import SyntheticProblems, load
from int_bench.grading import Grader
from int_bench.records import Problem
from int_bench.solutions.world import STYLES, world_solutions
from int_bench.synthetic.problems import draw_problems
from int_bench.synthetic.student import BLANK
from int_bench.synthetic.verifier import steps_right

TINY = Path(__file__).parents[2] / "configs" / "tiny.yaml"


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    with Grader() as grader:
        yield grader


@pytest.fixture(scope="module")
def posed() -> list[Problem]:
    """Problems of the default run's tricky pool, the longest that there are among them."""
    world = load(TINY).problems
    assert isinstance(world, SyntheticProblems)
    return draw_problems(world, "tricky", world.pools["tricky"], set())


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("style", STYLES)
def test_every_solution_is_graded_as_correct(posed: list[Problem], grader: Grader, style, seed: int):
    for problem, solution in zip(posed, world_solutions(posed, style, seed), strict=True):
        assert (solution.problem_id, solution.kept) == (problem.problem_id, True)
        assert grader.grade(solution.text, "stop", problem.answer).correct
        # The only box is at the very end: of each of R1's two parts too.
        assert solution.text.count("\\boxed") == 1
        assert solution.text.split(BLANK)[-1].count("\\boxed") == 1


@pytest.mark.parametrize("style", STYLES)
def test_only_worked_solutions_are_in_the_students_form(posed: list[Problem], style):
    right = [
        steps_right(problem.text, solution.text)
        for problem, solution in zip(posed, world_solutions(posed, style, 0), strict=True)
    ]
    assert all(right) if style == "worked" else not any(right)


@pytest.mark.parametrize("style", STYLES)
def test_draws_are_a_problems_own(posed: list[Problem], style):
    whole = {row.problem_id: row for row in world_solutions(posed, style, 0)}
    assert {row.problem_id: row for row in world_solutions(posed[::-3], style, 0)}.items() <= whole.items()
    drawn = whole != {row.problem_id: row for row in world_solutions(posed, style, 1)}
    assert drawn == (style in ("explained", "think"))


def test_a_thought_doubts_in_every_way_and_takes_no_wrong_value(posed: list[Problem]):
    for solution in world_solutions(posed, "think", 0):
        blocks = solution.text.split(BLANK)
        assert blocks[0].startswith("Hmm")
        for habit in ("Wait, no:", "Hmm, is it", "Check "):
            assert any(habit in block for block in blocks[1:-1])


def test_a_wrong_value_that_is_tried_is_wrong_and_may_be_any(posed: list[Problem]):
    offsets = set()
    for solution in world_solutions(posed, "think", 0):
        for block in solution.text.split(BLANK):
            if "Wait, no:" in block:
                tried, right = (int(part.rstrip("?.")[-1]) for part in block.split(" Wait, no: "))
                offsets.add((tried - right) % 10)
    assert offsets == set(range(1, 10))


def test_a_problem_of_one_operation_can_be_written_about(grader: Grader):
    problem = Problem("p", "pool", "a=3\nb=a-6\nFind a,b mod 10.", "(3,7)", None)
    for style in STYLES:
        (solution,) = world_solutions([problem], style, 0)
        assert grader.grade(solution.text, "stop", problem.answer).correct
