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

With several seeds, each weighing the same, the test flips whole problems, and the interval must agree as well: it is
Student's, over seeds, so that it speaks of other seeds too. With three seeds that is 4.3 standard errors to either
side. Holm's correction is then for what is said of these seeds; that other seeds would agree is said of each claim at
its own level, as three seeds could bear no more.

Seeds of one world share problems, and a problem that is luckily chosen is so under all of them. So what a problem adds
to the mean is first summed over seeds, for the test and for the standard error over problems, and the interval's error
is that of two-way clustering by seed and problem (Cameron, Gelbach and Miller 2011).

Simulated at 64 problems x 64 or 128 samples in ``tests/analysis/test_verdicts.py``:

- The same model twice: at least one of 30 claims is flagged in at most 5% of tables, a single claim in at most 5%.
- From an accuracy of 0.5%, with 29 other claims that are not found: a gain of 20 points that a quarter of the problems
  carry (Beta abilities of concentration 0.3) is found in at least 90% of runs, one of 10 points that is spread (2) too.
- Gains and losses that cancel out are flagged in at most 5%, unless hardly more than one problem in 50 gains (28%): no
  method sees what no problem of the sample shows.
- Three seeds whose effects spread by 2 points: 10 points are found in at least 90%; if by 5 points, 20. Intervals cover
  94 to 100%.
- Three seeds on the same problems, or two on the same and one on others, where problems differ and seeds hardly do: no
  effect is flagged in at most 5%, and the test alone finds one in 5 to 6%; one that took the problems of each seed for
  others would in 24 and 13%. Intervals cover nearly 100%: Student's t knows of the seeds alone, and these are three.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import nct, t

from int_bench.analysis.ends import check_settings
from int_bench.analysis.permutation import holm, sign_flip_p_value
from int_bench.analysis.strata import stratified_ends

Sample = Sequence[pd.Series]
"""For each training seed a value of each problem in [-1, 1], a paired difference or a score, as :func:`keyed` makes it.

A seed's mean is that over its strata (benchmarks) of their means over problems. Values of one world and one problem are
of the same problem, whatever the seed and the stratum.
"""
KEY = ["stratum", "world", "problem"]
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
    """What is known of a claim: the effect with its interval, over the ``n`` distinct problems of all ``seeds``.

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
    """A mean over ``n`` distinct problems, and over seeds if there are several, with its ends and standard errors.

    ``within`` is the standard error over problems, and ``error`` what the ends rest on, with its degrees of freedom.
    """

    effect: float
    low: float
    high: float
    n: int
    within: float
    error: float
    freedom: int


def keyed(values: pd.Series, world: int = 0) -> pd.Series:
    """Values of a seed, which are indexed by problem or by stratum and problem, under the keys of a ``Sample``.

    ``world`` tells problems apart that have the same name and are not the same.
    """
    names = values.index
    several = names.nlevels > 1
    strata = names.get_level_values(0) if several else [""] * len(names)
    keys = [strata, [world] * len(names), names.get_level_values(-1)]
    return values.astype(float).set_axis(pd.MultiIndex.from_arrays(keys, names=KEY))


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
        mde = minimum_detectable(sample, interval, level, 1.0 - confidence)
        ends = (interval.effect, interval.low, interval.high, interval.n)
        found.append(Verdict(*ends, len(sample), single, float(corrected), mde, finding, note))
    return found


def defined(sample: Sample) -> list[pd.Series]:
    """The values that are not NaN, of the seeds that have any."""
    return [values for values in (values.dropna() for values in sample) if len(values)]


def pooled(sample: Sample, threshold: float) -> NDArray[np.float64]:
    """What each distinct problem adds to the distance of the mean from the threshold, summed over its seeds.

    >>> shared = pd.Series([0.2, 0.4], ["a", "b"])
    >>> pooled([keyed(shared), keyed(shared)], 0.1).round(3).tolist()
    [0.05, 0.15]
    >>> pooled([keyed(shared), keyed(pd.Series([0.5], ["a"]), world=1)], 0.1).round(3).tolist()
    [0.025, 0.075, 0.2]
    """
    if not sample:
        return np.empty(0)
    return _by_problem([(values - threshold) * _weights(values) / len(sample) for values in sample])


def interval_of(sample: Sample, rng: np.random.Generator, resamples: int, confidence: float) -> Interval:
    """The mean with its interval: over problems the studentised bootstrap, over several seeds Student's t.

    The variance over seeds holds that over problems where each seed has its own; of problems that seeds share, what
    they have in common is added. With few seeds it may by chance come out smaller than what the problems alone make it,
    which is then taken.
    """
    seeds, means = len(sample), [float((values * _weights(values)).sum()) for values in sample]
    residuals = [_residuals(values) / seeds for values in sample]
    by_problem = _by_problem(residuals)
    problems, cells = float((by_problem**2).sum()), float(sum((each**2).sum() for each in residuals))
    effect, n, within = float(np.mean(means)), len(by_problem), math.sqrt(problems)
    if seeds == 1:
        strata = [part.to_numpy() for _, part in sample[0].groupby(level="stratum")]
        low, high = stratified_ends(strata, rng, resamples, confidence, lowest=-1.0)
        return Interval(effect, low, high, n, within, within, max(n - 1, 1))
    # Two-way clustering: over seeds, and over problems, less what both count.
    error = math.sqrt(max(problems, float(np.var(means, ddof=1)) / seeds + problems - cells))
    reach = float(t.ppf((1.0 + confidence) / 2.0, seeds - 1)) * error
    return Interval(effect, max(effect - reach, -1.0), min(effect + reach, 1.0), n, within, error, seeds - 1)


def _weights(values: pd.Series) -> pd.Series:
    """What each value of a seed counts in its mean."""
    strata = values.index.get_level_values("stratum")
    return 1.0 / (strata.nunique() * values.groupby(strata).transform("size"))


def _residuals(values: pd.Series) -> pd.Series:
    """Weighted distances from the means of the strata; the sum of their squares is the squared standard error."""
    groups = values.groupby(level="stratum")
    size = groups.transform("size")
    return (values - groups.transform("mean")) * _weights(values) * np.sqrt(size / (size - 1).clip(lower=1))


def _by_problem(parts: Sequence[pd.Series]) -> NDArray[np.float64]:
    """Sums of the values of each distinct problem."""
    return pd.concat(list(parts)).groupby(level=KEY[1:]).sum().to_numpy(float)


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
    tail = float(((len(sample[0]) * _residuals(sample[0])) ** 3).sum())
    # Values that are all the same have no tail but for rounding.
    return ("undecided", TAIL) if tail * distance < -1e-18 else (found, FEW)


def minimum_detectable(sample: Sample, interval: Interval, corrected: float, level: float) -> float:
    """The distance from the threshold that the test, and over seeds the interval, would find with a power of 80%.

    A two-sided t-test at some level finds a true effect of d standard errors with the probability that a noncentral t
    of noncentrality d passes its critical value (Cohen 1988, section 2.2); d is about the sum of two quantiles, that of
    the level and that of the power (Bloom 1995). The sign-flip test has about the power of the t-test (Pitman 1937). It
    is asked at the level of Holm's first step, with the standard error over problems; the interval over several seeds
    is asked at its own level, with its own error. With one seed the power is that of the test alone: at a margin the
    interval must agree as well, but at a level that is no stricter, so that it seldom takes any.
    """
    if interval.error < 1e-12:
        return math.nan
    test = interval.within * standard_errors(corrected, max(interval.n - len(sample), 1))
    return test if len(sample) == 1 else max(test, interval.error * standard_errors(level, interval.freedom))


def standard_errors(level: float, freedom: int, power: float = POWER) -> float:
    """How many standard errors a true effect needs for a two-sided t-test to find it with the given power.

    >>> round(standard_errors(0.05, 63), 2), round(standard_errors(0.05, 2), 2)
    (2.85, 5.65)
    """
    critical = float(t.ppf(1.0 - level / 2.0, freedom))
    return float(brentq(lambda d: nct.sf(critical, freedom, d) - power, 0.0, 4.0 * critical + 4.0))
