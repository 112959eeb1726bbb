"""Findings of the worker processes, kept for the next time: in memory, and in a file that processes share.

Only what is final goes in, and only what a worker found: the exact paths are quicker than a lookup. The file is an
SQLite database, opened when the first answer needs it. It is a convenience and never a reason to stop: a damaged file
is made anew, and where it cannot be used, as on a file system without locks, grading says so in one line and goes on.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from int_bench.grading.findings import Finding

T = TypeVar("T")

_REMEMBERED = 65_536  # in memory; some tens of megabytes
_COMMIT_SECONDS = 1.0  # a kill loses no more than this
_PATIENCE_SECONDS = 5.0  # for another process's commit, which takes milliseconds
_PACKAGES = ("math-verify", "sympy", "latex2sympy2_extended", "antlr4-python3-runtime")


class Findings:
    """Maps an answer and a gold answer to what was found. Threads may share it, and processes the file at ``path``.

    ``memory`` is the limit under which it was found: with too little, math-verify takes an answer for a wrong one.
    """

    def __init__(self, path: Path | None = None, memory: int = 0) -> None:
        self._path, self._limit = path, memory
        self._lock = threading.Lock()
        self._memory: dict[tuple[str, str], Finding] = {}
        self._database: sqlite3.Connection | None = None
        self._unwritten: dict[str, Finding] = {}
        self._written = 0.0

    def get(self, answer: str, gold: str) -> Finding | None:
        """Return what was found before, or None."""
        with self._lock:
            finding = self._memory.get((answer, gold))
            if finding is None and self._path and (finding := self._read(self._key(answer, gold))):
                self._remember(answer, gold, finding)
            return finding

    def put(self, answer: str, gold: str, finding: Finding) -> None:
        """Keep a final finding."""
        with self._lock:
            self._remember(answer, gold, finding)
            if self._path:
                self._unwritten[self._key(answer, gold)] = finding
                if time.monotonic() - self._written > _COMMIT_SECONDS:
                    self._write()

    def close(self) -> None:
        """Write what is not yet written, and close the file."""
        with self._lock:
            if self._unwritten:
                self._write()
            if self._database:
                self._database.close()
                self._database = None

    def _remember(self, answer: str, gold: str, finding: Finding) -> None:
        if len(self._memory) >= _REMEMBERED:
            del self._memory[next(iter(self._memory))]
        self._memory[answer, gold] = finding

    def _key(self, answer: str, gold: str) -> str:
        # JSON keeps the four apart, and can carry what UTF-8 cannot.
        return hashlib.sha256(json.dumps([grader_version(), self._limit, gold, answer]).encode()).hexdigest()

    def _read(self, key: str) -> Finding | None:
        return self._on_database(
            lambda database: database.execute("SELECT verdict, method FROM findings WHERE key = ?", (key,)).fetchone()
        )

    def _write(self) -> None:
        rows = [(key, *finding) for key, finding in self._unwritten.items()]
        self._unwritten.clear()
        self._written = time.monotonic()

        def insert(database: sqlite3.Connection) -> None:
            with database:
                database.executemany("INSERT OR IGNORE INTO findings VALUES (?, ?, ?)", rows)

        self._on_database(insert)

    def _on_database(self, act: Callable[[sqlite3.Connection], T]) -> T | None:
        """Do something on the open database; if that fails, say so and return None."""
        path = self._path
        if path is None:
            return None
        try:
            self._database = self._database or _open(path)
            return act(self._database)
        except (sqlite3.Error, OSError) as error:
            if self._database:
                self._database.close()
                self._database = None
            # What is locked, full or not permitted stays so; what is damaged is of no use to anybody.
            damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
            if damaged and os.access(path.parent, os.W_OK):
                outcome = "damaged, made anew"
                path.unlink(missing_ok=True)
            else:
                outcome = "not used"
                self._path = None
            print(f"int-bench: {path}: cache of grades {outcome} ({error})", file=sys.stderr)
            return None


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, check_same_thread=False)
    # A kill leaves the file whole all the same; only a power failure may damage it, and then it is made anew.
    database.execute("PRAGMA synchronous = OFF")
    database.execute("CREATE TABLE IF NOT EXISTS findings (key TEXT PRIMARY KEY, verdict TEXT, method TEXT)")
    return database


@functools.cache
def grader_version() -> str:
    """A digest of what decides a finding: the source of this package, and the versions of the libraries it asks."""
    from int_bench.manifest import fingerprint  # not at the top, for it imports half of the package

    versions = [importlib.metadata.version(name) for name in _PACKAGES]
    return hashlib.sha256(json.dumps([fingerprint(Path(__file__).parent, "*.py"), versions]).encode()).hexdigest()[:16]
