"""Interventions laid out as examples."""

from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import StepsConfig
from int_bench.explorer.examples import UNLABELLED, Example, Trace, drawn, example_of
from int_bench.interventions.oracles.base import Proposal
from int_bench.interventions.propose import record_of
from int_bench.interventions.steps import split_steps
from int_bench.records import Problem, Selection

PROBLEM, SELECTION = Problem("p", "pool", "?", "1", None), Selection("i", "p", 0, 0, False, "too_few_correct")
STEPS = StepsConfig()
TEXTS = st.lists(st.sampled_from(["b=1", "\n\n", " ", "$x$", "\n", "Wait, c=2"]), max_size=15).map("".join)


def example(text: str, place: int | None, placement="replace") -> Example:
    record = record_of("i", PROBLEM, "r", split_steps(text, STEPS), Proposal("proposed", place, None, "z"), placement)
    return example_of("exact", record, SELECTION, PROBLEM, Trace(text, "wrong", None, False), None, [], STEPS)


@given(TEXTS, st.none() | st.integers(0, 12), st.sampled_from(["replace", "repair"]))
def test_shared_context_and_wrong_path_are_the_attempt(text: str, place: int | None, placement):
    made = example(text, place, placement)
    joined = "".join(made.shared + made.wrong)
    assert text.endswith(joined)
    assert not text.removesuffix(joined).strip()
    assert "".join(made.shared) == made.record.before
    assert "".join((made.shared + made.wrong)[: len(made.shared) + made.repaired]) == made.record.prefix


def test_the_step_at_fault_begins_the_wrong_path():
    made = example("a=1\n\nb=2\n\nc=3", 1)
    assert (made.shared, made.wrong, made.repaired) == (("a=1\n\n",), ("b=2\n\n", "c=3"), 0)
    assert example("a=1\n\nb=2\n\nc=3", 1, "repair").repaired == 1
    assert example("a=1\n\nb=2", None).wrong == ("a=1\n\n", "b=2")
    assert made.category == UNLABELLED
    assert made.fragment == "exact/i"


def test_what_follows_the_intervention_is_split_into_steps():
    guided = Trace("d=4\n\n\\boxed{4}", "correct", "4", True)
    record = example("a=1\n\nb=2", 1).record
    made = example_of("exact", record, SELECTION, PROBLEM, Trace("a=1\n\nb=2", "wrong", "2", False), guided, [], STEPS)
    assert made.continuation == ("d=4\n\n", "\\boxed{4}")


@given(st.lists(st.text(), unique=True, max_size=30), st.integers(0, 40), st.integers(0, 9))
def test_a_draw_has_no_repeats_and_depends_on_seed_and_oracle_alone(names: list[str], limit: int, seed: int):
    found = drawn(names, limit, "exact", seed)
    assert len(found) == len(set(found)) == min(limit, len(names))
    assert set(found) <= set(names)
    assert found == drawn(names, limit, "exact", seed)
    assert found == drawn(names, len(names), "exact", seed)[:limit]


def test_other_seeds_and_oracles_draw_others():
    names = [str(i) for i in range(100)]
    draws = {tuple(drawn(names, 5, oracle, seed)) for oracle in ("exact", "noisy") for seed in (0, 1)}
    assert len(draws) == 4
