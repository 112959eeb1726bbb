"""Chats over a server with an interface like OpenAI's: a hosted one, ``vllm serve``, SGLang.

1. What may pass is tried again by the client library (see ``engines/client.py``), and so is an answer that holds
   nothing: no JSON, or no choices. One that says what it cost is not, so that no query is paid for twice.
2. A query at which the server fails for good has its own status, and the others go on. A server that cannot be
   reached, turns away whoever asks, or fails at many queries in a row, is given up: what is on its way is waited for,
   and then one line says why.
3. What times out may have been generated, and billed, each time. A query that ends so has cost the most it can have.
4. Only open servers are sent a seed and what OpenAI's does not know, for a hosted one may refuse it; and only vLLM is
   asked how many tokens a prompt has. Elsewhere a token is reckoned to be one byte, the least that it can be.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from openai import APITimeoutError, DefaultHttpxClient, OpenAI, OpenAIError

from int_bench.chats.answers import reply_of, says_something, status_of_fault
from int_bench.chats.base import Answered, Chats, Message, Query, Reply
from int_bench.chats.pace import Pace
from int_bench.config import RateConfig, ServerConfig
from int_bench.engines import SamplingSettings
from int_bench.engines.base import seed_of
from int_bench.engines.client import FILLED_IN, OPEN, client_of, failed, hidden, patience, served
from int_bench.errors import UserError

_UNKNOWN = 2**31  # tokens: a context that only the server knows
_MARKUP = 16  # tokens at most that a template puts around a message
_FAULTS = 16  # queries in a row without a reply: it is not at them that the server fails
_FAULT_OF_ONE = (400, 408, 409, 413, 422)  # and 5xx: what another query need not meet
_HOLDS_NOTHING = 502  # as which the client library is shown an answer that holds nothing


class _Served(NamedTuple):
    """A model that a server has."""

    id: str
    context: int
    owner: str | None


class ServerChats(Chats):
    """Asks a model on a server. Nothing is sent, and no key is read, before it is needed.

    Raises UserError, at first use, if the server cannot be reached, serves several models and none is named, or lacks
    a key.
    """

    def __init__(self, config: ServerConfig, rate: RateConfig | None = None) -> None:
        rate = rate or RateConfig()
        self._config = config
        self._requests, self._tokens = Pace(rate.requests_per_minute), Pace(rate.tokens_per_minute)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The server's address and its name for the model: elsewhere it may be another."""
        return f"{self._config.url}/{self._config.model or self._model.id}"

    @property
    def context(self) -> int:  # type: ignore[override]
        """See :class:`int_bench.chats.base.Chats`; very many where the server does not tell."""
        return self._model.context

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        """See :class:`int_bench.chats.base.Chats`; raises UserError if the server is given up."""
        waiting, running = deque(queries), dict[Future[Reply | UserError], Query]()
        faults, failure = 0, None
        if waiting:
            self._model  # noqa: B018  before threads ask for it
        with ThreadPoolExecutor(self._config.concurrency) as pool:
            try:
                while waiting or running:
                    room = waiting and len(running) < self._config.concurrency
                    delay = max(self._requests.delay(), self._tokens.delay()) if room else None
                    if delay == 0.0:
                        query = waiting.popleft()
                        self._requests.take()
                        self._tokens.take(_most(query.messages) + settings.max_new_tokens)
                        running[pool.submit(self._outcome, query, settings)] = query
                    elif not running:
                        time.sleep(delay or 0.0)
                    else:
                        finished: list[Answered] = []
                        for future in wait(running, delay, FIRST_COMPLETED).done:
                            query, outcome = running.pop(future), future.result()
                            if isinstance(outcome, Reply):
                                finished.append((query, outcome))
                                faults = faults + 1 if outcome.status == "no_reply" else 0
                            else:
                                failure = failure or outcome
                        if faults >= _FAULTS:
                            said = f"no reply to {faults} queries in a row; the lines above say why"
                            failure = failure or UserError(f"{self._config.url}: {said}")
                        if failure:
                            waiting.clear()
                        if finished:
                            yield finished
            finally:
                for future in running:
                    future.cancel()
        if failure:
            raise failure

    def count(self, messages: Sequence[Message]) -> int:
        """See :class:`int_bench.chats.base.Chats`."""
        return self._exactly(messages) or _most(messages)

    def close(self) -> None:
        """See :class:`int_bench.chats.base.Chats`."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> OpenAI:
        hooks: dict[str, list[Any]] = {"request": [self._note_repeat], "response": [_look_into]}
        return client_of(self._config, http_client=DefaultHttpxClient(event_hooks=hooks))

    @cached_property
    def _model(self) -> _Served:
        models = served(self._client, self._config)
        wanted = self._config.model or models[0].id
        row = next((row for row in models if row.id == wanted), None)
        return _Served(wanted, int(getattr(row, "max_model_len", None) or _UNKNOWN), getattr(row, "owned_by", None))

    def _note_repeat(self, request: Any) -> None:
        """What the client library sends again counts as a request too: it puts off what comes next."""
        if request.headers.get("x-stainless-retry-count", "0") != "0":
            self._requests.take()

    def _exactly(self, messages: Sequence[Message]) -> int | None:
        """Tokens of a prompt, if there is somebody to ask."""
        if self._model.owner != "vllm":
            return None
        root = self._config.url.rstrip("/").removesuffix("/v1")
        body = {"model": self._model.id, "messages": _sent(messages)}
        try:
            said: Any = self._client.post(f"{root}/tokenize", body=body, cast_to=object)
        except OpenAIError:
            return None
        return said.get("count") if isinstance(said, dict) else None

    def _outcome(self, query: Query, settings: SamplingSettings) -> Reply | UserError:
        """The reply to a query, or why there will be none to any."""
        exactly, most, limit = self._exactly(query.messages), _most(query.messages), settings.max_new_tokens
        if exactly is not None:
            if exactly >= self.context:
                return Reply("", "length", 0, 0, "too_long")
            limit = min(limit, self.context - exactly)
        fields = self._fields(query, settings, limit)
        try:
            answer = self._client.chat.completions.with_raw_response.create(**fields)
        except OpenAIError as error:
            fault = error
        else:
            reply = reply_of(answer.content, exactly or most, limit)
            unused = most + settings.max_new_tokens - reply.input_tokens - reply.output_tokens
            self._tokens.give_back(max(0, unused))
            return replace(reply, text=hidden(self._config, reply.text))
        # Here, where the client's own error, which may repeat the key, is not the context of another.
        code = getattr(fault, "status_code", None)
        line = failed(self._config, fault)
        if isinstance(fault, APITimeoutError) or code in _FAULT_OF_ONE or (code or 0) >= 500:
            print(f"{query.key}: {line}", file=sys.stderr, flush=True)
            paid = self._config.retries + 1 if isinstance(fault, APITimeoutError) else 0
            return Reply("", "stop", paid * (exactly or most), paid * limit, status_of_fault(code, fault))
        return UserError(f"{line}; lower rate.requests_per_minute") if code == 429 else line

    def _fields(self, query: Query, settings: SamplingSettings, limit: int) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "model": self._model.id,
            "messages": _sent(query.messages),
            "temperature": settings.temperature,
            "max_tokens": limit,
            "timeout": patience(self._config, limit),
        }
        if settings.stop:
            fields["stop"] = list(settings.stop)
        if self._model.owner in OPEN:
            seed = seed_of(settings.seed, query.key, query.sample)
            extra = {"top_k": settings.top_k or -1, **FILLED_IN}
            return {**fields, "top_p": settings.top_p, "seed": seed, "extra_body": extra}
        if settings.top_p < 1.0:
            fields["top_p"] = settings.top_p
        if settings.top_k:
            fields["extra_body"] = {"top_k": settings.top_k}
        return fields


def _sent(messages: Sequence[Message]) -> list[Any]:
    return [message._asdict() for message in messages]


def _most(messages: Sequence[Message]) -> int:
    """Tokens that a prompt has at most."""
    return sum(len(message.content.encode()) + _MARKUP for message in messages) + _MARKUP


def _look_into(response: Any) -> None:
    """Show the client library an answer that holds nothing as a fault, so that it asks again as after any other."""
    if response.status_code == 200 and response.request.url.path.endswith("/chat/completions"):
        response.read()
        if not says_something(response.content):
            response.status_code = _HOLDS_NOTHING
