"""Asking language models in chats, for oracles and judges: over any engine, or a server's interface of chats."""

from int_bench.chats.base import Chats, Message, Query, Reply

__all__ = ["Chats", "Message", "Query", "Reply"]
