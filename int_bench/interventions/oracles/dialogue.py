"""Conversations with a language model about failed attempts: what its interventions and its refinements share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from int_bench.chats.base import Chats, Message, Query, Reply
from int_bench.config.oracles import Given
from int_bench.engines.base import SamplingSettings
from int_bench.interventions.oracles.asking import fitted, solve_turn
from int_bench.interventions.oracles.base import Case
from int_bench.records import Problem

Replies = Mapping[tuple[str, int], Reply]
"""Replies by what was asked about and the number of the sample."""


class Heard(NamedTuple):
    """What became of a question about an attempt, and how many of the attempt's steps were shown; 0: it was not put."""

    reply: Reply
    shown: int


def replies_to(chats: Chats, queries: Sequence[Query], settings: SamplingSettings) -> Replies:
    """The replies to queries, by key and sample."""
    asked = chats.ask(queries, settings)
    return {(query.key, query.sample): reply for answered in asked for query, reply in answered}


def solved_first(
    chats: Chats, settings: SamplingSettings, cases: Iterable[Case], given: Given, proposals: int
) -> Replies:
    """What a model makes of each attempt's problem with what it is given, so many times; by problem."""
    problems: dict[str, Problem] = {case.problem.problem_id: case.problem for case in cases}
    queries = {
        (name, sample): Query(f"solve/{name}", (solve_turn(problem, given),), sample)
        for name, problem in problems.items()
        for sample in range(proposals)
    }
    replies = replies_to(chats, list(queries.values()), settings)
    return {name: replies[query.key, query.sample] for name, query in queries.items()}


def heard_about(
    chats: Chats,
    settings: SamplingSettings,
    cases: Iterable[Case],
    proposals: int,
    topic: str,
    conversation: Callable[[Case, Reply | None, Sequence[str]], tuple[Message, ...]],
    solved: Replies,
) -> dict[tuple[str, int], Heard]:
    """Ask about each attempt so many times, and hear what becomes of it; by the case's key and the sample.

    ``conversation`` makes one of an attempt, what the model made of the problem in the first of two turns (None if
    there is but one turn), and the steps that are shown: as many as the context holds beside a reply. Nothing is asked
    where the first turn was not answered, or not even one step fits.
    """
    heard: dict[tuple[str, int], Heard] = {}
    queries: dict[tuple[str, int], tuple[Query, int]] = {}

    def fits(messages: tuple[Message, ...]) -> bool:
        return chats.count(messages) + settings.max_new_tokens <= chats.context

    for case in cases:
        for sample in range(proposals):
            before = solved.get((case.problem.problem_id, sample))
            if before and before.status != "answered":
                heard[case.key, sample] = Heard(before, 0)
            elif fit := fitted(partial(conversation, case, before), case.steps, fits):
                queries[case.key, sample] = Query(f"{topic}/{case.key}", fit.messages, sample), fit.shown
            else:
                heard[case.key, sample] = Heard(Reply("", "length", 0, 0, "too_long"), 0)
    replies = replies_to(chats, [query for query, _ in queries.values()], settings)
    heard |= {name: Heard(replies[query.key, query.sample], shown) for name, (query, shown) in queries.items()}
    return heard


def two_turns(case: Case, before: Reply | None, given: Given, then: Message) -> tuple[Message, ...]:
    """The conversation that ends with a turn about an attempt, after the problem was solved if it was."""
    return (then,) if before is None else (solve_turn(case.problem, given), Message("assistant", before.text), then)


def shortened(heard: Mapping[tuple[str, int], Heard], cases: Iterable[Case]) -> int:
    """How many conversations did not hold their whole attempt."""
    steps = {case.key: len(case.steps) for case in cases}
    return sum(0 < shown < steps[key] for (key, _), (_, shown) in heard.items())
