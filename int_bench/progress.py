"""Progress of long work: a bar with rate and remaining time on a terminal, plain lines in a log file."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from int_bench.manifest import main_process

_LINE_EVERY = 10.0  # seconds between two lines of a log


class Track:
    """Counts finished units of ``total`` and, where there are any, tokens."""

    def __init__(self, what: str, total: int, bar: Progress | None, quiet: bool = False) -> None:
        self._quiet = quiet
        self.what, self.total, self.done, self.tokens = what, total, 0, 0
        self._start = self._said = time.monotonic()
        self._bar = bar
        self._task = bar.add_task(what, total=total, rate="") if bar else None

    def advance(self, units: int = 1, tokens: int = 0) -> None:
        """Note that ``units`` more are done and ``tokens`` more were made."""
        self.done += units
        self.tokens += tokens
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=units, rate=self._rate())
        elif time.monotonic() - self._said > _LINE_EVERY:
            self._said = time.monotonic()
            self._line()

    def say(self, text: str) -> None:
        """Print a line of a log, above the bar if there is one."""
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.console.print(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def _rate(self) -> str:
        seconds = max(time.monotonic() - self._start, 1e-9)
        return f"{self.tokens / seconds:,.0f} tokens/s" if self.tokens else f"{self.done / seconds:.2f}/s"

    def _line(self) -> None:
        if self._quiet:
            return
        seconds = time.monotonic() - self._start
        left = seconds / self.done * (self.total - self.done) if self.done else float("nan")
        print(f"{self.what}: {self.done}/{self.total}, {self._rate()}, {left:.0f} s left", file=sys.stderr, flush=True)


@contextlib.contextmanager
def track(what: str, total: int) -> Iterator[Track]:
    """Show the progress of a block of work on stderr; of several processes that train together the first does."""
    if not main_process():
        yield Track(what, total, None, quiet=True)
    elif sys.stderr.isatty():
        columns = [
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
        ]
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
            yield Track(what, total, bar)
    else:
        progress = Track(what, total, None)
        yield progress
        progress._line()
