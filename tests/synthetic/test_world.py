"""The synthetic world: texts, operations, and the ranges that problems are drawn from."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from int_bench.config import ConfigError, FamilyConfig, SyntheticProblems
from int_bench.synthetic.problems import draw_problems
from int_bench.synthetic.world import KINDS, PLAIN, REVERSED, Family, Operation, Program, draw_program, parse_program

NAMES = "abcdefghijklmnop"


@st.composite
def programs(draw: st.DrawFn) -> Program:
    count = draw(st.integers(1, 9))
    operations = tuple(
        Operation(NAMES[i + 1], NAMES[draw(st.integers(0, i))], draw(st.sampled_from(KINDS))) for i in range(count)
    )
    asked = draw(st.lists(st.sampled_from(NAMES[: count + 1]), min_size=1, max_size=4))
    return Program(NAMES[0], draw(st.integers(0, 9)), operations, tuple(asked))


def computed(text: str) -> str:
    """The answer that Python itself computes from the text."""
    *lines, question = text.splitlines()
    values: dict[str, int] = {}
    for line in lines:
        name, expression = line.split("=")
        values[name] = eval(expression, {}, values) % 10
    return ",".join(str(values[name]) for name in question.removeprefix("Find ").removesuffix(" mod 10.").split(","))


@given(programs())
def test_a_text_reads_back_as_its_program_with_the_answer_of_plain_arithmetic(program: Program):
    text = program.text()
    assert parse_program(text) == program
    assert program.answer() == computed(text)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_operation_is_one_to_one(kind: str):
    assert sorted(Operation("b", "a", kind).apply(value) for value in range(10)) == list(range(10))


def test_plain_and_reversed_kinds_are_apart():
    assert len(set(KINDS)) == len(PLAIN) + len(REVERSED)
    assert [kind for kind in KINDS if Operation("b", "a", kind).reversed] == list(REVERSED)


@pytest.mark.parametrize(
    "text",
    ["a=3", "a=3\nb=a-6", "a=3\nb=a/6\nFind b mod 10.", "a=33\nb=a-6\nFind b mod 10.", "a=3\nb=a-6\nFind b mod 9."],
)
def test_another_text_is_refused(text: str):
    with pytest.raises(ValueError, match="not a problem"):
        parse_program(text)


@given(
    st.integers(1, 8).flatmap(lambda low: st.tuples(st.just(low), st.integers(low, 9))),
    st.integers(0, 3).flatmap(lambda low: st.tuples(st.just(low), st.integers(low, 4))),
    st.integers(0, 2**32),
)
def test_a_drawn_problem_keeps_the_ranges_of_its_family(operations, misconceived, seed):
    assume(misconceived[1] <= operations[0])
    kinds = ("*7", "+5", *REVERSED)
    program = draw_program(Family(operations, misconceived, 0.3), kinds, np.random.default_rng(seed))
    assert operations[0] <= len(program.operations) <= operations[1]
    assert misconceived[0] <= sum(op.kind in kinds for op in program.operations) <= misconceived[1]
    assert program.asked == tuple(sorted([program.first, *(op.target for op in program.operations)])[-3:])


@pytest.mark.parametrize(("fan_out", "shared"), [(0.0, False), (1.0, True)])
def test_fan_out_lets_a_value_be_used_twice(fan_out: float, shared: bool):
    program = draw_program(Family((9, 9), (0, 0), fan_out), (), np.random.default_rng(0))
    parents = [op.parent for op in program.operations]
    assert (len(set(parents)) < len(parents)) is shared


def test_operations_are_of_the_kinds_that_a_family_names():
    rng = np.random.default_rng(0)
    family = Family((5, 5), (1, 1), 0.0, ("*7", "*3", "9-"))
    drawn = [draw_program(family, ("*7", *REVERSED), rng) for _ in range(30)]
    assert {op.kind for program in drawn for op in program.operations} == {"*7", "*3", "9-"}
    assert all(sum(op.kind == "*3" for op in program.operations) == 4 for program in drawn)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kinds": ("*8",)}, "kinds: no kind of operation '\\*8'"),
        ({"kinds": ("*3",), "misconceived": (0, 1)}, "none of the kinds .* is misconceived"),
        ({"kinds": ("*7",)}, "every one of the kinds .* is misconceived"),
    ],
)
def test_kinds_that_no_problem_can_be_made_of_are_named(world: SyntheticProblems, fields: dict, said: str):
    with pytest.raises(ConfigError, match=said):
        draw_problems(world, "odd", FamilyConfig(size=1, operations=(2, 2), **fields), set())


def test_problems_of_different_sets_never_share_a_text(world: SyntheticProblems):
    # The family has a hundred texts: without the check sets would overlap.
    crowded = FamilyConfig(size=45, operations=(1, 1), misconceived=(1, 1))
    taken: set[str] = set()
    one, two = (draw_problems(world, name, crowded, taken) for name in ("one", "two"))
    texts = [problem.text for problem in [*one, *two]]
    assert len(set(texts)) == len(texts) == len(taken) == 90
    assert len({problem.problem_id for problem in [*one, *two]}) == 90


def test_a_set_depends_on_its_name_and_the_worlds_seed_alone(world: SyntheticProblems):
    drawn = draw_problems(world, "pool", world.pools["tricky"], set())
    assert drawn == draw_problems(world, "pool", world.pools["tricky"], set())
    assert drawn != draw_problems(world.model_copy(update={"seed": 1}), "pool", world.pools["tricky"], set())
    assert {p.text for p in drawn}.isdisjoint(
        p.text for p in draw_problems(world, "easy", world.pools["tricky"], set())
    )


def test_a_drawn_problem_carries_its_answer_and_a_reference_that_boxes_it(problems):
    for problem in problems:
        assert problem.answer == f"({computed(problem.text)})"  # in brackets, since a bare list has no order
        assert problem.reference.endswith(f"\\boxed{{{computed(problem.text)}}}")
