"""A server of chats that misbehaves as it is told to, and queries for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from int_bench.chats import Message, Query
from int_bench.config import ChatConfig

Ill = int | str


@dataclass
class Script:
    """What the server does, and what it was asked.

    ``ills`` are met with in turn by any request, ``of_query`` always by those of the query that is named.
    """

    ills: list[Ill] = field(default_factory=list)
    of_query: dict[str, Ill] = field(default_factory=dict)
    owner: str = "someone"
    headers: dict[str, str] = field(default_factory=lambda: {"Retry-After-Ms": "10"})
    pause: float = 0.0
    output_tokens: int = 5
    barrier: threading.Barrier | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    gets: int = 0
    models: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture
def script() -> Script:
    return Script()


def said(body: dict[str, Any], script: Script, ill: Ill | None, key: str) -> dict[str, Any]:
    """An answer in OpenAI's form, which is odd in the way of the ill."""
    asked = body["messages"][-1]["content"]
    message: dict[str, Any] = {"role": "assistant", "content": f"Answer to {asked}", "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    used = len(asked) + 3
    usage = {"prompt_tokens": used, "completion_tokens": script.output_tokens}
    answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    answer["usage"] = usage | {"total_tokens": used + script.output_tokens}
    if ill == "empty":
        return answer | {"choices": [], "usage": None}
    if ill == "empty, billed":
        return answer | {"choices": []}
    if ill == "no usage":
        del answer["usage"]
    if ill == "thinks":
        answer["usage"]["total_tokens"] += 40
    if ill in ("null", "null, length"):
        message["content"] = None
    if ill in ("length", "null, length"):
        choice["finish_reason"] = "length"
    if ill == "filter":
        choice["finish_reason"], message["content"] = "content_filter", None
    if ill == "refusal":
        message["refusal"], message["content"] = "I cannot help with that.", None
    if ill == "echo":
        message["content"] = f"You said {key}"
    return answer


FAULTS = {
    "filtered": (400, {"error": {"message": "The response was filtered", "code": "content_filter"}}),
    "context": (400, {"error": {"message": "This model's maximum context length is 64 tokens", "code": None}}),
    "malformed": (200, '{"choices": [{"mess'),
    "html": (200, "<html><body>We will be back soon</body></html>"),
    "html, 502": (502, "<html><body>Bad gateway</body></html>"),
}


@pytest.fixture
def url(script: Script) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

        def do_GET(self) -> None:
            script.gets += 1
            row = {"id": "m", "object": "model", "owned_by": script.owner, "max_model_len": 64}
            self.send(200, script.models or {"object": "list", "data": [row]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked, key = body["messages"][-1]["content"], self.headers["Authorization"]
            if self.path == "/tokenize":
                return self.send(200, {"count": len(asked), "max_model_len": 64})
            with script.lock:
                ill = script.of_query.get(asked) or (script.ills.pop(0) if script.ills else None)
                script.asked.append(body)
                script.keys.add(key)
                script.at.append(time.monotonic())
            if script.barrier:
                script.barrier.wait(5.0)
            time.sleep(1.0 if ill == "slow" else script.pause)
            if ill == "cut":
                return self.connection.close()
            if isinstance(ill, int):
                return self.send(ill, {"error": {"message": f"You came with {key}, which will not do"}})
            if ill in FAULTS:
                return self.send(*FAULTS[ill])
            with script.lock:
                script.answered.append(asked)
            return self.send(200, said(body, script, ill, key), cut=ill == "half")

        def send(self, status: int, value: object, cut: bool = False) -> None:
            content = (value if isinstance(value, str) else json.dumps(value)).encode()
            page = isinstance(value, str) and value.startswith("<")
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if page else "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, text in script.headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            if cut:
                self.wfile.flush()
                self.connection.close()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *of_request: object) -> None:
            pass  # clients that were tired of waiting

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture
def config_of(url: str) -> Callable[..., ChatConfig]:
    """A configuration for the server; keywords are its sections, but for those of ``engine.server``."""

    def make(sections: dict[str, Any] | None = None, **server: Any) -> ChatConfig:
        server = {"url": url, "model": "m", "retries": 3, **server}
        return ChatConfig.model_validate({"engine": {"name": "http", "server": server}, **(sections or {})})

    return make


def queries(count: int, first: int = 0) -> list[Query]:
    """Queries of two turns with a system's word before them."""
    return [
        Query(f"q{i}", (Message("system", "Be brief."), Message("user", f"Find {i:03}.")))
        for i in range(first, first + count)
    ]
