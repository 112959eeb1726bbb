"""How often 95% intervals cover the truth, by simulation: worlds with a known mean, like the paper's evaluations.

A world draws the ability of each problem, then its samples. Abilities are Beta-distributed with concentration a + b,
the smaller the more bimodal: 0.1 is nearly all or nothing, 0.5 strongly bimodal, and 50 hardly spread. If the paper's
Table 1 has 64 to 128 samples a problem, its shares of problems solved fit concentrations of 9 to 190; those of this
repository's reference run fit 0.1 with interventions, 1 to 2 after RL, and more than 40 before. As a shape outside the
Beta family, ``HALF`` has problems that are solved half of the time and others never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm, t

from int_bench.analysis.ends import Ends, interval_ends

HALF = "half"
SIZES = ((30, 8), (64, 32), (400, 128))
"""Problems x samples a problem."""
ACCURACIES = (0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9)
SPREADS = (0.1, 0.5, 2.0, 10.0, 50.0, HALF)
CHANGES = ((0.005, 50, 0.005, 50), (0.005, 50, 0.01, 20), (0.005, 50, 0.09, 1), (0.05, 2, 0.1, 1), (0.05, 2, 0.05, 2),
           (0.05, 0.3, 0.1, 0.3), (0.3, 5, 0.5, 5), (0.5, 1, 0.6, 1), (0.9, 2, 0.95, 2))  # fmt: skip
"""Accuracy and concentration before and after, for paired differences; the first and the fifth have no difference."""
RESAMPLES = 1000

Interval = Callable[[NDArray[np.float64], int, np.random.Generator], Ends]


class Case(NamedTuple):
    """A simulated evaluation; ``spread`` is a concentration or HALF."""

    problems: int
    samples: int
    accuracy: float
    spread: float | str

    def scores(self, worlds: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Scores of shape (problems, worlds)."""
        size = (self.problems, worlds)
        if self.spread == HALF:
            ability = np.where(rng.random(size) < 2 * self.accuracy, 0.5, 0.0)
        else:
            ability = rng.beta(self.accuracy * self.spread, (1 - self.accuracy) * self.spread, size=size)
        return rng.binomial(self.samples, ability) / self.samples

    def at_stake(self) -> float:
        """Expected problems with a success, or without a full score if these are fewer."""
        scores = self.scores(60, np.random.default_rng(0))
        return float(min((scores > 0).sum(axis=0).mean(), (scores < 1).sum(axis=0).mean()))


def cases() -> Iterator[Case]:
    """All cases in which at least ten successes and ten failures are expected."""
    for problems, samples in SIZES:
        for spread in SPREADS:
            for accuracy in ACCURACIES:
                rare = problems * samples * min(accuracy, 1 - accuracy) < 10
                if not rare and not (spread == HALF and accuracy >= 0.5):
                    yield Case(problems, samples, accuracy, spread)


def coverage(
    case: Case, interval: Interval, worlds: int, rng: np.random.Generator, at_once: int = 250
) -> tuple[float, float]:
    """Share of worlds whose interval holds the case's accuracy, and the median width of the intervals."""
    covered, widths = 0, []
    for _ in range(worlds // at_once):  # the worlds of one call share their resamples
        low, high = interval(case.scores(at_once, rng), case.samples, rng)
        covered += np.count_nonzero((low <= case.accuracy + 1e-12) & (case.accuracy - 1e-12 <= high))
        widths.append(high - low)
    return covered / (worlds // at_once * at_once), float(np.median(widths))


def coverage_of_change(
    problems: int, samples: int, change: tuple[float, ...], alike: float, interval: Interval, worlds: int,
    rng: np.random.Generator,
) -> float:  # fmt: skip
    """As :func:`coverage`, of a paired difference; ``alike`` is the correlation of before and after (normal copula)."""
    before, after = change[:2], change[2:]
    common = rng.standard_normal((problems, worlds))
    other = alike * common + np.sqrt(1 - alike**2) * rng.standard_normal((problems, worlds))
    scores = [rng.binomial(samples, _ability(*side, z)) / samples for side, z in ((before, common), (after, other))]
    low, high = interval(scores[1] - scores[0], samples, rng)
    truth = _mean_ability(*after) - _mean_ability(*before)
    return float(((low <= truth) & (truth <= high)).mean())


def studentized(scores: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Ends:
    return interval_ends(scores, rng, RESAMPLES)


def studentized_difference(scores: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Ends:
    return interval_ends(scores, rng, RESAMPLES, lowest=-1.0)


def percentile(scores: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Ends:
    return interval_ends(scores, rng, RESAMPLES, method="percentile")


def bca(scores: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Ends:
    return interval_ends(scores, rng, RESAMPLES, method="bca")


def student_t(scores: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Ends:
    """The textbook's interval of a mean of problems."""
    mean, error = scores.mean(axis=0), scores.std(axis=0, ddof=1) / np.sqrt(len(scores))
    reach = t.ppf(0.975, len(scores) - 1) * error
    return mean - reach, mean + reach


def wilson_of_samples(scores: NDArray[np.float64], samples: int, rng: np.random.Generator) -> Ends:
    """Wilson's interval as if all samples were independent: what ignoring the problems gives."""
    n, share, z = len(scores) * samples, scores.mean(axis=0), norm.ppf(0.975)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return centre - reach, centre + reach


METHODS: dict[str, Interval] = {
    "studentized": studentized,
    "percentile": percentile,
    "BCa": bca,
    "t": student_t,
    "Wilson, samples": wilson_of_samples,
}

# Abilities come from a table of quantiles: its own mean is the truth, so that its coarseness does not matter.
_LEVELS = (np.arange(4000) + 0.5) / 4000


def _quantiles(accuracy: float, spread: float) -> NDArray[np.float64]:
    return beta.ppf(_LEVELS, accuracy * spread, (1 - accuracy) * spread)


def _ability(accuracy: float, spread: float, z: NDArray[np.float64]) -> NDArray[np.float64]:
    return _quantiles(accuracy, spread)[(norm.cdf(z) * len(_LEVELS)).astype(int)]


def _mean_ability(accuracy: float, spread: float) -> float:
    return float(_quantiles(accuracy, spread).mean())
