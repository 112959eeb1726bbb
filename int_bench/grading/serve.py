"""What a worker process does: answer one request after another until the pipe closes. Started by ``workers``."""

from __future__ import annotations

import contextlib
import json
import logging
import pkgutil
import resource
import signal
import sys
import time
from multiprocessing.connection import Connection

import psutil


def serve(connection: Connection, name: str, seconds: float, memory: int) -> None:
    """Run the function called ``name`` on pairs of an answer and a gold answer, within the memory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all, and the parent decides
    function = pkgutil.resolve_name(name)
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its own time limits are off
    function(r"\boxed{x+1}", "1+x")  # builds the tables of a parser, which would be charged to the first answer
    _limit(resource.RLIMIT_AS, psutil.Process().memory_info().vms + memory)
    connection.send_bytes(b"ready")
    while True:
        texts = json.loads(connection.recv_bytes())
        # If the parent is killed nobody is left to kill the worker: then the system does, soon after the limit.
        _limit(resource.RLIMIT_CPU, int(time.process_time() + seconds) + 2)
        connection.send_bytes(json.dumps(function(*texts)).encode())


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    descriptor, function_name, seconds_each, memory_above = sys.argv[1:]
    # The pipe's end is the parent's way to say that it is done. Too little memory ends the worker, not the run; inside
    # the interpreter it can also show as a SystemError.
    with contextlib.suppress(EOFError, ConnectionError, MemoryError, RecursionError, SystemError):
        serve(Connection(int(descriptor)), function_name, float(seconds_each), int(memory_above))
