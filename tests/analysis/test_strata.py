"""Averages over benchmarks: what they are, and how often their intervals and tests are right."""

import math

import numpy as np
import pytest

from int_bench.analysis.intervals import mean_interval, paired_difference
from int_bench.analysis.strata import average_difference, average_interval

ABILITIES = ((0.1, 2.0), (0.5, 0.5), (0.9, 5.0), (0.3, 1.0))
"""Mean and concentration of the abilities of four benchmarks."""


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def drawn(size: int, draw: np.random.Generator) -> list[np.ndarray]:
    abilities = [draw.beta(mean * spread, (1 - mean) * spread, size=size) for mean, spread in ABILITIES]
    return [draw.binomial(8, ability) / 8 for ability in abilities]


def test_one_benchmark_is_a_mean_over_its_problems():
    scores = drawn(30, rng())[0]
    one, other = average_interval([scores], rng(1), 500), mean_interval(scores, rng(1), 500)
    assert (one.value, one.low, one.high, one.n) == pytest.approx((other.value, other.low, other.high, other.n))
    after = np.clip(scores + rng(2).choice([0.0, 0.125], size=30), 0.0, 1.0)
    gain, paired = average_difference([after], [scores], rng(1), 500), paired_difference(after, scores, rng(1), 500)
    assert (gain.value, gain.low, gain.high, gain.p) == pytest.approx((paired.value, paired.low, paired.high, paired.p))


def test_benchmarks_count_alike_whatever_their_sizes():
    assert average_interval([[1.0] * 90, [0.0] * 10], rng(), 50).value == 0.5


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    truth = np.mean([mean for mean, _ in ABILITIES])
    found = [average_interval(drawn(30, rng(seed)), rng(seed), 200) for seed in range(600)]
    covered = np.mean([estimate.low <= truth <= estimate.high for estimate in found])
    assert 0.925 <= covered <= 0.975
    # Resampling within benchmarks, their differences do not widen the interval.
    pooled = mean_interval(np.concatenate(drawn(30, rng(0))), rng(0), 200)
    assert found[0].high - found[0].low < 0.9 * (pooled.high - pooled.low)


def test_equal_models_are_seldom_told_apart():
    pairs = [(drawn(30, rng(seed)), drawn(30, rng(1000 + seed))) for seed in range(400)]
    gains = [average_difference(after, before, rng(), 200) for after, before in pairs]
    assert np.mean([gain.p <= 0.05 for gain in gains]) == pytest.approx(0.05, abs=0.033)
    assert np.mean([gain.low <= 0.0 <= gain.high for gain in gains]) == pytest.approx(0.95, abs=0.033)


def test_a_benchmark_without_scores_leaves_no_average():
    estimate = average_interval([[0.5, 1.0], [math.nan]], rng())
    assert math.isnan(estimate.value)
    assert (estimate.n, estimate.dropped) == (0, 1)
    assert math.isnan(average_difference([[]], [[]], rng()).p)
    assert math.isnan(average_interval([], rng()).value)


def test_equal_scores_still_have_a_width():
    estimate = average_interval([[0.0] * 20, [1.0] * 20], rng(), 100)
    assert estimate.value == 0.5
    assert 0.0 < estimate.low < 0.45 < 0.55 < estimate.high < 1.0


def test_what_cannot_be_averaged_is_refused():
    with pytest.raises(ValueError, match=r"within \[0, 1\]"):
        average_interval([[0.5], [1.5]], rng())
    with pytest.raises(ValueError, match="same problems"):
        average_difference([[0.5]], [[0.5, 0.1]], rng())
