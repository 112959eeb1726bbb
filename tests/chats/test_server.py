"""Chats over a real server that misbehaves: what is tried again, what is a status, what stops all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from int_bench.chats import Message, Query, Reply
from int_bench.chats.server import ServerChats
from int_bench.config import ChatConfig, RateConfig
from int_bench.engines import SamplingSettings
from int_bench.errors import UserError
from tests.chats.conftest import Ill, Script, queries

SETTINGS = SamplingSettings(temperature=0.5, max_new_tokens=20, seed=3)
BRIEF = replace(SETTINGS, max_new_tokens=2)  # for which nobody waits long


@pytest.fixture
def chats(config_of: Callable[..., ChatConfig]) -> Callable[..., ServerChats]:
    def make(rate: dict | None = None, **server: object) -> ServerChats:
        return ServerChats(config_of(**server).engine.server, RateConfig(**(rate or {})))

    return make


def answered(chats: ServerChats, asked: list[Query], settings: SamplingSettings = SETTINGS) -> dict[str, Reply]:
    return {query.key: reply for some in chats.ask(asked, settings) for query, reply in some}


@pytest.mark.parametrize("ill", [429, 500, 503, 409, "cut", "half", "malformed", "html", "html, 502", "empty"])
def test_what_may_pass_is_tried_again(chats, script: Script, ill: Ill):
    script.ills = [ill]
    found = answered(chats(concurrency=1), queries(2))
    assert {key: reply.text for key, reply in found.items()} == {
        "q0": "Answer to Find 000.",
        "q1": "Answer to Find 001.",
    }
    assert {reply.status for reply in found.values()} == {"answered"}
    assert len(script.asked) == 3


def test_a_wait_that_the_server_asks_for_is_kept(chats, script: Script):
    script.headers, script.ills = {"Retry-After": "1"}, [429]
    answered(chats(concurrency=1), queries(1))
    first, second = script.at
    assert 1.0 <= second - first < 2.0


def test_a_slow_answer_is_given_up_and_asked_for_again(chats, script: Script):
    script.ills = ["slow"]
    assert answered(chats(seconds=0.3), queries(1), BRIEF)["q0"].status == "answered"
    assert len(script.asked) == 2


def test_an_answer_is_waited_for_as_long_as_a_slow_server_needs_for_it(chats, script: Script):
    script.ills = ["slow"]
    assert answered(chats(seconds=0.3), queries(1))["q0"].status == "answered"  # 20 tokens may take two seconds more
    assert len(script.asked) == 1


@pytest.mark.parametrize("owner", ["vllm", "someone"])
def test_what_ends_in_a_time_out_has_cost_all_its_tries_in_full(chats, script: Script, owner: str):
    script.owner, script.of_query = owner, {"Find 001.": "slow", "Find 002.": 500}
    served, asked = chats(seconds=0.3, retries=2), queries(3)
    found = answered(served, asked, BRIEF)
    assert found["q1"] == Reply("", "stop", 3 * served.count(asked[1].messages), 3 * 2, "no_reply")
    assert found["q2"] == Reply("", "stop", 0, 0, "no_reply")


@pytest.mark.parametrize(
    ("ill", "status", "attempts"),
    [
        ("slow", "no_reply", 2),
        (500, "no_reply", 2),
        (422, "no_reply", 1),
        ("malformed", "no_reply", 2),
        ("html", "no_reply", 2),
        ("html, 502", "no_reply", 2),
        ("empty", "no_reply", 2),
        ("empty, billed", "no_reply", 1),
        ("null", "no_reply", 1),
        ("null, length", "answered", 1),
        ("length", "answered", 1),
        ("filter", "refused", 1),
        ("refusal", "refused", 1),
        ("filtered", "refused", 1),
        ("context", "too_long", 1),
    ],
)
def test_a_fault_of_one_query_is_its_status_and_the_others_go_on(chats, script, ill: Ill, status: str, attempts: int):
    script.of_query = {"Find 001.": ill}
    found = answered(chats(retries=1, seconds=0.3), queries(4), BRIEF)
    assert found.pop("q1").status == status
    assert [reply.status for reply in found.values()] == ["answered"] * 3
    assert len(script.asked) == 3 + attempts


def test_what_an_answer_cost_is_taken_from_the_server_or_else_the_most_it_can_be(chats, script: Script):
    script.of_query = {"Find 001.": "thinks", "Find 002.": "no usage", "Find 003.": "empty, billed"}
    found = answered(chats(), queries(4))
    costs = {key: (reply.input_tokens, reply.output_tokens) for key, reply in found.items()}
    assert (costs["q0"], costs["q1"], costs["q3"]) == ((12, 5), (12, 45), (12, 5))
    assert costs["q2"] == (chats().count(queries(3)[2].messages), 20)
    assert found["q0"].finish_reason == "stop"


@pytest.mark.parametrize(
    ("ill", "message"),
    [
        (401, "AuthenticationError: "),
        (403, "PermissionDeniedError: "),
        (404, "NotFoundError: "),
        (429, "RateLimitError after 0 retries: .*; lower rate.requests_per_minute$"),
    ],
)
def test_who_is_turned_away_is_told_so_in_one_line(chats, script: Script, ill: Ill, message: str):
    script.ills = [ill] * 50
    with pytest.raises(UserError, match=rf"^http://127\.0\.0\.1:\d+/v1: {message}") as failure:
        answered(chats(concurrency=2, retries=0), queries(50))
    assert "\n" not in str(failure.value)
    assert len(script.asked) <= 4  # nothing was tried again


def test_what_is_on_its_way_when_a_server_is_given_up_is_still_given(chats, script: Script):
    script.pause, script.of_query = 0.2, {"Find 000.": 401}
    got: list[str] = []
    stream = chats(concurrency=4).ask(queries(20), SETTINGS)
    with pytest.raises(UserError, match="AuthenticationError"):
        got.extend(query.key for some in stream for query, _ in some)
    assert 3 <= len(got) == len(script.answered) < 10


def test_a_server_that_is_gone_or_fails_at_everything_is_given_up(chats, script: Script):
    with pytest.raises(UserError, match="APIConnectionError after 0 retries"):
        answered(chats(url="http://127.0.0.1:9/v1", retries=0), queries(3))
    script.ills = [500] * 1000
    with pytest.raises(UserError, match=r"no reply to 1\d queries in a row; the lines above"):
        answered(chats(retries=0, concurrency=2), queries(100))
    assert len(script.asked) <= 20


def test_the_only_model_of_a_server_need_not_be_named(chats, script: Script, url: str):
    assert chats(model=None).name == f"{url}/m"
    assert chats(model="n").name == f"{url}/n"
    assert script.gets == 1


def test_a_key_that_is_not_there_is_one_line(chats, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_KEY", raising=False)
    with pytest.raises(UserError, match="the environment variable NO_KEY holds no key"):
        answered(chats(key="NO_KEY"), queries(1))


@pytest.mark.parametrize("page", ["<html>Welcome</html>", "{}", '{"data": [', "[]"])
def test_what_is_no_server_of_models_is_one_line(chats, script: Script, page: str):
    script.models = page
    with pytest.raises(UserError, match="no server of models"):
        answered(chats(model=None), queries(1))


def test_requests_are_in_flight_at_once(chats, script: Script):
    script.barrier = threading.Barrier(8)  # each waits until eight are there
    assert len(answered(chats(concurrency=8), queries(16))) == 16


def test_finished_ones_are_given_before_the_last_is(chats, script: Script):
    script.of_query = {"Find 000.": "slow"}
    started = time.monotonic()
    stream = chats(concurrency=4).ask(queries(4), SETTINGS)
    next(stream)
    assert time.monotonic() - started < 0.9


def test_no_more_requests_go_than_the_rate_allows_repeats_among_them(chats, script: Script):
    script.ills = [500]
    answered(chats({"requests_per_minute": 600}), queries(6))
    first, *others, last = sorted(script.at)
    assert last - first >= 0.5  # after the first, five
    assert len(others) == 5


def test_no_more_tokens_go_than_the_rate_allows(chats, script: Script):
    asked, per_minute = queries(5), 6_000
    reckoned = chats().count(asked[0].messages) + SETTINGS.max_new_tokens
    answered(chats({"tokens_per_minute": per_minute}), asked)
    span = max(script.at) - min(script.at)
    assert span > 4 * (12 + 5) * 60 / per_minute - 0.2  # the first may have been long on its way
    assert span < 3 * reckoned * 60 / per_minute  # what answers did not use is given back


@pytest.mark.parametrize("owner", ["vllm", "someone"])
def test_only_open_servers_are_sent_what_others_may_refuse(chats, script: Script, owner: str):
    script.owner = owner
    answered(chats(), queries(2))
    common = {"model": "m", "temperature": 0.5, "max_tokens": 20}
    system, user = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Find 000."}
    (body,) = [body for body in script.asked if body["messages"] == [system, user]]
    assert body.items() >= common.items()
    if owner == "vllm":
        assert body.items() >= {"top_p": 1.0, "top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}.items()
        assert len({body["seed"] for body in script.asked}) == 2
    else:
        assert body.keys() == {*common, "messages"}


def test_vllm_counts_tokens_itself_and_the_answer_is_cut_to_the_room_there_is(chats, script: Script):
    script.owner = "vllm"
    asked = [Query(f"q{n}", (Message("user", "x" * n),)) for n in (10, 50, 64, 70)]
    served = chats()
    assert served.count(asked[1].messages) == 50
    found = answered(served, asked)
    assert [found[f"q{n}"].status for n in (10, 50, 64, 70)] == ["answered", "answered", "too_long", "too_long"]
    assert sorted(body["max_tokens"] for body in script.asked) == [14, 20]
