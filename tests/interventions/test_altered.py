"""Altered oracles: where the step goes, what stands in it, and that its record says so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from int_bench.config import StepsConfig, load
from int_bench.config.oracles import Shift
from int_bench.interventions.oracles.altered import GENERIC, Altered, moved
from int_bench.interventions.oracles.base import Case, Proposal
from int_bench.interventions.oracles.choose import oracle_of
from int_bench.interventions.oracles.exact import Exact, Noisy
from int_bench.interventions.propose import Attempt, propose_interventions
from int_bench.layout import Layout
from int_bench.reads import reads_digest
from int_bench.records import Intervention, Problem
from int_bench.synthetic.problems import student_of
from int_bench.synthetic.student import BLANK
from int_bench.synthetic.world import parse_program

# True values: a=3, b=7, c=2, d=6, e=9, f=3. The attempt reads c=9-b backwards.
PROBLEM = Problem("p0", "pool", "a=3\nb=a-6\nc=9-b\nd=c*3\ne=d+3\nf=e+4\nFind d,e,f mod 10.", "6,9,3", None)
ATTEMPT = "b=3-6=7\n\nc=7-9=8\n\nd=8*3=4\n\ne=4+3=7\n\nf=7+4=1\n\n\\boxed{4,7,1}"
OTHER = Problem("p1", "pool", "a=4\nb=a-6\nc=9-b\nd=c*3\nFind b,c,d mod 10.", "8,1,3", None)
OTHERS = ["b=4-6=8\n\nc=8-9=9\n\nd=9*3=7\n\n\\boxed{8,9,7}", "b=4-6=9\n\nc=9-9=0\n\nd=0*3=0\n\n\\boxed{9,0,0}"]


ONE = ((PROBLEM, 0, ATTEMPT),)


def records(oracle, student, placement="replace", shown: Sequence[tuple[Problem, int, str]] = ONE, seed: int = 0):
    chosen = [(problem, i, Attempt(problem.problem_id, f"r{i}", text)) for problem, i, text in shown]
    return propose_interventions(chosen, oracle, placement, StepsConfig(), student, seed)


def altered(student, place=None, content=None, placement="replace") -> Intervention:
    (record,) = records(Altered(Exact(student, placement), place, content), student, placement)
    return record


@pytest.mark.parametrize(
    ("place", "location"),
    [
        (Shift(steps=-5), 0),
        (Shift(steps=-1), 0),
        (Shift(steps=0), 1),
        (Shift(steps=1), 2),
        # Past the last step it stands at the answer.
        (Shift(steps=5), 5),
        (Shift(share=0.2), 2),
        (Shift(share=0.5), 4),
        (Shift(share=-0.2), 0),
        ("first", 0),
    ],
    ids=str,
)
def test_the_same_step_stands_elsewhere(student, place, location: int):
    record = altered(student, place=place)
    assert (record.status, record.location, record.content) == ("proposed", location, "c=9-7=2")
    assert record.prefix == record.before == "".join(f"{step}\n\n" for step in ATTEMPT.split(BLANK)[:location])
    # The truth is about the attempt and about the step, wherever it was put.
    assert (record.truth_location, record.content_right) == (1, True)


@given(st.integers(-9, 9), st.floats(-1, 1), st.integers(1, 12), st.data())
def test_a_moved_step_stays_in_the_attempt(steps: int, share: float, of: int, data: st.DataObject):
    location = data.draw(st.integers(0, of - 1))
    place = moved(Shift(steps=steps, share=share), location, of, np.random.default_rng(0))
    assert 0 <= place < of
    if steps * share >= 0:
        assert (place - location) * (steps or share) >= 0


def test_a_random_place_is_any_step_of_the_attempt():
    rng = np.random.default_rng(0)
    drawn = [moved("random", 1, 6, rng) for _ in range(3000)]
    assert chisquare(np.bincount(drawn, minlength=6)).pvalue > 1e-3


@pytest.mark.parametrize(
    ("content", "written", "right"),
    [
        ("generic", GENERIC, False),
        ("bare", "c=2", True),
        ("double", "b=3-6=7\n\nc=9-7=2", True),
        ("sketch", "c=9-7=2\n\nd=2*3=6\n\ne=6+3=9", True),
        ("original", "c=7-9=8", False),
    ],
)
def test_what_stands_in_the_step(student, content: str, written: str, right: bool):
    record = altered(student, content=content)
    assert (record.status, record.location, record.content) == ("proposed", 1, written)
    assert (record.content_right, record.truth_location, record.leak) == (right, 1, "none")


@pytest.mark.parametrize(
    ("content", "written"),
    [("bare", "Wait, c=2"), ("double", "b=3-6=7\n\nWait, c=9-7=2"), ("sketch", "Wait, c=9-7=2\n\nd=2*3=6\n\ne=6+3=9")],
)
def test_a_step_that_repairs_is_altered_alike(student, content: str, written: str):
    record = altered(student, content=content, placement="repair")
    assert (record.content, record.content_right) == (written, True)
    assert record.prefix == "b=3-6=7\n\nc=7-9=8\n\n"


def test_a_wrong_content_differs_in_its_value_alone(student):
    oracle = Altered(Exact(student, "replace"), None, "wrong")
    found = [row for seed in range(200) for row in records(oracle, student, seed=seed)]
    assert {row.content for row in found} == {f"c=9-7={value}" for value in range(10) if value != 2}
    assert {row.content_right for row in found} == {False}
    assert records(oracle, student, seed=7) == found[7:8]


@pytest.mark.parametrize(("place", "content"), [("random", None), (None, "wrong")])
def test_what_repeats_another_is_altered_as_it_is(student, place, content):
    oracle = Altered(Exact(student, "replace"), place, content)
    later = ATTEMPT.replace("d=8*3=4", "d=8*3=5")
    other = ATTEMPT.replace("c=7-9=8", "c=7-9=7")
    shown = [(PROBLEM, i, text) for i, text in enumerate([ATTEMPT, ATTEMPT, later, other])]
    found = [
        [(row.location, row.content) for row in records(oracle, student, shown=shown, seed=seed)] for seed in range(20)
    ]
    assert all(first == second == third for first, second, third, _ in found)
    # Others are drawn on their own.
    assert any(first != last for first, _, _, last in found)


def test_tokens_of_the_lengths(student, tokenizer):
    texts = [altered(student, content=content).content for content in ("bare", None, "double")]
    assert [len(tokenizer(text)["input_ids"]) for text in texts] == [3, 7, 15]


def test_a_content_is_swapped_with_the_next_problem(student):
    shown = [(PROBLEM, 0, ATTEMPT), (OTHER, 0, OTHERS[0]), (OTHER, 1, OTHERS[1]), (PROBLEM, 1, ATTEMPT)]
    exact, found = (
        records(oracle, student, shown=shown)
        for oracle in (Exact(student, "replace"), Altered(Exact(student, "replace"), None, "swapped"))
    )
    assert [row.content for row in exact] == ["c=9-7=2", "c=9-8=1", "b=4-6=8", "c=9-7=2"]
    assert [row.content for row in found] == ["c=9-8=1", "c=9-7=2", "c=9-7=2", "b=4-6=8"]
    assert [row.location for row in found] == [row.location for row in exact] == [1, 1, 0, 1]
    # The verifier judges what is written for the problem that it is now written for.
    assert [row.content_right for row in found] == [False, False, False, False]


def test_without_another_problem_nothing_is_swapped(student):
    assert altered(student, content="swapped").status == "no_other"


def test_a_step_that_gives_the_answer_away_is_none(student):
    gives = Problem("p0", "pool", PROBLEM.text, "2", None)
    (record,) = records(Altered(Exact(student, "replace"), None, "bare"), student, shown=[(gives, 0, ATTEMPT)])
    assert record.leak == "coincides"
    # The last step is missing, and the answer stands in its place.
    boxed = "b=3-6=7\n\nc=9-7=2\n\nd=2*3=6\n\ne=6+3=9\n\n\\boxed{6,9,0}"
    (record,) = records(Altered(Exact(student, "replace"), None, "original"), student, shown=[(PROBLEM, 0, boxed)])
    assert (record.status, record.content) == ("boxed_answer", "\\boxed{6,9,0}")


def test_a_sketch_is_right_and_never_the_whole_answer(student, problems):
    rng = np.random.default_rng(0)
    shown = [(row, i, student.solve(parse_program(row.text), rng)) for row in problems for i in range(20)]
    found = records(Altered(Exact(student, "replace"), None, "sketch"), student, shown=shown)
    sketches = [row for row in found if row.status != "no_error" and row.content]
    assert len(sketches) > 50
    assert {row.status for row in sketches} == {"proposed"}
    assert all(row.content_right for row in sketches)
    texts = {row.problem_id: row.text for row in problems}
    for row in sketches:
        names = [operation.target for operation in parse_program(texts[row.problem_id]).operations]
        first, *others = [step[0] for step in row.content.split(BLANK)]
        assert others == names[names.index(first) + 1 : -1]


def test_what_says_nothing_of_a_step_stays_as_it_is(student):
    rng = np.random.default_rng(0)

    class Fixed(Exact):
        def propose(self, problem, steps, number, rng):
            return [Proposal("no_error"), Proposal("proposed", -1, None, "x")][number]

    cases = [Case(PROBLEM, i, "r", tuple(ATTEMPT.split(BLANK)), rng) for i in range(2)]
    found = Altered(Fixed(student, "replace"), "first", "wrong").ask(cases)
    assert found == [[Proposal("no_error")], [Proposal("proposed", -1, None, "x")]]


def test_altering_does_not_change_what_the_other_oracle_draws(student):
    noisy = Noisy(Exact(student, "replace"), 0.5, 0.5)
    shown = [(PROBLEM, i, ATTEMPT) for i in range(40)]
    own, moved_on = (records(oracle, student, shown=shown) for oracle in (noisy, Altered(noisy, Shift(steps=1), None)))
    assert [row.content for row in moved_on] == [row.content for row in own]
    assert [row.location for row in moved_on] == [min(row.location + 1, 5) for row in own]


def test_a_configuration_names_whose_steps_are_altered():
    said = {"kind": "altered", "of": "random", "content": "bare"}
    altered = {"usual": {"kind": "altered", "place": "first"}, "said": said}
    config = load("configs/smoke.yaml", {"oracles": altered})
    exact = Exact(student_of(config.problems.student), "replace")
    assert [config.asked_oracle(name) for name in ("usual", "said", "self")] == ["noisy", "random", "self"]
    with oracle_of(config, Layout("smoke"), "usual") as found:
        assert found == Altered(Noisy(exact, 0.2, 0.2), "first", None)
    # What the other oracle says decides what is altered.
    other = load("configs/smoke.yaml", {"oracles": {**altered, "noisy": {"wrong_place": 0.9}}})
    for name, same in (("usual", False), ("said", True)):
        digests = {reads_digest("interventions", run, name) for run in (config, other)}
        assert (len(digests) == 1) is same
