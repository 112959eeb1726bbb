"""Keeping below what a server admits in a minute."""

from __future__ import annotations

import threading
import time


class Pace:
    """Spreads units evenly over time, so that no minute has more than ``per_minute``. Threads may share it.

    >>> slow = Pace(600)
    >>> slow.take()
    >>> 0.05 < slow.delay() <= 0.1
    True
    """

    def __init__(self, per_minute: int | None) -> None:
        self._seconds = 60.0 / per_minute if per_minute else 0.0
        self._free = 0.0
        self._lock = threading.Lock()

    def delay(self) -> float:
        """Seconds until something may go; 0 for now."""
        return max(0.0, self._free - time.monotonic())

    def take(self, units: int = 1) -> None:
        """Note that something goes now; what comes next is put off accordingly."""
        with self._lock:
            self._free = max(self._free, time.monotonic()) + units * self._seconds

    def give_back(self, units: int) -> None:
        """Note that something which has gone took so many units less than was thought."""
        with self._lock:
            self._free -= units * self._seconds
