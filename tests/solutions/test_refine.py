"""What a language model is asked as it refines attempts, and what becomes of its replies."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from int_bench.chats.base import Message, Query, Reply
from int_bench.chats.budget import Budget, Budgeted
from int_bench.chats.cache import Cached, Store
from int_bench.chats.tally import Tallied
from int_bench.grading import Grader
from int_bench.interventions.oracles.asking import LEFT_OUT
from int_bench.prompts.compact import numbered
from int_bench.solutions.refine import refinements
from int_bench.synthetic.corpus import refine_prompt
from int_bench.synthetic.world import parse_program
from tests.interventions.test_language_model import PROBLEM, SETTINGS, STEPS, UNSOLVED, Scripted, case

RIGHT = "Halve both sides.\n\nSo it is \\boxed{3}."


@pytest.fixture
def refine(tmp_path: Path):
    """Refines attempts with scripted chats; returns what was written and how many prompts were shortened."""
    with closing(Store(tmp_path / "answers.sqlite")) as store, Grader() as grader:

        def run(chats: Scripted, cases, style="full", proposals: int = 1):
            tallied = Tallied(Cached(Budgeted(chats, Budget(), store, "job"), store), Budget(), "job")
            return refinements(cases, tallied, style, proposals, SETTINGS, grader)

        yield run


def test_the_full_style_solves_with_the_reference_and_then_rewrites(refine):
    chats = Scripted(lambda query: "It is 3." if query.key.startswith("solve/") else RIGHT)
    (row,), _ = refine(chats, [case()])
    assert (row.solution_id, row.text, row.status, row.correct) == ("p0/0", RIGHT, "correct", True)
    solve, rewrite = chats.asked
    assert "Halve both sides." in solve.messages[0].content
    assert rewrite.messages[:2] == (*solve.messages, Message("assistant", "It is 3."))
    assert rewrite.messages[2].content.endswith("".join(STEPS))


def test_the_compact_style_asks_as_the_corpus_does(refine, problems):
    problem, steps = problems[0], ("b=1\n\n", "\\boxed{1,2,3}")
    chats = Scripted(lambda query: RIGHT)
    refine(chats, [case(problem, steps=steps)], "compact")
    (query,) = chats.asked
    (message,) = query.messages
    assert message.content == refine_prompt(parse_program(problem.text), [step.strip() for step in steps])
    assert numbered(steps) in message.content


def test_samples_are_in_their_order_and_the_first_turn_is_asked_once_a_sample(refine):
    def answer(query: Query) -> str:
        return f"solved {query.sample}" if query.key.startswith("solve/") else f"{query.sample} \\boxed{{3}}"

    chats = Scripted(answer)
    written, _ = refine(chats, [case(number=0), case(number=1)], proposals=2)
    assert [row.solution_id for row in written] == ["p0/0.0", "p0/0.1", "p0/1.0", "p0/1.1"]
    assert [row.text[0] for row in written] == ["0", "1", "0", "1"]
    assert sum(query.key.startswith("solve/") for query in chats.asked) == 2


@pytest.mark.parametrize(
    ("reply", "status", "correct"),
    [
        ("So \\boxed{4}.", "wrong", False),
        ("I give up.", "no_answer", False),
        (Reply("So we", "length", 1, 1), "truncated", False),
        (Reply("", "stop", 1, 0, "refused"), "refused", None),
        (Reply("", "stop", 1, 0, "no_reply"), "no_reply", None),
    ],
)
def test_every_reply_has_a_status(refine, reply, status: str, correct: bool | None):
    ((row,), _) = refine(Scripted(lambda query: reply), [case()], "compact")
    assert (row.status, row.correct) == (status, correct)


def test_a_first_turn_that_was_not_answered_is_the_status(refine):
    chats = Scripted(lambda query: Reply("", "stop", 1, 0, "refused"))
    ((row,), _) = refine(chats, [case()])
    assert (row.status, row.text) == ("refused", "")
    assert len(chats.asked) == 1


def test_a_problem_without_a_reference_is_counted_and_not_asked_about(refine):
    chats = Scripted(lambda query: RIGHT)
    written, _ = refine(chats, [case(UNSOLVED), case(PROBLEM)], "compact", proposals=2)
    assert [row.status for row in written] == ["no_reference", "no_reference", "correct", "correct"]
    assert {query.key for query in chats.asked} == {"refine/p0/0"}


def test_a_long_attempt_loses_its_tail_and_what_no_context_holds_is_a_status(refine):
    steps = tuple(f"step {i} " + "word " * 20 + "\n\n" for i in range(50))
    chats = Scripted(lambda query: RIGHT, context=600)
    ((row,), shortened) = refine(chats, [case(steps=steps)])
    assert (row.status, shortened) == ("correct", 1)
    told = chats.asked[-1].messages[-1].content
    assert told.endswith(LEFT_OUT)
    assert "step 0" in told
    assert "step 49" not in told
    ((row,), shortened) = refine(Scripted(lambda query: RIGHT, context=60), [case()], "compact")
    assert (row.status, shortened) == ("too_long", 0)
