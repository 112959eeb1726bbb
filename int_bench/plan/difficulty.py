"""How much of a pool is sampled when mining stops at the first success, and how many problems turn out hard.

What is known of a pool is how many of its problems had k successes in eight attempts of another model. Two models of a
problem's solve rate p stand for what eight attempts leave open:

- "plug-in": p = k/8, so a problem without a success is never solved;
- "posterior": p is Beta(k + 1, 9 - k), which is what a uniform prior and k successes of 8 give.

A problem is sampled in rounds until it has a success. With rounds that end at n_1 < n_2 < ... its expected number of
samples is the sum of (n_r - n_{r-1}) P(no success among n_{r-1}).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import bdtr, betaln

from int_bench.rollouts.rounds import growing

ATTEMPTS = 8
MODELS = ("plug-in", "posterior")

# Polaris-53K, problems by successes of DeepSeek-R1-Distill-Qwen-7B in 8 attempts; those with 8 had been removed.
# Counted by a third party: github.com/alee51/CS224R_Final_Project, commit 1732af79.
POLARIS = np.array([15368, 6956, 5459, 5137, 5211, 4720, 4000, 6440, 0], dtype=float)

# DeepScaleR, the same model and attempts, as the makers of Polaris print it, rounded: 40K problems, 26K without those
# of 8 successes, 19K without those of more than 4. How they divide within 0 to 4 and within 5 to 7 is not published.
DEEPSCALER = ((0, 4, 19_000), (5, 7, 7_000), (8, 8, 14_000))

# Guided rollouts of the authors of InT: of 14,766 interventions 2,213 reached the answer in 32 attempts, and 20,170 of
# their rollouts did.
GUIDED_SHARE = 2213 / 14766
GUIDED_RATE = 20170 / (2213 * 32)

Unfinished = Callable[[int], float]
"""The share of requests that are not done after so many samples."""


def histograms(pool: str | None) -> dict[str, np.ndarray]:
    """Problems by successes that are published for a pool of the registry, by the way in which gaps are filled.

    Pools of which nothing is published are taken to be like Polaris-53K.
    """
    if pool == "deepscaler":
        return {
            "if the hardest": _divided(DEEPSCALER, lambda low, high: np.eye(high - low + 1)[0]),
            "divided as Polaris-53K": _divided(DEEPSCALER, lambda low, high: np.maximum(POLARIS[low : high + 1], 1e-9)),
            "if the easiest": _divided(DEEPSCALER, lambda low, high: np.eye(high - low + 1)[-1]),
        }
    return {"published" if pool == "polaris-53k" else "as Polaris-53K": POLARIS}


def _divided(groups: Sequence[tuple[int, int, int]], weights: Callable[[int, int], np.ndarray]) -> np.ndarray:
    """Problems by successes, each group (lowest, highest, problems) divided in proportion to some weights."""
    problems_K = np.zeros(ATTEMPTS + 1)
    for low, high, problems in groups:
        weight = weights(low, high)
        problems_K[low : high + 1] = problems * weight / weight.sum()
    return problems_K


def unsolved(problems_K: np.ndarray, model: str) -> Unfinished:
    """The share of problems that have no success among so many samples.

    >>> unsolved(np.array([1, 0, 0, 0, 1, 0, 0, 0, 0]), "plug-in")(2)
    0.625
    """
    successes_K = np.arange(ATTEMPTS + 1)

    def share(samples: int) -> float:
        if model == "plug-in":
            none_K = (1 - successes_K / ATTEMPTS) ** samples
        else:
            one, other = successes_K + 1, ATTEMPTS - successes_K + 1
            none_K = np.exp(betaln(one, other + samples) - betaln(one, other))
        return float(problems_K @ none_K / problems_K.sum())

    return share


def unfiltered(enough: int) -> Unfinished:
    """The share of interventions that have fewer than ``enough`` correct guided rollouts among so many.

    As in the authors' counts most never have one; the others all have the same rate here.
    """

    def share(samples: int) -> float:
        few = bdtr(enough - 1, samples, GUIDED_RATE) if samples >= enough else 1.0
        return float(1 - GUIDED_SHARE + GUIDED_SHARE * few)

    return share


def sampled_share(unfinished: Unfinished, samples: int, first_round: int) -> float:
    """Expected samples as a share of all, where requests that are done after a round are left out of the next.

    >>> sampled_share(lambda taken: 1.0 if taken < 4 else 0.5, samples=16, first_round=4)
    0.625
    """
    ends = [0, *growing(first_round, samples)]
    drawn = sum((end - start) * unfinished(start) for start, end in itertools.pairwise(ends))
    return drawn / samples
