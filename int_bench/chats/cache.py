"""Answers kept for the next time, and what was spent on them, in a file that processes share.

Unlike a grade, an answer may have cost money. So the SQLite file is written through to the disk as answers come in, is
never made anew by itself, and where it cannot be used that is an error. It holds no key: only what was asked, as a
digest, and what was answered.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path
from typing import NamedTuple

from int_bench.chats.base import FINAL, Answered, Chats, Query, Reply, Wrapped
from int_bench.engines import SamplingSettings
from int_bench.errors import UserError

_PATIENCE_SECONDS = 30.0  # for another process's commit, which takes milliseconds
_TOGETHER = 256  # replies that are handed over at a time
_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    request TEXT PRIMARY KEY, text TEXT, finish_reason TEXT, input_tokens INTEGER, output_tokens INTEGER, status TEXT
);
CREATE TABLE IF NOT EXISTS spent (job TEXT PRIMARY KEY, input_tokens INTEGER, output_tokens INTEGER);
"""


class Tokens(NamedTuple):
    """Tokens of prompts and of answers."""

    input: int
    output: int


class Store:
    """The file at ``path``: replies by request, and the tokens that each job has spent.

    Raises UserError where it cannot be used.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._database: sqlite3.Connection | None = None
        with self._transaction() as database:
            database.executescript(_TABLES)

    def get(self, request: str) -> Reply | None:
        """The reply to a request, if there was one."""
        with self._transaction() as database:
            row = database.execute("SELECT * FROM replies WHERE request = ?", (request,)).fetchone()
        return Reply(*row[1:]) if row else None

    def put(self, replies: Iterable[tuple[str, Reply]]) -> None:
        """Keep replies; of two processes that ask the same, the first is heard."""
        rows = [(request, *astuple(reply)) for request, reply in replies]
        with self._transaction() as database:
            database.executemany("INSERT OR IGNORE INTO replies VALUES (?, ?, ?, ?, ?, ?)", rows)

    def spend(self, job: str, tokens: Tokens) -> None:
        """Note that a job has spent more tokens."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO spent VALUES (?, ?, ?) ON CONFLICT (job) DO UPDATE SET "
                "input_tokens = input_tokens + excluded.input_tokens, "
                "output_tokens = output_tokens + excluded.output_tokens",
                (job, *tokens),
            )

    def spent(self, job: str) -> Tokens:
        """What a job has spent, over all its starts."""
        with self._transaction() as database:
            rows = database.execute("SELECT input_tokens, output_tokens FROM spent WHERE job = ?", (job,))
            return Tokens(*(rows.fetchone() or (0, 0)))

    def close(self) -> None:
        """Close the file."""
        if self._database:
            self._database.close()
            self._database = None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._database is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._database = sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)
            with self._database as database:
                yield database
        except (sqlite3.Error, OSError) as error:
            said = f"the answers kept there cannot be used ({error}); move it away to start anew"
            raise UserError(f"{self._path}: {said}") from None


class Cached(Wrapped):
    """Chats whose answers are kept: what was answered or refused is asked no more. ``found`` counts what was there."""

    def __init__(self, chats: Chats, store: Store) -> None:
        super().__init__(chats)
        self._store = store
        self.found = 0

    def ask(self, queries: Sequence[Query], settings: SamplingSettings) -> Iterator[list[Answered]]:
        """See :class:`int_bench.chats.base.Chats`; raises UserError if the file cannot be used."""
        missing: list[Query] = []
        known: list[Answered] = []
        for query in queries:
            if reply := self._store.get(self._request(query, settings)):
                known.append((query, reply))
            else:
                missing.append(query)
            if len(known) == _TOGETHER:
                yield self._all(known)
                known = []
        if known:
            yield self._all(known)
        if not missing:
            return
        for finished in self._chats.ask(missing, settings):
            final = [(query, reply) for query, reply in finished if reply.status in FINAL]
            self._store.put((self._request(query, settings), reply) for query, reply in final)
            yield finished

    def _all(self, known: list[Answered]) -> list[Answered]:
        self.found += len(known)
        return known

    def _request(self, query: Query, settings: SamplingSettings) -> str:
        """The digest of all that decides an answer."""
        asked = [self.name, asdict(settings), query.key, query.messages, query.sample]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()
