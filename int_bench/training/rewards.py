"""What RL rewards.

"answer" is the paper's: 1 for a correct answer and 0 for anything else. "steps" stands for a process reward, with the
world's exact verifier in the place of a model that judges steps, so it is an upper bound of those: half of the reward
is for the answer, and half is the share of the problem's steps that the trace has right before its first error. Then
traces of unsolved problems differ in their rewards, without any intervention.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from int_bench.synthetic.student import BLANK
from int_bench.synthetic.verifier import steps_before_error
from int_bench.synthetic.world import parse_program


def with_steps(correct: float, problem: str, trace: str) -> float:
    r"""The reward "steps" of a trace, between 0 and 1.

    >>> with_steps(0.0, "a=3\nb=a-6\nc=9-b\nFind a,b,c mod 10.", "b=3-6=7\n\nc=9-7=3")
    0.25
    """
    return (correct + steps_before_error(parse_program(problem), trace.split(BLANK))) / 2


def zero_advantage(correct: Sequence[float], samples: int) -> tuple[float, float]:
    """Shares of groups whose rollouts are all wrong (the paper's zero-advantage ratio) and all right.

    >>> zero_advantage([0, 0, 1, 0, 1, 1], samples=2)
    (0.3333333333333333, 0.3333333333333333)
    """
    groups = np.asarray(correct, dtype=float).reshape(-1, samples)
    return float((groups == 0).all(1).mean()), float((groups == 1).all(1).mean())
