"""Where two traces of the same problem part ways."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import StepsConfig
from int_bench.explorer.divergence import (
    Candidate,
    Pair,
    candidate,
    divergence,
    normalised,
    pair_of,
    parting_of,
    ranked,
)
from int_bench.explorer.examples import Trace
from int_bench.records import Problem

STEPS = st.lists(st.sampled_from("abc"), max_size=6)
SOLUTIONS = st.lists(st.tuples(st.booleans(), STEPS), max_size=5)
SPLIT = StepsConfig()


def candidates(model: str, solutions: list[tuple[bool, list[str]]]) -> list[Candidate]:
    made = [(right, "\n\n".join(steps)) for right, steps in solutions]
    return [candidate(f"{model}/{i}", right, text, SPLIT) for i, (right, text) in enumerate(made)]


@given(STEPS, STEPS)
def test_the_place_is_the_first_difference_and_the_same_from_both_sides(one: list[str], other: list[str]):
    place = divergence(one, other)
    assert place == divergence(other, one)
    if place is None:
        shorter = min(len(one), len(other))
        assert one[:shorter] == other[:shorter]
    else:
        assert one[:place] == other[:place]
        assert one[place] != other[place]


@given(STEPS)
def test_a_trace_does_not_part_from_itself(steps: list[str]):
    assert divergence(steps, steps) is None


@given(st.text(max_size=20))
def test_white_space_and_case_make_no_other_step(step: str):
    assert normalised(f"  {step}\n\n") == normalised(step)
    assert normalised(normalised(step)) == normalised(step)


@given(SOLUTIONS, SOLUTIONS)
def test_no_pair_tells_more_than_the_one_that_is_taken(one, other):
    best = pair_of("p", candidates("base", one), candidates("int", other))
    possible = {}
    for (i, (right, a)), (j, (other_right, b)) in product(enumerate(one), enumerate(other)):
        if (place := divergence(a, b)) is not None:
            possible[f"base/{i}", f"int/{j}"] = (other_right and not right, place)
    if best is None:
        assert not possible
    else:
        assert (best.telling, best.at) == possible[best.rollouts] == max(possible.values())
        assert best.rollouts == next(pair for pair, rank in possible.items() if rank == max(possible.values()))


def test_a_wrong_and_a_right_solution_go_before_a_longer_shared_beginning():
    one = candidates("base", [(False, ["a", "b", "c"]), (True, ["a", "b", "d"])])
    other = candidates("int", [(False, ["a", "b", "e"]), (True, ["a", "x"])])
    assert pair_of("p", one, other) == Pair("p", ("base/0", "int/1"), 1, telling=True)


def test_problems_are_put_in_order_by_the_same_rule():
    one = {name: candidates("base", [(False, ["a", "b", "c"])]) for name in ("none", "late", "wrong", "early", "equal")}
    other = {
        "none": candidates("int", [(True, ["a", "b"])]),
        "late": candidates("int", [(True, ["a", "b", "d"])]),
        "wrong": candidates("int", [(False, ["a", "b", "d"])]),
        "early": candidates("int", [(True, ["d"])]),
        "equal": candidates("int", [(True, ["a", "b", "e"])]),
    }
    assert [pair.problem_id for pair in ranked(one, other, 9)] == ["late", "equal", "early", "wrong"]
    assert [pair.problem_id for pair in ranked(one, other, 2)] == ["late", "equal"]
    assert ranked(one, {}, 9) == []


@given(STEPS, STEPS)
def test_shared_steps_and_a_side_are_the_whole_solution(one: list[str], other: list[str]):
    texts = ["\n\n".join(steps) for steps in (one, other)]
    pair = pair_of("p", [candidate("r", False, texts[0], SPLIT)], [candidate("s", True, texts[1], SPLIT)])
    if pair is None:
        return
    traces = (Trace(texts[0], "wrong", None, False), Trace(texts[1], "correct", None, True))
    parting = parting_of(pair, Problem("p", "pool", "?", "1", None), ("base", "int"), traces, SPLIT)
    for text, side in zip(texts, parting.sides, strict=True):
        assert side.steps
        assert "".join(parting.shared + side.steps) == text
    assert parting.sides[0].steps[0].strip() != parting.sides[1].steps[0].strip()
