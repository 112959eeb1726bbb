"""Run math-verify in a process of its own, which can be killed.

No limit inside a process stops every computation: signals reach only the main thread and wait for native code to
return. So the parent waits for each answer a limited time, and kills the worker if it is late; the next answer starts
a new one. The worker is spawned, not forked, because a fork copies locks held by other threads and the state of CUDA.
As with every spawned process, a script that grades needs an ``if __name__ == "__main__"`` guard.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from int_bench.grading.exact import Finding

_START_SECONDS = 120.0  # for importing sympy on a busy machine; not part of the limit of an answer


class WorkerError(RuntimeError):
    """The worker process could not be started."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer may cost: seconds of waiting, bytes of memory above the idle worker's, and characters."""

    seconds: float = 5.0
    memory: int = 1 << 30
    characters: int = 2_000


class Worker:
    """A process that runs ``verify``, started when first needed. Threads may share it and take turns."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._running: tuple[BaseProcess, Connection] | None = None

    def verify(self, answer: str, gold: str) -> Finding:
        """Return the worker's finding; "timed_out" if it was late, or died of this answer.

        Raises WorkerError if no worker can be started.
        """
        with self._lock, contextlib.ExitStack() as unless_answered:
            # Also if this thread is interrupted: a finding left in the pipe would be taken for that of the next answer.
            unless_answered.callback(self._stop)
            connection = self._connect()
            with contextlib.suppress(EOFError, ConnectionError):
                connection.send((answer, gold))
                if connection.poll(self._limits.seconds):
                    finding: Finding = connection.recv()
                    unless_answered.pop_all()
                    return finding
            return "timed_out", "math_verify"

    def close(self) -> None:
        """Kill the worker, after the answer it is at; a later answer would start it again."""
        with self._lock:
            self._stop()

    def _connect(self) -> Connection:
        # An idle worker is silent: what can be read is the end of the pipe. It died between two answers, so a new one
        # is started and no answer is blamed.
        if self._running and self._running[1].poll():
            self._stop()
        if self._running is None:
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._limits), name="grader", daemon=True)
            process.start()
            self._running = process, ours
            theirs.close()  # so that the end of the worker shows as the end of the pipe
            try:
                ready = ours.poll(_START_SECONDS) and ours.recv()
            except (EOFError, ConnectionError):
                ready = False
            if not ready:
                raise WorkerError(f"the grading worker did not start, or not within {_START_SECONDS:.0f} s")
        return self._running[1]

    def _stop(self) -> None:
        if self._running is not None:
            process, connection = self._running
            self._running = None
            process.kill()
            process.join()  # at once after a kill, and it leaves no zombie
            connection.close()


def _serve(connection: Connection, limits: Limits) -> None:
    """Answer until the pipe closes. Runs in the worker process."""
    with contextlib.suppress(EOFError, ConnectionError, KeyboardInterrupt):
        import psutil

        from int_bench.grading.verify import verify

        logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its own time limits are off
        verify("x+1", "1+x")  # builds the tables of its parser, which would be charged to the first answer
        _limit("RLIMIT_AS", psutil.Process().memory_info().vms + limits.memory)
        connection.send(True)
        while True:
            answer, gold = connection.recv()
            # If the parent is killed nobody is left to kill the worker: then the system does, soon after the limit.
            _limit("RLIMIT_CPU", int(time.process_time() + limits.seconds) + 2)
            connection.send(verify(answer, gold))


def _limit(kind: str, value: int) -> None:
    import resource  # absent on some systems, where the package can still be imported

    _, hard = resource.getrlimit(getattr(resource, kind))
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(getattr(resource, kind), (soft, hard))
