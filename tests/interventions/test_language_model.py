"""A language model as oracle: what it is asked, and what becomes of each answer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from int_bench.chats.base import Answered, Chats, Message, Query, Reply
from int_bench.chats.budget import Budget, Budgeted
from int_bench.chats.cache import Cached, Store
from int_bench.chats.tally import Tallied
from int_bench.engines.base import SamplingSettings
from int_bench.errors import UserError
from int_bench.grading import Grader
from int_bench.interventions.oracles.asking import LEFT_OUT, fitted, numbered, shown
from int_bench.interventions.oracles.base import Case, Proposal
from int_bench.interventions.oracles.language_model import LanguageModel
from int_bench.records import Problem

PROBLEM = Problem("p0", "pool", "Find $x$ with $2x = 6$.", "3", "Halve both sides.")
UNSOLVED = Problem("p1", "pool", "Find $y$.", "1", None)
STEPS = ("Divide by two.\n\n", "So $x = 4$.\n\n", "The answer is \\boxed{4}.")
SETTINGS = SamplingSettings(max_new_tokens=50, seed=0)
FOUND = '<intervention>{"location": 2, "content": "So $x = 6/2$."}</intervention>'


class Scripted(Chats):
    """Answers as a function of what is asked says; a word is a token."""

    name = "scripted"

    def __init__(self, answer: Callable[[Query], Reply | str], context: int = 10_000) -> None:
        self.answer, self.context = answer, context
        self.asked: list[Query] = []

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        for query in reversed(queries):  # in an order of its own
            self.asked.append(query)
            answer = self.answer(query)
            yield [(query, answer if isinstance(answer, Reply) else Reply(answer, "stop", 10, 5))]

    def count(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content.split()) for message in messages)


def case(problem: Problem = PROBLEM, number: int = 0, steps: tuple[str, ...] = STEPS) -> Case:
    return Case(problem, number, f"{problem.problem_id}/{number}", steps, np.random.default_rng(0))


@pytest.fixture
def oracle_on(tmp_path: Path):
    """Makes an oracle on scripted chats, with the cache and the tally of a real one."""
    with closing(Store(tmp_path / "answers.sqlite")) as store, Grader() as grader:

        def make(chats: Scripted, style="two_turn", given="solution", proposals: int = 1) -> LanguageModel:
            tallied = Tallied(Cached(Budgeted(chats, Budget(), store, "job"), store), Budget(), "job")
            return LanguageModel(tallied, style, given, proposals, SETTINGS, grader)

        yield make


def test_two_turns_solve_the_problem_and_then_check_the_attempt(oracle_on):
    chats = Scripted(lambda query: "It is 3." if query.key.startswith("solve/") else FOUND)
    assert oracle_on(chats).ask([case()]) == [[Proposal("proposed", 1, None, "So $x = 6/2$.")]]
    solve, check = chats.asked
    assert [message.role for message in check.messages] == ["user", "assistant", "user"]
    assert check.messages[:2] == (*solve.messages, Message("assistant", "It is 3."))
    assert PROBLEM.text in solve.messages[0].content
    assert "Halve both sides." in solve.messages[0].content
    assert numbered(STEPS) in check.messages[2].content


@pytest.mark.parametrize("style", ["single_turn", "compact"])
def test_other_styles_ask_once(oracle_on, style: str):
    chats = Scripted(lambda query: FOUND)
    assert oracle_on(chats, style).ask([case()])[0][0].location == 1
    (query,) = chats.asked
    (message,) = query.messages
    assert PROBLEM.text in message.content
    assert "Halve both sides." in message.content


@pytest.mark.parametrize(("given", "seen", "hidden"), [("answer", "3", "Halve"), ("nothing", "", "Halve")])
@pytest.mark.parametrize("style", ["two_turn", "compact"])
def test_the_oracle_sees_no_more_than_it_is_given(given, seen: str, hidden: str, style):
    assert seen in shown(PROBLEM, given, style)
    assert hidden not in shown(PROBLEM, given, style)
    assert (shown(PROBLEM, given, style) == "") == (given == "nothing")


def test_a_problem_is_solved_once_a_sample_and_not_once_an_attempt(oracle_on):
    chats = Scripted(lambda query: f"{query.key} {query.sample}" if query.key.startswith("solve/") else FOUND)
    oracle_on(chats, proposals=2).ask([case(number=0), case(number=1)])
    assert sorted((query.key, query.sample) for query in chats.asked) == [
        ("solve/p0", 0),
        ("solve/p0", 1),
        ("verify/p0/0", 0),
        ("verify/p0/0", 1),
        ("verify/p0/1", 0),
        ("verify/p0/1", 1),
    ]
    for query in chats.asked:
        if query.key.startswith("verify/"):
            assert query.messages[1].content == f"solve/p0 {query.sample}"


def test_proposals_are_in_the_order_of_samples_and_of_a_list(oracle_on):
    def answer(query: Query) -> str:
        two = f'[{{"location": 1, "content": "a{query.sample}"}}, {{"location": 2, "content": "b{query.sample}"}}]'
        return f"<replacement>{two}</replacement>"

    (proposals,) = oracle_on(Scripted(answer), "single_turn", proposals=2).ask([case()])
    assert [proposal.content for proposal in proposals] == ["a0", "b0", "a1", "b1"]


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("<intervention>null</intervention>", "no_error"),
        ("I see nothing.", "no_block"),
        (Reply("Let me think", "length", 1, 1), "truncated"),
        (Reply("", "stop", 1, 0, "refused"), "refused"),
        (Reply("", "stop", 1, 0, "no_reply"), "no_reply"),
    ],
)
def test_every_answer_has_a_status(oracle_on, reply, status: str):
    assert oracle_on(Scripted(lambda query: reply), "compact").ask([case()]) == [[Proposal(status)]]


def test_without_a_solution_the_attempt_is_not_asked_about(oracle_on):
    chats = Scripted(lambda query: Reply("", "stop", 1, 0, "refused"))
    assert oracle_on(chats).ask([case()]) == [[Proposal("refused")]]
    assert [query.key for query in chats.asked] == ["solve/p0"]


def test_a_problem_without_the_reference_is_counted_and_not_asked_about(oracle_on):
    chats = Scripted(lambda query: FOUND)
    assert oracle_on(chats, "compact").ask([case(UNSOLVED)]) == [[Proposal("no_reference")]]
    assert chats.asked == []
    assert oracle_on(chats, "compact", "answer").ask([case(UNSOLVED)])[0][0].status == "proposed"


def test_a_long_attempt_loses_its_tail_and_nothing_else(oracle_on):
    steps = tuple(f"step {i} " + "word " * 20 + "\n\n" for i in range(50))
    chats = Scripted(lambda query: '<intervention>{"location": 40, "content": "x"}</intervention>', context=900)
    oracle = oracle_on(chats, "single_turn")
    # The place that it names was not shown.
    assert oracle.ask([case(steps=steps)]) == [[Proposal("proposed", -1, None, "x")]]
    (query,) = chats.asked
    told = query.messages[0].content
    assert chats.count(query.messages) + SETTINGS.max_new_tokens <= 900 < chats.count(query.messages) + 80
    assert told.rstrip().endswith(LEFT_OUT)
    assert "step 0" in told
    assert "step 49" not in told
    assert oracle.facts["shortened"] == 1


def test_what_no_context_holds_is_a_status(oracle_on):
    oracle = oracle_on(Scripted(lambda query: FOUND, context=60), "single_turn")
    assert oracle.ask([case()]) == [[Proposal("too_long")]]


@pytest.mark.parametrize("room", range(12))
def test_as_many_steps_are_shown_as_fit(room: int):
    steps = [str(i) for i in range(10)]

    def conversation(some: Sequence[str]) -> tuple[Message, ...]:
        return (Message("user", " ".join(some)),)

    fit = fitted(conversation, steps, lambda messages: len(messages[0].content.split()) <= room)
    assert (fit.shown if fit else 0) == min(room, 10)
    assert fit is None or fit.messages == conversation(steps[: min(room, 10)])


def test_the_model_solves_what_it_answers_rightly(oracle_on, rng):
    chats = Scripted(lambda query: r"\boxed{3}" if query.key == "alone/p0" else r"\boxed{2}")
    assert oracle_on(chats).solved([PROBLEM, UNSOLVED], rng) == {"p0"}
    assert all("Halve" not in query.messages[0].content for query in chats.asked)


def test_a_problem_that_got_no_reply_is_not_taken_for_unsolved(oracle_on, rng):
    said = {"alone/p0": r"\boxed{3}", "alone/p1": Reply("", "stop", 0, 0, "no_reply")}
    chats = Scripted(lambda query: said[query.key])
    with pytest.raises(UserError, match="no reply to 1 of 2 problems that it must solve; start again"):
        oracle_on(chats).solved([PROBLEM, UNSOLVED], rng)
    chats.asked, said["alone/p1"] = [], Reply("", "stop", 0, 0, "refused")
    assert oracle_on(chats).solved([PROBLEM, UNSOLVED], rng) == {"p0"}
    assert [query.key for query in chats.asked] == ["alone/p1"]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_asking_again_costs_nothing(oracle_on):
    chats = Scripted(lambda query: "It is 3." if query.key.startswith("solve/") else FOUND)
    first = oracle_on(chats, proposals=3).ask([case()])
    assert len(chats.asked) == 6
    again = oracle_on(chats, proposals=3)
    assert again.ask([case()]) == first
    assert len(chats.asked) == 6
    assert again.facts["cached"] == 6
