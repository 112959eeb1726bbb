"""All graders by name: int-bench's own, and others to compare it with, run under the same limits.

To add one, write a function of a response and a gold answer that returns a status, the answer found and the method, and
give it a line in ``OTHERS``. It runs in a worker process, so it may use signals, hang or die.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from int_bench.errors import UserError
from int_bench.grading.extract import extract_answer
from int_bench.grading.findings import Method
from int_bench.grading.grade import Grade, Grader, Response
from int_bench.grading.spelling import normalise
from int_bench.grading.workers import Limits, Workers

if TYPE_CHECKING:
    from int_bench.records import Status

    Judgement = tuple[Status, str | None, Method]

Responses = Iterable[Response | tuple[str, str, str]]
OURS = "int-bench"


def strict_box(response: str, gold: str) -> Judgement:
    """The last box holds the gold answer, character by character."""
    return _compare_text(response, lambda answer: answer == gold)


def string_match(response: str, gold: str) -> Judgement:
    """The last box holds the gold answer, spaces, sizes and fonts aside."""
    return _compare_text(response, lambda answer: normalise(answer) == normalise(gold))


def math_verify_alone(response: str, gold: str) -> Judgement:
    """math-verify as its users call it, with its own defaults: it looks for an answer in the whole response."""
    import math_verify

    found = math_verify.parse(response)
    if not found:
        return "no_answer", None, "none"
    expected = math_verify.parse(gold if "$" in gold else f"${gold}$")
    answer = next((part for part in found if isinstance(part, str)), None)
    return "correct" if math_verify.verify(expected, found) else "wrong", answer, "math_verify"


OTHERS: dict[str, Callable[[str, str], Judgement]] = {
    "strict-box": strict_box,
    "string-match": string_match,
    "math-verify": math_verify_alone,
}


def grader_names() -> list[str]:
    """The names of all graders, int-bench's own first."""
    return [OURS, *OTHERS]


@contextlib.contextmanager
def open_grader(name: str) -> Iterator[Callable[[Responses], list[Grade]]]:
    """A function that grades triples of response, finish reason and gold answer; its processes end with the block.

    Raises UserError for an unknown name.
    """
    if name == OURS:
        with Grader() as grader:
            yield grader.grade_many
    elif name in OTHERS:
        with contextlib.closing(Workers(f"{__name__}:{OTHERS[name].__name__}", Limits())) as workers:
            yield lambda responses: _judge(workers, responses)
    else:
        raise UserError(f"no grader {name!r}; there are {', '.join(grader_names())}")


def _judge(workers: Workers, responses: Responses) -> list[Grade]:
    rows = [Response(*row) for row in responses]
    asked = [(row.finish_reason, workers.submit(row.text, row.gold)) for row in rows]
    grades = []
    for finish_reason, future in asked:
        judgement: Judgement = future.result() or ("timed_out", None, "none")
        status, extracted, method = judgement
        cut_off = status == "no_answer" and finish_reason == "length"
        grades.append(Grade("truncated" if cut_off else status, extracted, method))
    return grades


def _compare_text(response: str, equal: Callable[[str], bool]) -> Judgement:
    answer = extract_answer(response)
    if answer is None:
        return "no_answer", None, "none"
    return "correct" if equal(answer) else "wrong", answer, "string"
