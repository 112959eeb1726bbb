"""Verdicts on claims: each is a mean over problems that should lie above, or below, a threshold.

A claim of an effect has the threshold 0. A claim of no effect ("RL does not improve pass@k", "easy problems are kept")
has a margin, the smallest effect of interest: an improvement below +margin, a loss above -margin. So one rule does for
both: a claim holds if the mean is found on its side of the threshold, fails if it is found on the other side, and is
undecided otherwise.

*Found* on a side, with one training seed, means that the sign-flip test of problems tells the mean from the threshold,
after Holm's correction for all claims judged together, and that the interval does not contradict it. Test and interval
disagree where few problems carry the effect: a symmetric interval then reaches past the threshold, because so little is
known of its other end. At threshold 0 the test is believed if those few problems lie on the effect's side. If the tail
lies on the other side, it finds too much: of rare large gains and many small losses that cancel out, it says "loss" in
6 to 14% of runs at a level of 5%, and in up to 10% at one of 0.2%. So the interval must agree then, and always where
the threshold is a margin, around which nothing makes differences symmetric.

With several seeds, whose problems may be different ones, the test flips all their problems, each seed weighing the
same, and the interval must agree as well: it is Student's, over seeds, so that it speaks of other seeds too. With three
seeds that is 4.3 standard errors to either side. Holm's correction is then for what is said of these seeds; that other
seeds would agree is said of each claim at its own level, as three seeds could bear no more.

Simulated at 64 problems x 64 or 128 samples in ``tests/analysis/test_verdicts.py``:

- The same model twice: at least one of 30 claims is flagged in at most 5% of tables, a single claim in at most 5%.
- From an accuracy of 0.5%, with 29 other claims that are not found: a gain of 20 points that a quarter of the problems
  carry (Beta abilities of concentration 0.3) is found in at least 90% of runs, one of 10 points that is spread (2) too.
- Gains and losses that cancel out are flagged in at most 5%, unless hardly more than one problem in 50 gains (28%): no
  method sees what no problem of the sample shows.
- Three seeds whose effects spread by 2 points: 10 points are found in at least 90%; if by 5 points, 20. Intervals cover
  94 to 100%.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import nct, t

from int_bench.analysis.ends import check_settings, interval_ends
from int_bench.analysis.permutation import holm, sign_flip_p_value

Sample = Sequence[NDArray[np.float64]]
"""For each training seed a value of each problem in [-1, 1]: a paired difference, or a score."""
Finding = Literal["holds", "fails", "undecided"]

POWER = 0.8
"""Of the minimum detectable effect."""
FEW = "few problems carry it, so that the interval reaches past the threshold"
TAIL = "found by its test, not by the interval: the large differences are to the other side"
NEAR_MARGIN = "told from the margin by its test, not by the interval"
THESE_SEEDS = "found in these seeds, which are too few to say so of others"
CORRECTED = "found by its own test, not after the correction for all claims"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """That a mean lies on one side of a threshold."""

    side: Literal["above", "below"] = "above"
    threshold: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a claim: the effect with its interval, over ``n`` problems of all ``seeds``.

    ``p`` is that of the test against the threshold and ``p_holm`` the same after correction. ``mde`` is the distance
    from the threshold that would be found with a power of 80% at this size; NaN where all values are equal.
    """

    effect: float
    low: float
    high: float
    n: int
    seeds: int
    p: float
    p_holm: float
    mde: float
    verdict: Finding
    note: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over problems, and over seeds if there are several, with its ends and standard errors.

    ``within`` is the standard error over problems, and ``error`` what the ends rest on, with its degrees of freedom.
    """

    effect: float
    low: float
    high: float
    within: float
    error: float
    freedom: int


def verdicts(
    claims: Sequence[tuple[Sample, Hypothesis]], seed: int, resamples: int = 10_000, confidence: float = 0.95
) -> list[Verdict]:
    """Judge some claims together; a claim whose sample has no values is undecided.

    NaN values are left out. ``seed`` starts a fresh generator for each claim, so that only the correction of a number
    depends on its neighbours. Raises ValueError for values outside [-1, 1], for fewer than 1 resample and for a
    confidence outside (0, 1).
    """
    check_settings(resamples, confidence)
    samples = [defined(sample) for sample, _ in claims]
    tested = sum(bool(sample) for sample in samples)
    level = (1.0 - confidence) / max(tested, 1)
    # The smallest possible p-value has to lie well below the first step of the correction.
    flips = max(resamples, math.ceil(20 / level))
    p = [
        sign_flip_p_value(pooled(sample, hypothesis.threshold), np.random.default_rng(seed), flips)
        for sample, (_, hypothesis) in zip(samples, claims, strict=True)
    ]
    found = []
    for sample, (_, hypothesis), single, corrected in zip(samples, claims, p, holm(p), strict=True):
        if not sample:
            nan = math.nan
            found.append(Verdict(nan, nan, nan, 0, 0, nan, nan, nan, "undecided", "no values"))
            continue
        interval = interval_of(sample, np.random.default_rng(seed), resamples, confidence)
        finding, note = decide(sample, hypothesis, interval, single, corrected, 1.0 - confidence)
        problems, mde = sum(map(len, sample)), minimum_detectable(sample, interval, level, 1.0 - confidence)
        ends = (interval.effect, interval.low, interval.high)
        found.append(Verdict(*ends, problems, len(sample), single, float(corrected), mde, finding, note))
    return found


def defined(sample: Sample) -> list[NDArray[np.float64]]:
    """The values that are not NaN, of the seeds that have any."""
    kept = [np.asarray(values, dtype=float) for values in sample]
    return [values for values in (values[~np.isnan(values)] for values in kept) if len(values)]


def pooled(sample: Sample, threshold: float) -> NDArray[np.float64]:
    """Distances from the threshold of all problems of all seeds, weighted so that their mean is that over seeds.

    >>> pooled([np.array([0.2, 0.4]), np.array([0.5])], 0.1).round(3).tolist()
    [0.075, 0.225, 0.6]
    """
    total = sum(map(len, sample))
    weighted = [(values - threshold) * total / (len(sample) * len(values)) for values in sample]
    return np.concatenate(weighted) if weighted else np.empty(0)


def interval_of(sample: Sample, rng: np.random.Generator, resamples: int, confidence: float) -> Interval:
    """The mean with its interval: over problems the studentised bootstrap, over several seeds Student's t.

    The variance over seeds holds that over problems, as each seed has its own. With few seeds it may by chance come out
    smaller than what the problems alone make it, which is then taken.
    """
    seeds, means = len(sample), [float(values.mean()) for values in sample]
    squares = [values.var(ddof=1) / len(values) if len(values) > 1 else 0.0 for values in sample]
    effect, within = float(np.mean(means)), math.sqrt(sum(squares)) / seeds
    if seeds == 1:
        low, high = interval_ends(sample[0][:, None], rng, resamples, confidence, lowest=-1.0)
        return Interval(effect, float(low[0]), float(high[0]), within, within, max(len(sample[0]) - 1, 1))
    error = max(within, float(np.std(means, ddof=1)) / math.sqrt(seeds))
    reach = float(t.ppf((1.0 + confidence) / 2.0, seeds - 1)) * error
    return Interval(effect, max(effect - reach, -1.0), min(effect + reach, 1.0), within, error, seeds - 1)


def decide(
    sample: Sample, hypothesis: Hypothesis, interval: Interval, p: float, p_holm: float, level: float
) -> tuple[Finding, str]:
    """The verdict, and a note where test and interval disagree; the rule is in the module's docstring."""
    distance = interval.effect - hypothesis.threshold
    beyond = interval.low > hypothesis.threshold or interval.high < hypothesis.threshold
    found: Finding = "holds" if (distance > 0) == (hypothesis.side == "above") else "fails"
    if p_holm > level:
        return "undecided", CORRECTED if p <= level else ""
    if beyond:
        return found, ""
    if len(sample) > 1:
        return "undecided", THESE_SEEDS
    if hypothesis.threshold != 0.0:
        return "undecided", NEAR_MARGIN
    tail = float(((sample[0] - interval.effect) ** 3).sum())
    # Values that are all the same have no tail but for rounding.
    return ("undecided", TAIL) if tail * distance < -1e-18 else (found, FEW)


def minimum_detectable(sample: Sample, interval: Interval, corrected: float, level: float) -> float:
    """The distance from the threshold that all that a verdict asks for would find with a power of 80%.

    A two-sided t-test at some level finds a true effect of d standard errors with the probability that a noncentral t
    of noncentrality d passes its critical value (Cohen 1988, section 2.2); d is about the sum of two quantiles, that of
    the level and that of the power (Bloom 1995). The sign-flip test has about the power of the t-test (Pitman 1937). It
    is asked at the level of Holm's first step, with the standard error over problems; the interval over several seeds
    is asked at its own level, with its own error.
    """
    if interval.error < 1e-12:
        return math.nan
    problems = sum(map(len, sample)) - len(sample)
    test = interval.within * standard_errors(corrected, max(problems, 1))
    return test if len(sample) == 1 else max(test, interval.error * standard_errors(level, interval.freedom))


def standard_errors(level: float, freedom: int, power: float = POWER) -> float:
    """How many standard errors a true effect needs for a two-sided t-test to find it with the given power.

    >>> round(standard_errors(0.05, 63), 2), round(standard_errors(0.05, 2), 2)
    (2.85, 5.65)
    """
    critical = float(t.ppf(1.0 - level / 2.0, freedom))
    return float(brentq(lambda d: nct.sf(critical, freedom, d) - power, 0.0, 4.0 * critical + 4.0))
