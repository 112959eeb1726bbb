"""What whoever is asked in chats keeps to: the conversation that is handed over, and what became of it.

As engines do, chats answer with each query as soon as it is finished, in whatever order that is. Every query is
answered with a reply, whose status says what became of it; what stops all is an error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from int_bench.engines import SamplingSettings
from int_bench.engines.base import FinishReason

Role = Literal["system", "user", "assistant"]
Status = Literal["answered", "refused", "too_long", "no_reply"]
FINAL: tuple[Status, ...] = ("answered", "refused")
"""Statuses that asking again would not change; the others may pass, or another context may mend them."""


class Message(NamedTuple):
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Query:
    """A conversation to be continued by the assistant, the ``sample``-th time (from 0).

    No two have the same key and sample; random draws are keyed by them.
    """

    key: str
    messages: tuple[Message, ...]
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a query, and the tokens that it took.

    The status is "answered", also where the answer was cut off by its limit (``finish_reason``); "refused" by the
    model or a filter of its server; "too_long", if the prompt leaves no room in the context; or "no_reply", if a server
    went on failing at it.
    """

    text: str
    finish_reason: FinishReason
    input_tokens: int
    output_tokens: int
    status: Status = "answered"


Answered = tuple[Query, Reply]


class Chats(ABC):
    """Whoever can be asked in chats.

    ``name`` says which model it is and what samples from it, so that its answers can be kept under it; ``context`` is
    the number of tokens that a rendered conversation and the answer have together at most.
    """

    name: str
    context: int

    @abstractmethod
    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        """Ask, and yield what is finished as soon as it is: each query once."""

    @abstractmethod
    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of a rendered conversation with the header of the answer; never fewer than there are."""

    def close(self) -> None:  # noqa: B027  not all hold something that must be given back
        """Give back what is held: connections, files."""


class Wrapped(Chats):
    """Chats around others, whose name and context they have."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats

    @property
    def name(self) -> str:  # type: ignore[override]
        """See :class:`Chats`."""
        return self._chats.name

    @property
    def context(self) -> int:  # type: ignore[override]
        """See :class:`Chats`."""
        return self._chats.context

    def count(self, messages: Sequence[Message]) -> int:
        """See :class:`Chats`."""
        return self._chats.count(messages)

    def close(self) -> None:
        """See :class:`Chats`."""
        self._chats.close()
