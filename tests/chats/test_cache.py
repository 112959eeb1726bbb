"""Answers that are kept: nothing is asked twice, whatever became of the process that asked first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from int_bench.chats import Chats, Message, Query, Reply
from int_bench.chats.base import Answered
from int_bench.chats.cache import Cached, Store, Tokens
from int_bench.chats.choose import chats_of
from int_bench.config import ChatConfig
from int_bench.engines import SamplingSettings
from int_bench.errors import UserError
from tests.chats.conftest import Script, queries

SETTINGS = SamplingSettings(max_new_tokens=20)


class Says(Chats):
    """Answers every query with one reply."""

    context = 100

    def __init__(self, reply: Reply, name: str = "it") -> None:
        self.reply, self.name = reply, name
        self.asked: list[Query] = []

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        self.asked += queries
        yield [(query, self.reply) for query in queries]

    def count(self, messages: Sequence[Message]) -> int:
        return 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "answers.sqlite"


def ask(chats: Chats, asked: list[Query], settings: SamplingSettings = SETTINGS) -> dict[str, Reply]:
    return {query.key: reply for some in chats.ask(asked, settings) for query, reply in some}


@pytest.mark.parametrize("status", ["answered", "refused", "too_long", "no_reply"])
@pytest.mark.parametrize("text", ["", "a\0b é 'x' \u2028"])
def test_what_is_final_is_asked_once_and_the_rest_again(file: Path, status: str, text: str):
    reply = Reply(text, "length", 3, 4, status)
    says, asked = Says(reply), queries(600)
    for _ in range(2):
        cached = Cached(says, Store(file))
        assert ask(cached, asked) == {query.key: reply for query in asked}
    final = status in ("answered", "refused")
    assert (len(says.asked), cached.found) == ((600, 600) if final else (1200, 0))


def test_all_that_decides_an_answer_tells_it_from_others(file: Path):
    (query,) = queries(1)
    says = Says(Reply("yes", "stop", 1, 1))
    ask(Cached(says, Store(file)), [query])
    for other, settings, name in (
        (replace(query, key="another"), SETTINGS, "it"),
        (replace(query, sample=1), SETTINGS, "it"),
        (replace(query, messages=query.messages[1:]), SETTINGS, "it"),
        (replace(query, messages=(Message("user", "Be brief."), query.messages[1])), SETTINGS, "it"),
        (query, replace(SETTINGS, seed=1), "it"),
        (query, replace(SETTINGS, temperature=0.5), "it"),
        (query, SETTINGS, "another"),
    ):
        says.asked, says.name = [], name
        ask(Cached(says, Store(file)), [other], settings)
        assert says.asked == [other]


def test_a_second_run_asks_the_server_nothing(config_of: Callable[..., ChatConfig], script: Script, file: Path):
    script.of_query = {"Find 001.": "refusal", "Find 002.": 422}
    for _ in range(2):
        with chats_of(config_of(), "nowhere", file, "job") as chats:
            found = ask(chats, queries(5))
        assert [found[f"q{i}"].status for i in range(5)] == ["answered", "refused", "no_reply", "answered", "answered"]
        costs = chats.costs
    assert len(script.asked) == 5 + 1
    assert (costs.queries, costs.answered, costs.refused, costs.no_reply, costs.cached) == (5, 3, 1, 1, 4)
    script.of_query.clear()
    with chats_of(config_of(), "nowhere", file, "job") as chats:
        ask(chats, queries(5))
    gets = script.gets
    with chats_of(config_of(key="NO_SUCH_KEY"), "nowhere", file, "job") as chats:
        ask(chats, queries(5))
    assert (len(script.asked), script.gets) == (7, gets)  # not even a key is needed, nor the server


PROCESS = """
import sys
from int_bench.chats.choose import chats_of
from int_bench.config import ChatConfig
from int_bench.engines import SamplingSettings
from tests.chats.conftest import queries
with chats_of(ChatConfig.model_validate_json(sys.argv[1]), "nowhere", sys.argv[2], "job") as chats:
    for _ in chats.ask(queries(30), SamplingSettings(max_new_tokens=20)):
        pass
"""


def test_after_a_kill_only_the_rest_is_asked(config_of: Callable[..., ChatConfig], script: Script, file: Path):
    script.pause = 0.05
    config = config_of(concurrency=2)
    process = subprocess.Popen([sys.executable, "-c", PROCESS, config.model_dump_json(), str(file)])
    try:
        until = time.monotonic() + 60
        while len(script.answered) < 10:
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    time.sleep(0.2)  # until the server has done with what was on its way
    before = len(script.asked)
    with chats_of(config, "nowhere", file, "job") as chats:
        assert len(ask(chats, queries(30))) == 30
    again = len(script.asked) - before
    assert chats.costs.cached == 30 - again
    assert before - 4 <= chats.costs.cached <= before  # two on their way, and two answers perhaps not yet written
    assert set(script.answered) == {query.messages[-1].content for query in queries(30)}


def test_two_processes_may_write_and_spend(file: Path):
    one, other = Store(file), Store(file)
    for i in range(20):
        store = one if i % 2 else other
        store.put([(f"r{i % 7}", Reply(str(i), "stop", 1, 1))])
        store.spend("job", Tokens(i, 1))
    assert one.spent("job") == other.spent("job") == Tokens(190, 20)
    assert one.spent("another") == Tokens(0, 0)
    assert [other.get(f"r{i}").text for i in range(7)] == [str(i) for i in range(7)]  # the first is heard
    one.close()
    one.close()


def test_a_file_that_cannot_be_used_is_one_line_and_is_left_alone(tmp_path: Path):
    foreign = tmp_path / "answers.sqlite"
    foreign.write_bytes(b"worth money, but torn" * 100)
    with pytest.raises(UserError, match=r"answers\.sqlite: the answers kept there cannot be used .*; move it away"):
        Store(foreign)
    assert foreign.read_bytes() == b"worth money, but torn" * 100
    with pytest.raises(UserError, match="cannot be used"):
        Store(foreign / "below.sqlite")
