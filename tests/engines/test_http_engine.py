"""The HTTP engine against a real server that misbehaves: what is retried, what is one line, what is never said."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from int_bench.config import ServerConfig
from int_bench.engines import Ask, Prompt, SamplingSettings
from int_bench.engines.base import seed_of
from int_bench.engines.http import HTTPEngine
from int_bench.errors import UserError
from int_bench.models import save_model

SETTINGS = SamplingSettings(temperature=0.5, top_p=0.9, top_k=7, max_new_tokens=20, seed=3)


@dataclass
class Script:
    """What the server does with each request: a status to answer with, "cut", "slow" or "late", or nothing unusual."""

    ills: list[int | str] = field(default_factory=list)
    owner: str = "vllm"
    end: str | None = None
    asked: list[dict] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def url(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

        def do_GET(self) -> None:
            self.answer({"object": "list", "data": [{"id": "m", "object": "model", "owned_by": script.owner}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with script.lock:
                script.keys.add(self.headers["Authorization"])
                ill = script.ills.pop(0) if script.ills else None
                if ill in (None, "late"):
                    script.asked.append(body)
            if ill == "cut":
                self.connection.close()
            elif ill == "slow":
                threading.Event().wait(3.0)
            elif isinstance(ill, int):
                self.send_response(ill)
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                threading.Event().wait(1.5 if ill == "late" else 0.0)
                answer = said(body)
                answer["choices"][0]["finish_reason"] = script.end or answer["choices"][0]["finish_reason"]
                self.answer(answer)

        def answer(self, value: object) -> None:
            content = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def said(body: dict) -> dict:
    """An answer of either kind; the seed is repeated, so that a test sees which request it belongs to."""
    head = {"id": "x", "created": 0, "model": "m"}
    text = f"b={body['seed'] % 10}"
    if "prompt" in body:
        logprobs = {"tokens": ["b"], "token_logprobs": [-0.5, -0.25, -0.125], "top_logprobs": None, "text_offset": []}
        choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": logprobs}
        return {**head, "object": "text_completion", "choices": [choice]}
    tokens = [{"token": letter, "logprob": -1.0, "bytes": None, "top_logprobs": []} for letter in text]
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "length", "logprobs": {"content": tokens}}
    return {**head, "object": "chat.completion", "choices": [choice]}


@pytest.fixture
def engine(url: str, tiny_model, tokenizer, tmp_path: Path) -> Callable[..., HTTPEngine]:
    save_model(tiny_model, tokenizer, tmp_path / "model")

    def make(**settings: object) -> HTTPEngine:
        return HTTPEngine(tmp_path / "model", tokenizer, ServerConfig(url=url, **settings))

    return make


def asks(count: int) -> list[Ask]:
    return [Ask(Prompt(f"p{i}", (5, 6, 7), f"Find {i}.", "b=" if i % 2 else ""), i) for i in range(count)]


def finished(engine: HTTPEngine, count: int, settings: SamplingSettings = SETTINGS) -> dict[int, object]:
    return {ask.sample: done for some in engine.stream(asks(count), settings) for ask, done in some}


@pytest.mark.parametrize("ill", [429, 500, 503, "cut"])
def test_what_may_pass_is_tried_again(engine, script: Script, ill: int | str):
    script.ills = [ill] * 3
    assert len(finished(engine(concurrency=1), 4)) == 4
    assert script.ills == []
    assert len(script.asked) == 4


def test_a_slow_answer_is_given_up_and_asked_for_again(engine, script: Script):
    script.ills = ["slow"]
    assert len(finished(engine(seconds=0.5), 2)) == 2


def test_a_request_has_time_for_all_that_it_may_generate(engine, script: Script):
    script.ills = ["late"]
    assert len(finished(engine(seconds=0.5), 1)) == 1  # of 20 tokens, which take two seconds at the slowest speed
    assert len(script.asked) == 1
    script.ills = ["late"]
    finished(engine(seconds=0.5), 1, replace(SETTINGS, max_new_tokens=1))
    assert len(script.asked) == 1 + 2


def test_a_request_that_is_refused_is_one_line_at_once(engine, script: Script):
    script.ills = [400] * 10
    with pytest.raises(UserError, match=r"^http://127\.0\.0\.1:\d+/v1: BadRequestError: "):
        finished(engine(concurrency=1), 4)
    assert len(script.ills) >= 10 - 2  # at most one more was on its way, and nothing was asked twice


def test_what_has_finished_beside_a_failure_is_given(engine, script: Script):
    script.ills = []
    stream = engine(concurrency=1, retries=0).stream(asks(6), SETTINGS)
    got = next(stream)
    script.ills = [500] * 50
    with pytest.raises(UserError, match="InternalServerError after 0 retries"):
        got += [one for some in stream for one in some]
    assert 1 <= len(got) <= 3


@pytest.mark.parametrize("owner", ["vllm", "someone"])
def test_each_sample_is_asked_for_with_its_own_seed_and_only_known_fields(engine, script: Script, owner: str):
    script.owner = owner
    found = finished(engine(), 5)
    assert {body["seed"] for body in script.asked} == {seed_of(3, f"p{i}", i) for i in range(5)}
    for i, done in found.items():
        assert done.text == f"b={seed_of(3, f'p{i}', i) % 10}"
        assert done.logprobs == (-0.5, -0.25, -0.125)
        assert done.finish_reason == "stop"
    common = {"model": "m", "prompt": [5, 6, 7], "temperature": 0.5, "top_p": 0.9, "top_k": 7, "max_tokens": 20}
    for body in script.asked:
        assert body.items() >= common.items()
        assert ("return_token_ids" in body) == (owner == "vllm")


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
@pytest.mark.parametrize("end", ["abort", "content_filter", "repetition"])
def test_what_was_cut_off_by_something_else_is_no_sample(engine, script: Script, endpoint: str, end: str):
    script.end = end
    with pytest.raises(UserError, match=rf"^sample 0 of p0: ended by '{end}'; start again to sample it anew$"):
        finished(engine(endpoint=endpoint, concurrency=1), 1)


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
def test_nothing_is_left_to_the_generation_settings_of_a_model(engine, script: Script, endpoint: str):
    finished(engine(endpoint=endpoint), 2, SamplingSettings())
    for body in script.asked:
        assert (body["temperature"], body["top_p"]) == (1.0, 1.0)
        assert (body["top_k"], body["min_p"], body["repetition_penalty"]) == (-1, 0.0, 1.0)
    script.owner, script.asked = "someone", []
    finished(engine(endpoint=endpoint), 2, SamplingSettings())
    assert not any({"top_k", "min_p", "repetition_penalty"} & set(body) for body in script.asked)


def test_a_chat_hands_over_the_conversation(engine, script: Script):
    found = finished(engine(endpoint="chat"), 2)
    first, second = sorted(script.asked, key=lambda body: len(body["messages"]))
    assert first["messages"] == [{"role": "user", "content": "Find 0."}]
    assert "continue_final_message" not in first
    assert second["messages"] == [{"role": "user", "content": "Find 1."}, {"role": "assistant", "content": "b="}]
    assert (second["continue_final_message"], second["add_generation_prompt"]) == (True, False)
    assert {done.finish_reason for done in found.values()} == {"length"}
    assert {done.logprobs for done in found.values()} == {(-1.0,) * 3}


def test_a_key_is_sent_and_never_said(engine, script: Script, monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setenv("THE_KEY", "very-secret")
    finished(engine(key="THE_KEY"), 1)
    assert script.keys == {"Bearer very-secret"}
    script.ills = [401] * 9
    with pytest.raises(UserError) as failure:
        finished(engine(key="THE_KEY", retries=0), 1)
    assert "very-secret" not in str(failure.value) + "".join(capfd.readouterr())


def test_a_missing_key_or_server_is_one_line(engine, tokenizer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_KEY", raising=False)
    with pytest.raises(UserError, match="the environment variable NO_KEY holds no key"):
        engine(key="NO_KEY")
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/v1: APIConnectionError after 0 retries"):
        HTTPEngine("nowhere", tokenizer, ServerConfig(url="http://127.0.0.1:9/v1", retries=0))
