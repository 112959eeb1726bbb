"""The reward of int-bench for trainers that load a function by its name: 1 for a correct answer, 0 for anything else.

The trainers do not say why a response ended. Nothing depends on it: one that was cut off after its answer counts as
answered, and one without an answer gets no reward either way.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

from int_bench.grading import Grader, Response


def verl_reward(data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None, **_: Any) -> float:
    r"""The reward of one response, under the names that verl calls it with.

    >>> verl_reward("set", r"It is \boxed{1/2}.", "0.5")
    1.0
    """
    return _rewards([solution_str], [ground_truth])[0]


def trl_reward(completions: Sequence[Any], answer: Sequence[str], **_: Any) -> list[float]:
    r"""The rewards of a batch of conversations, under the names that TRL calls it with.

    >>> trl_reward([[{"role": "assistant", "content": answer}] for answer in (r"\boxed{2}", "2")], ["2", "2"])
    [1.0, 0.0]
    """
    return _rewards([completion[-1]["content"] for completion in completions], answer)


def _rewards(texts: Sequence[str], golds: Sequence[str]) -> list[float]:
    responses = [Response(text, "stop", gold) for text, gold in zip(texts, golds, strict=True)]
    return [float(grade.correct) for grade in _grader(os.getpid()).grade_many(responses)]


@functools.cache
def _grader(process: int) -> Grader:
    """One grader for each process, since none outlives a fork."""
    return Grader()
