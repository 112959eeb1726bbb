"""Budgets: nothing is asked that might go over, what was spent is not forgotten, and a rerun goes on."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from int_bench.chats import Chats, Message, Query, Reply
from int_bench.chats.base import Answered
from int_bench.chats.budget import Budget, Budgeted, BudgetSpent
from int_bench.chats.cache import Cached, Store, Tokens
from int_bench.chats.choose import chats_of
from int_bench.config import ChatConfig
from int_bench.engines import SamplingSettings
from tests.chats.conftest import Script, queries

MOST = 50
SETTINGS = SamplingSettings(max_new_tokens=MOST)


class Costly(Chats):
    """Answers in any order with random lengths; prompts are counted as at most what they are."""

    name, context = "costly", 1000

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.used, self.asked = Tokens(0, 0), 0

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        self.asked += len(queries)
        order = self.rng.permutation(len(queries))
        for some in np.array_split(order, 3):
            finished = [(queries[i], self.reply(queries[i])) for i in some]
            self.used = Tokens(
                self.used.input + sum(reply.input_tokens for _, reply in finished),
                self.used.output + sum(reply.output_tokens for _, reply in finished),
            )
            if finished:
                yield finished

    def reply(self, query: Query) -> Reply:
        most = self.count(query.messages)
        return Reply("x", "stop", int(self.rng.integers(1, most + 1)), int(self.rng.integers(0, MOST + 1)))

    def count(self, messages: Sequence[Message]) -> int:
        return len(messages[-1].content)


def ask(chats: Chats, asked: list[Query]) -> list[str]:
    """The keys of what was answered before the budget was spent."""
    got: list[str] = []
    with contextlib.suppress(BudgetSpent):
        for some in chats.ask(asked, SETTINGS):
            got += [query.key for query, _ in some]
    return got


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(0, 30),
    tokens=st.none() | st.integers(1, 3000),
    dollars=st.none() | st.floats(1e-6, 0.02),
)
def test_a_budget_is_never_exceeded_by_a_token_and_reruns_do_not_forget(seed, count, tokens, dollars):
    budget = Budget(tokens, dollars, input_price=2.0, output_price=10.0)
    costly, asked, got = Costly(seed), queries(count), []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            store = Store(Path(folder) / "answers.sqlite")
            got.append(ask(Cached(Budgeted(costly, budget, store, "job"), store), asked))
            assert costly.used == store.spent("job")
            assert budget.over(costly.used) is None
            assert costly.asked == len(got[-1])  # what was asked was answered, and kept
            if len(got[-1]) < count:
                # It did not stop before it had to.
                left = next(query for query in asked if query.key not in got[-1])
                most = Tokens(costly.used.input + costly.count(left.messages), costly.used.output + MOST)
                assert budget.over(most)
            store.close()
    assert set(got[0]) == set(got[1]) == set(got[2])


def test_without_a_budget_all_go_at_once_and_are_not_even_counted(tmp_path: Path, monkeypatch):
    costly, store = Costly(0), Store(tmp_path / "answers.sqlite")
    monkeypatch.setattr(costly, "count", lambda messages: 1 / 0)
    monkeypatch.setattr(
        costly, "ask", lambda queries, settings: [[(query, Reply("", "stop", 1, 1)) for query in queries]]
    )
    assert len(ask(Budgeted(costly, Budget(), store, "job"), queries(40))) == 40
    assert store.spent("job") == Tokens(40, 40)


def test_a_spent_budget_is_one_line_that_says_how_to_go_on_and_raised_it_goes_on(
    config_of: Callable[..., ChatConfig], script: Script, tmp_path: Path
):
    script.owner = "vllm"  # its counts of prompts are 9, but it says that it took 12
    sections = {"prices": {"input": 1000.0, "output": 10_000.0}, "budget": {"tokens": 400}}
    found: list[str] = []
    with chats_of(config_of(sections), "nowhere", tmp_path / "answers.sqlite", "judge") as chats:
        stream = chats.ask(queries(40), SETTINGS)
        with pytest.raises(BudgetSpent) as spent:
            found.extend(query.key for some in stream for query, _ in some)
    used = 17 * len(found)
    assert 400 - 59 < used <= 400
    assert len(script.asked) == len(found)
    assert str(spent.value) == (
        f"judge: {used} tokens (${0.062 * len(found):,.2f}) are spent of 400 tokens, and {40 - len(found)} "
        f"queries are left; raise budget.tokens to {used + 59} at least and start again: what was answered is kept"
    )
    assert chats.costs.dollars == pytest.approx(0.062 * len(found))
    with chats_of(config_of({"budget": {"tokens": 10_000}}), "nowhere", tmp_path / "answers.sqlite", "judge") as chats:
        assert len(ask(chats, queries(40))) == 40
    assert chats.costs.cached == len(found)
    assert len(script.asked) == 40


def test_a_budget_of_dollars_names_itself(config_of: Callable[..., ChatConfig], script: Script, tmp_path: Path):
    sections = {"prices": {"output": 1000.0}, "budget": {"dollars": 0.2}}
    with (
        chats_of(config_of(sections), "nowhere", tmp_path / "answers.sqlite", "judge") as chats,
        pytest.raises(
            BudgetSpent, match=r"spent of \$0\.20, and \d+ queries are left; raise budget\.dollars to 0\.2\d "
        ),
    ):
        list(chats.ask(queries(60), SETTINGS))
    assert chats.costs.dollars <= 0.2
    assert chats.costs.dollars == pytest.approx(len(script.asked) * 0.005)


def test_jobs_have_budgets_of_their_own(tmp_path: Path):
    store = Store(tmp_path / "answers.sqlite")
    first = ask(Budgeted(Costly(1), Budget(300), store, "one"), queries(30))
    assert ask(Budgeted(Costly(1), Budget(300), store, "other"), queries(30)) == first
    assert 0 < len(first) < 30
    assert ask(Budgeted(Costly(1), Budget(300), store, "one"), queries(30)) == []
