"""From a response to a grade. A reward, an evaluation and a filter all grade through this one class.

A grade keeps apart what other graders throw together as wrong: a response without an answer, one that was cut off
before its answer, an answer that cannot be read, and one that could not be decided within the limits. A response
that was cut off after its answer counts as answered.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from int_bench.grading.exact import Finding, Method, compare_exactly
from int_bench.grading.extract import extract_answer
from int_bench.grading.workers import Limits, Worker

if TYPE_CHECKING:  # records import pyarrow, which the worker process has no use for
    from int_bench.records import Status

_DEFAULT_LIMITS = Limits()
_CACHED_FINDINGS = 16_384  # many samples of a problem give the same answer; at most some tens of megabytes


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


class Grader:
    r"""Grades responses. Close it, or use it as a context manager, to end the worker process that it may have started.

    >>> with Grader() as grader:
    ...     grader.grade(r"Thus the answer is \boxed{\dfrac12}.", "stop", "0.5")
    Grade(status='correct', extracted='\\dfrac12', method='rational')
    """

    def __init__(self, limits: Limits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._worker = Worker(limits)
        self._compare = functools.lru_cache(maxsize=_CACHED_FINDINGS)(self._compare_anew)

    def grade(self, response: str, finish_reason: str, gold: str) -> Grade:
        """Grade one response; ``finish_reason`` is "length" if it was cut off at the token budget."""
        answer = extract_answer(response)
        if answer is None:
            return Grade("truncated" if finish_reason == "length" else "no_answer", None, "none")
        if len(answer) > self._limits.characters:
            return Grade("unparsable", answer, "none")
        status, method = self._compare(answer, gold)
        return Grade(status, answer, method)

    def grade_many(self, responses: Iterable[tuple[str, str, str]]) -> list[Grade]:
        """Grade triples of response, finish reason and gold answer, in their order."""
        return [self.grade(*response) for response in responses]

    def close(self) -> None:
        """End the worker process, if there is one."""
        self._worker.close()

    def __enter__(self) -> Grader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _compare_anew(self, answer: str, gold: str) -> Finding:
        return compare_exactly(answer, gold) or self._worker.verify(answer, gold)
