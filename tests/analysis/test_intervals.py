"""Bootstrap over problems: coverage, ends, and what is dropped."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from int_bench.analysis.intervals import (
    UNDEFINED,
    Difference,
    Estimate,
    constant_interval,
    mean_interval,
    paired_difference,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("n", [1, 5, 64])
@pytest.mark.parametrize("successes", [0, 1])
def test_equal_scores_fall_back_to_clopper_pearson(n: int, successes: int):
    exact = binomtest(successes * n, n).proportion_ci(0.95, method="exact")
    estimate = mean_interval(np.full(n, float(successes)), rng())
    assert (estimate.low, estimate.high) == pytest.approx((exact.low, exact.high))


def test_zero_successes_never_print_a_point():
    estimate = mean_interval(np.zeros(20), rng())
    assert estimate.value == estimate.low == 0.0
    assert estimate.high > 0.1
    assert "[0.00, 0.00]" not in estimate.format()


def test_equal_scores_in_between_get_a_width_too():
    low, high = constant_interval(0.5, 10)
    assert 0 < low < 0.5 < high < 1
    estimate = paired_difference(np.full(10, 0.5), np.full(10, 0.5), rng())
    assert estimate.low == pytest.approx(-estimate.high)
    assert estimate.high > 0.2


def test_covers_the_true_mean():
    """Beta-distributed difficulties, 16 samples a problem: the interval must cover the mean over all problems."""
    draw, covered, worlds = rng(1), 0, 400
    for world in range(worlds):
        difficulty = draw.beta(0.6, 2.4, size=60)
        scores = draw.binomial(16, difficulty) / 16
        estimate = mean_interval(scores, rng(world), resamples=500)
        covered += estimate.low <= 0.2 <= estimate.high
    assert 0.90 <= covered / worlds <= 0.98


def test_intervals_that_forget_the_problems_would_be_too_narrow():
    scores = np.repeat([0.0, 1.0], 20)
    by_problem = mean_interval(scores, rng())
    by_sample = mean_interval(np.repeat(scores, 64), rng(), resamples=500)
    assert by_problem.high - by_problem.low > 4 * (by_sample.high - by_sample.low)


def test_pairing_removes_what_both_sides_share():
    before = rng(2).uniform(0, 0.8, size=50)
    after = before + 0.1 + rng(3).normal(0, 0.01, size=50)
    gain = paired_difference(after, before, rng())
    assert isinstance(gain, Difference)
    assert gain.value == pytest.approx((after - before).mean())
    assert gain.high - gain.low < 0.01


def test_undefined_problems_are_dropped_and_counted():
    estimate = mean_interval([0.0, math.nan, 1.0], rng())
    assert (estimate.value, estimate.n, estimate.dropped) == (0.5, 2, 1)
    assert estimate.format().endswith("(1 undefined)")
    nothing = mean_interval([math.nan], rng())
    assert (nothing.n, nothing.dropped, nothing.format()) == (0, 1, f"{UNDEFINED} (1 undefined)")
    assert mean_interval([], rng()).format() == UNDEFINED


def test_the_generator_decides():
    scores = rng(4).random(30)
    assert mean_interval(scores, rng(5)) == mean_interval(scores, rng(5))
    assert mean_interval(scores, rng(5)) != mean_interval(scores, rng(6))
    assert isinstance(mean_interval(scores, rng()), Estimate)


@pytest.mark.parametrize(
    "call",
    [
        lambda: mean_interval([1.5], rng()),
        lambda: mean_interval([[0.5]], rng()),
        lambda: mean_interval([0.5], rng(), resamples=0),
        lambda: mean_interval([0.5], rng(), confidence=1.0),
        lambda: paired_difference([0.5], [0.5, 0.6], rng()),
    ],
)
def test_refuses_what_is_no_score(call):
    with pytest.raises(ValueError, match=r"must"):
        call()
