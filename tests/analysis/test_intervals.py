"""Intervals of means over problems: against references computed another way, ends, and what is dropped."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap

from int_bench.analysis.ends import exact_ends, interval_ends
from int_bench.analysis.estimates import UNDEFINED, Difference, Estimate
from int_bench.analysis.intervals import mean_interval, nested_interval, paired_difference
from int_bench.analysis.pass_at_k import pass_at_k
from int_bench.analysis.resampling import resampled_moments, resampled_pass_at_k


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def textbook_studentized(scores: NDArray[np.float64], resamples: int, seed: int) -> tuple[float, float]:
    """The same interval, one resample at a time."""
    draw, n, distances = rng(seed), len(scores), []
    angle = math.asin(math.sqrt(scores.mean()))
    for _ in range(resamples):
        sample = scores[draw.integers(n, size=n)]
        share, spread = sample.mean(), sample.std()
        distance = abs(math.asin(math.sqrt(share)) - angle)
        error = spread / math.sqrt(share * (1 - share)) if spread > 0 else 0
        distances.append(distance / error if error else (math.inf if distance > 1e-12 else 0))
    reach = sorted(distances)[math.ceil(0.95 * (resamples - 1))]
    reach *= scores.std() / math.sqrt(scores.mean() * (1 - scores.mean()))
    low, high = max(angle - reach, 0), min(angle + reach, math.pi / 2)
    exact = binomtest(int((scores > 0).sum()), n).proportion_ci(method="exact").high
    return math.sin(low) ** 2, min(math.sin(high) ** 2, exact)


@pytest.mark.parametrize("seed", range(4))
def test_studentized_equals_the_textbook(seed: int):
    scores = rng(10 + seed).binomial(16, rng(20 + seed).beta(0.4, 2, size=25)) / 16
    estimate = mean_interval(scores, rng(seed), resamples=400)
    assert (estimate.low, estimate.high) == pytest.approx(textbook_studentized(scores, 400, seed), abs=1e-9)


@pytest.mark.parametrize(("method", "theirs"), [("percentile", "percentile"), ("bca", "BCa")])
def test_percentiles_agree_with_scipy(method, theirs: str):
    scores, resamples = rng(1).beta(0.3, 2, size=40), 20_000
    reference = bootstrap((scores,), np.mean, n_resamples=resamples, method=theirs, rng=rng(2)).confidence_interval
    estimate = mean_interval(scores, rng(3), resamples, method=method)
    # Four standard errors of the difference of two resampled 2.5% quantiles, of a nearly normal mean.
    noise = 4 * math.sqrt(2 * 0.025 * 0.975 / resamples) / 0.058 * scores.std() / math.sqrt(len(scores))
    assert (estimate.low, estimate.high) == pytest.approx(tuple(reference), abs=noise)
    assert noise < 0.1 * (estimate.high - estimate.low)


@pytest.mark.parametrize("n", [1, 5, 64])
@pytest.mark.parametrize("successes", [0, 1])
def test_equal_scores_fall_back_to_clopper_pearson(n: int, successes: int):
    exact = binomtest(successes * n, n).proportion_ci(0.95, method="exact")
    for method in ("studentized", "percentile", "bca"):
        estimate = mean_interval(np.full(n, float(successes)), rng(), method=method)
        assert (estimate.low, estimate.high) == pytest.approx((exact.low, exact.high))


@given(st.lists(st.booleans(), min_size=1, max_size=50), st.sampled_from([0.8, 0.95, 0.99]))
def test_exact_ends_of_yes_and_no_are_clopper_pearson(scores: list[bool], confidence: float):
    exact = binomtest(sum(scores), len(scores)).proportion_ci(confidence, method="exact")
    low, high = exact_ends(np.array(scores, dtype=float)[:, None], confidence)
    assert (low[0], high[0]) == pytest.approx((exact.low, exact.high))


@given(arrays(float, st.integers(1, 30), elements=st.sampled_from([0.0, 0.125, 0.5, 1.0])))
def test_intervals_hold_their_mean_within_bounds_and_never_shrink_to_a_point(scores: NDArray[np.float64]):
    estimate = mean_interval(scores, rng(), resamples=200)
    assert 0 <= estimate.low <= estimate.value + 1e-12
    assert estimate.value - 1e-12 <= estimate.high <= 1
    assert estimate.high - estimate.low > 1e-3
    mirrored = mean_interval(1 - scores, rng(), resamples=200)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((estimate.low, estimate.high), abs=1e-6)


@given(arrays(float, st.integers(1, 30), elements=st.sampled_from([-1.0, -0.125, 0.0, 0.25, 1.0])))
def test_differences_change_sign_with_the_order_of_models(differences: NDArray[np.float64]):
    after, before = np.maximum(differences, 0), np.maximum(-differences, 0)
    gain, loss = (paired_difference(*pair, rng(), resamples=200) for pair in ((after, before), (before, after)))
    assert (gain.value, gain.low, gain.high, gain.p) == pytest.approx((-loss.value, -loss.high, -loss.low, loss.p))
    assert gain.low <= gain.value + 1e-12
    assert gain.value - 1e-12 <= gain.high
    # At most the share of problems that got better, at least minus the share that got worse.
    better = binomtest(int((differences > 0).sum()), len(differences)).proportion_ci(method="exact").high
    assert gain.high <= better + 1e-9 or np.ptp(differences) == 0


def test_zero_successes_never_print_a_point():
    estimate = mean_interval(np.zeros(20), rng())
    assert estimate.value == estimate.low == 0.0
    assert estimate.high > 0.1
    assert "[0.00, 0.00]" not in estimate.format()
    same = paired_difference(np.full(10, 0.5), np.full(10, 0.5), rng())
    assert same.low == pytest.approx(-same.high)
    assert same.high > 0.2


def test_columns_share_their_draws_and_equal_single_columns():
    n, c = np.full(50, 32), rng(2).binomial(32, rng(3).beta(0.5, 2, size=50))
    passed = pass_at_k(n, c, [1, 4, 16])
    low, high = interval_ends(passed, rng(), resamples=500)
    for column in range(3):
        alone = mean_interval(passed[:, column], rng(), resamples=500)
        assert (alone.low, alone.high) == pytest.approx((low[column], high[column]), abs=1e-12)


def test_resamples_are_drawn_problems_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch):
    scores = rng(4).random((30, 2))
    drawn = rng(5).integers(30, size=(100, 30))
    for cells in (2**20, 100):
        monkeypatch.setattr("int_bench.analysis.resampling.CELLS", cells)
        means, variances = resampled_moments(scores, 100, rng(5))
        np.testing.assert_allclose(means, scores[drawn].mean(axis=1), atol=1e-14)
        np.testing.assert_allclose(variances, scores[drawn].var(axis=1), atol=1e-14)


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
    assert gain.p < 0.001


def test_nested_intervals_without_samples_or_seeds_are_percentiles_over_problems():
    n, c = np.full(40, 16), rng(6).binomial(16, rng(7).beta(0.5, 2, size=40))
    nested = nested_interval(n, c, 4, rng(8), 300, within=False)
    plain = mean_interval(pass_at_k(n, c, 4), rng(8), 300, method="percentile")
    assert (nested.value, nested.low, nested.high) == pytest.approx((plain.value, plain.low, plain.high), abs=1e-12)


def test_each_level_adds_the_variance_it_should():
    """Of the mean of resamples, against formulas, for problems that all have the same ability but other seeds."""
    seeds, problems, samples = 4, 50, 8
    ability = np.array([0.2, 0.4, 0.5, 0.7])[:, None]
    c = rng(9).binomial(samples, ability, size=(seeds, problems))
    n, share = np.full_like(c, samples), c / samples
    over_seeds, over_problems = share.mean(axis=1).var() / seeds, share.mean(axis=0).var() / problems
    # Seeds and problems are crossed; what is left after both have been taken out varies with both.
    rest = (share - share.mean(axis=1, keepdims=True) - share.mean(axis=0) + share.mean()).var() / (seeds * problems)
    within = (share * (1 - share)).mean() / samples / (seeds * problems)
    for flag, expected in (
        (False, over_seeds + over_problems + rest),
        (True, over_seeds + over_problems + rest + within),
    ):
        means = resampled_pass_at_k(n, c, 1, 40_000, rng(10), within=flag)
        assert means.mean() == pytest.approx(share.mean(), abs=4 * math.sqrt(expected / 40_000))
        assert means.var() == pytest.approx(expected, rel=4 * math.sqrt(2 / 40_000))


def test_nested_intervals_take_ragged_samples_and_both_methods():
    n = np.array([[4, 8, 16, 8], [4, 8, 16, 2]])
    c = np.array([[1, 0, 8, 8], [2, 1, 9, 2]])
    for method in ("percentile", "bca"):
        estimate = nested_interval(n, c, 4, rng(), 200, method=method)
        assert (estimate.n, estimate.dropped) == (3, 1)
        assert estimate.value == pytest.approx(pass_at_k(n[:, :3].ravel(), c[:, :3].ravel(), 4).mean())
        assert 0 <= estimate.low < estimate.high <= 1
    nothing = nested_interval(n, np.zeros_like(n), 1, rng(), 200)
    assert nothing.low == 0 < nothing.high
    assert nested_interval([1], [1], 4, rng(), 200).format() == f"{UNDEFINED} (1 undefined)"


def test_undefined_problems_are_dropped_and_counted():
    estimate = mean_interval([0.0, math.nan, 1.0], rng())
    assert (estimate.value, estimate.n, estimate.dropped) == (0.5, 2, 1)
    assert estimate.format().endswith("(1 undefined)")
    nothing = mean_interval([math.nan], rng())
    assert (nothing.n, nothing.dropped, nothing.format()) == (0, 1, f"{UNDEFINED} (1 undefined)")
    assert mean_interval([], rng()).format() == UNDEFINED
    assert paired_difference([math.nan], [0.0], rng()).format() == f"{UNDEFINED} (1 undefined)"


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
        lambda: nested_interval([4], [5], 1, rng()),
        lambda: nested_interval([4], [[1], [2]], 1, rng()),
        lambda: nested_interval([4], [1], 1, rng(), resamples=0),
    ],
)
def test_refuses_what_is_no_score(call):
    with pytest.raises(ValueError, match=r"must"):
        call()
