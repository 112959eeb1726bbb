"""Functions for a worker that misbehave on demand, so that a test need not hunt for an answer that does."""

import os
import time


def misbehave(how: str, value: str) -> str:
    """Return the value, or do something worse first."""
    if how == "sleep":
        time.sleep(float(value))
    elif how == "hang":
        while True:
            9 ** (1 << 22)  # native code: no signal handler of Python runs before it returns
    elif how == "eat":
        return str(len(bytearray(int(value))))
    elif how == "die":
        os.abort()
    return value


def broken(how: str, value: str) -> str:
    """Raise, as a worker does that cannot import what it needs."""
    raise ImportError("no such thing")
