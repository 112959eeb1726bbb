"""Run a function on texts in processes of their own, which can be killed: a few, each at one answer at a time.

No limit inside a process stops every computation: signals reach only the main thread and wait for native code to
return. So the parent waits for each answer a limited time, and kills the worker if it is late; the next answer starts
a new one.

A worker is an interpreter of its own that runs ``serve``. It is not forked, because a fork copies the locks that other
threads hold and the state of CUDA; and it is not ``multiprocessing``'s spawn either, which would import the main script
again, refuses to start under a daemon, and fails in a script without an ``if __name__ == "__main__"`` guard.

Each worker is driven by a thread, so that callers may be threads, event loops or a trainer's reward function.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the worker processes have no use for pydantic
    from int_bench.config import GradingConfig

_START_SECONDS = 120.0  # for importing sympy on a busy machine; not part of the limit of an answer
_MOST_WORKERS = 4  # each takes 70 MiB and more


class WorkerError(RuntimeError):
    """A worker could not be started, or was closed while it was needed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost: seconds of waiting, bytes of memory above the idle worker's, and characters."""

    seconds: float = 5.0
    memory: int = 1 << 30
    characters: int = 2_000


def limits_of(config: GradingConfig) -> Limits:
    """The limits that a configuration sets."""
    return Limits(config.seconds, config.memory << 20, config.characters)


class Workers:
    """Up to ``count`` processes (default: a processor each, at most four) that run ``function``, "module:name".

    They are started one by one, when there is more work than those running can take, and stay until closed.
    """

    def __init__(self, function: str, limits: Limits, count: int | None = None) -> None:
        count = count or min(_processors(), _MOST_WORKERS)
        self._owner = os.getpid()
        self._all = [_Worker(function, limits) for _ in range(count)]
        self._idle = list(self._all)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="grading")

    def submit(self, *texts: str) -> Future[Any]:
        """Return the future of what the function returns for the texts, as JSON carries it.

        Its result is None if the function was late or died of the texts; it raises WorkerError if no worker can be
        started, or if they are closed first. So does this call in a fork, which has none of the threads.
        """
        if os.getpid() != self._owner:
            raise WorkerError("a grader does not outlive a fork: make one in each process")
        return self._threads.submit(self._ask, texts)

    def close(self) -> None:
        """Kill all workers, whatever they are at; what was not finished raises WorkerError. May be repeated."""
        for worker in self._all:
            worker.kill()
        self._threads.shutdown()
        for worker in self._all:
            worker.stop()

    def _ask(self, texts: tuple[str, ...]) -> Any:
        worker = self._idle.pop()  # the one used last, so that no more are started than needed
        try:
            return worker.ask(texts)
        finally:
            self._idle.append(worker)


class _Worker:
    """One process, started when first asked. One thread at a time may ask; any may kill."""

    def __init__(self, function: str, limits: Limits) -> None:
        self._function, self._limits = function, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._end: Callable[[], object] = lambda: None
        self._killed = False
        self._starting = threading.Lock()  # a process that is about to start would escape a kill

    def ask(self, texts: tuple[str, ...]) -> Any:
        connection = self._connect()
        with contextlib.suppress(EOFError, ConnectionError):
            connection.send_bytes(json.dumps(texts).encode())
            if connection.poll(self._limits.seconds):
                return json.loads(connection.recv_bytes())
        self.stop()
        if self._killed:
            raise WorkerError("the grading workers were closed")
        return None

    def kill(self) -> None:
        with self._starting:
            self._killed = True
            if self._process:
                self._process.kill()

    def stop(self) -> None:
        self._end()
        self._connection = None

    def _connect(self) -> Connection:
        # An idle worker is silent: what can be read is the end of the pipe. It died between two answers, so a new one
        # is started and no answer is blamed.
        if self._connection and self._connection.poll():
            self.stop()
        if self._connection is None:
            self._connection = self._start()
        return self._connection

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        module = "int_bench.grading.serve"
        limits = [str(theirs.fileno()), self._function, str(self._limits.seconds), str(self._limits.memory)]
        with self._starting, theirs:  # closed here, so that the end of the worker shows as the end of the pipe
            if self._killed:
                raise WorkerError("the grading workers were closed")
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, *limits],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            )
            self._process = process
        self._end = weakref.finalize(self, _end, process, ours)  # also if nobody closes the workers
        ready = False
        with contextlib.suppress(EOFError, ConnectionError):
            ready = ours.poll(_START_SECONDS) and bool(ours.recv_bytes())
        if not ready:
            self.stop()
            why = "were closed" if self._killed else f"did not start, or not within {_START_SECONDS:.0f} s"
            raise WorkerError(f"the grading workers {why}")
        return ours


def _end(process: subprocess.Popen[bytes], connection: Connection) -> None:
    process.kill()
    process.wait()  # at once after a kill, and it leaves no zombie
    connection.close()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
