"""Which of the solutions that a model wrote are cloned, and why the others are not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from int_bench.records import Solution


class Written(NamedTuple):
    """A text of a model's about a problem, or why there is none.

    ``status`` is the grader's, or that of a request without a reply, which nobody graded (``correct`` is None).
    """

    solution_id: str
    problem_id: str
    text: str
    status: str
    finish_reason: str
    correct: bool | None

    def solution(self, reason: str) -> Solution:
        """The record of it."""
        return Solution(self.solution_id, self.problem_id, self.text, self.correct, reason == "kept", reason)


def choose(written: Iterable[Written], per_problem: int | None = None) -> Iterator[Solution]:
    """Keep the first correct texts of each problem, ``per_problem`` of them or all; each text once.

    The reason why one is not kept is its status, or of a correct one: "unfinished", it was cut off after its answer and
    so has no end that could be taught; "duplicate" of one that is kept; "enough" are kept of its problem.
    """
    kept: dict[str, set[str]] = defaultdict(set)
    for row in written:
        texts = kept[row.problem_id]
        if not row.correct:
            reason = row.status
        elif row.finish_reason != "stop":
            reason = "unfinished"
        elif row.text in texts:
            reason = "duplicate"
        elif per_problem is not None and len(texts) >= per_problem:
            reason = "enough"
        else:
            reason = "kept"
            texts.add(row.text)
        yield row.solution(reason)
