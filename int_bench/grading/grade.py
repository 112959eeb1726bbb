"""From a response to a grade. A reward, an evaluation and a filter all grade through this one class.

A grade keeps apart what other graders throw together as wrong: a response without an answer, one that was cut off
before its answer, an answer that cannot be read, and one that could not be decided within the limits. A response
that was cut off after its answer counts as answered.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from int_bench.grading.cache import Findings
from int_bench.grading.exact import compare_exactly
from int_bench.grading.extract import extract_answers
from int_bench.grading.findings import Finding, Method
from int_bench.grading.structure import is_several
from int_bench.grading.workers import Limits, Workers

if TYPE_CHECKING:  # records import pyarrow, which the worker processes have no use for
    from int_bench.records import Status

_DEFAULT_LIMITS = Limits()
_TIMED_OUT: Finding = ("timed_out", "math_verify")
_REMEMBERED = 16_384  # many samples of a problem give the same answer


@dataclass(frozen=True, slots=True)
class Grade:
    """What became of a response: its status, the answer found in it, and the method that decided."""

    status: Status
    extracted: str | None
    method: Method

    @property
    def correct(self) -> bool:
        """Whether the answer equals the gold answer."""
        return self.status == "correct"


class Response(NamedTuple):
    """What is graded: a text, why it ended ("length" at the token budget), and the gold answer.

    A box that closes within the first ``handed_over`` characters is not the model's own and does not count.
    """

    text: str
    finish_reason: str
    gold: str
    handed_over: int = 0


class Grader:
    r"""Grades responses. Close it, or use it as a context manager, to end the processes that it may have started.

    Threads may share it; in an event loop, ``await asyncio.to_thread(grader.grade, ...)`` does not block the loop.
    ``cache`` is a file in which findings are kept for the next time and for other processes.

    >>> with Grader() as grader:
    ...     grader.grade(r"Thus the answer is \boxed{\dfrac12}.", "stop", "0.5")
    Grade(status='correct', extracted='\\dfrac12', method='rational')
    """

    def __init__(
        self, limits: Limits = _DEFAULT_LIMITS, workers: int | None = None, cache: str | Path | None = None
    ) -> None:
        self._limits = limits
        self._compare_exactly = functools.lru_cache(maxsize=_REMEMBERED)(compare_exactly)
        self._found = Findings(Path(cache) if cache else None, limits.memory)
        self._workers = Workers("int_bench.grading.verify:verify", limits, workers)

    def grade(self, text: str, finish_reason: str, gold: str, handed_over: int = 0) -> Grade:
        """Grade one response; see :class:`Response`.

        Raises WorkerError if a worker is needed and cannot be started.
        """
        return self.grade_many([Response(text, finish_reason, gold, handed_over)])[0]

    def grade_many(self, responses: Iterable[Response | tuple[str, str, str]]) -> list[Grade]:
        """Grade responses, in their order; the workers share the work.

        Raises WorkerError if a worker is needed and cannot be started.
        """
        rows = [(_answer(response), response) for response in (Response(*row) for row in responses)]
        found = self._compare((answer, response.gold) for answer, response in rows if answer is not None)
        return [
            Grade("truncated" if response.finish_reason == "length" else "no_answer", None, "none")
            if answer is None
            else Grade(found[answer, response.gold][0], answer, found[answer, response.gold][1])
            for answer, response in rows
        ]

    def close(self) -> None:
        """End the worker processes, whatever they are at, and write the cache."""
        self._workers.close()
        self._found.close()

    def __enter__(self) -> Grader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _compare(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Finding]:
        found: dict[tuple[str, str], Finding] = {}
        asked: dict[tuple[str, str], Future[Any]] = {}
        for answer, gold in dict.fromkeys(pairs):
            if finding := self._known(answer, gold):
                found[answer, gold] = finding
            else:
                asked[answer, gold] = self._workers.submit(answer, gold)
        try:
            for (answer, gold), future in asked.items():
                verdict, method = future.result() or _TIMED_OUT
                found[answer, gold] = verdict, method
                if verdict != "timed_out":  # the machine may have been busy
                    self._found.put(answer, gold, found[answer, gold])
        finally:
            for future in asked.values():
                future.cancel()
        return found

    def _known(self, answer: str, gold: str) -> Finding | None:
        if len(answer) > self._limits.characters:
            return "unparsable", "none"
        return self._compare_exactly(answer, gold) or self._found.get(answer, gold)


def _answer(response: Response) -> str | None:
    """The last box; or all boxes, if several elements are asked for and the last box does not hold several."""
    answers = extract_answers(response.text, response.handed_over)
    if not answers:
        return None
    several = len(answers) > 1 and is_several(response.gold) and not is_several(answers[-1])
    return ", ".join(dict.fromkeys(answers)) if several else answers[-1]
