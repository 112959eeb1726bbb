"""Intervals of means of amounts without bounds: against the textbook, coverage, and where none is given."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from int_bench.analysis.ends import unbounded_ends
from int_bench.analysis.estimates import UNDEFINED, Amount, Change
from int_bench.analysis.intervals import amount_interval, paired_change
from int_bench.analysis.permutation import sign_flip_p_value
from tests.analysis.coverage import student_t

WORLDS = 2000


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def textbook(amounts: NDArray[np.float64], resamples: int, seed: int) -> tuple[float, float]:
    """The same interval, one resample at a time."""
    draw, n, distances = rng(seed), len(amounts), []
    for _ in range(resamples):
        sample = amounts[draw.integers(n, size=n)]
        distances.append((sample.mean() - amounts.mean()) / sample.std())
    distances.sort()
    upper = distances[math.ceil(0.975 * (resamples - 1))]
    lower = distances[math.floor(0.025 * (resamples - 1))]
    return amounts.mean() - upper * amounts.std(), amounts.mean() - lower * amounts.std()


@pytest.mark.parametrize("seed", range(4))
def test_intervals_equal_the_textbook(seed: int):
    amounts = rng(10 + seed).lognormal(size=25)
    found = amount_interval(amounts, rng(seed), resamples=400)
    assert (found.low, found.high) == pytest.approx(textbook(amounts, 400, seed), abs=1e-9)


DRAWN = {
    "normal": (lambda r, size: r.standard_normal(size), 0.0),
    "exponential": (lambda r, size: r.exponential(size=size), 1.0),
    "gamma": (lambda r, size: r.gamma(0.5, size=size), 0.5),
    "lognormal": (lambda r, size: r.lognormal(0.0, 1.0, size), math.exp(0.5)),
    "heavy": (lambda r, size: r.lognormal(0.0, 1.5, size), math.exp(1.125)),
}
# The least and the most of what the docstring says of them.
BANDS = dict.fromkeys(("normal", "exponential", "gamma"), (0.93, 0.96))
BANDS |= {"lognormal": (0.90, 0.93), "heavy": (0.85, 0.90)}


@pytest.mark.parametrize("problems", [15, 30, 64])
@pytest.mark.parametrize("name", DRAWN)
def test_intervals_cover_as_often_as_is_said_of_them(name: str, problems: int):
    draw, truth = DRAWN[name]
    r, covered, theirs = rng(1), 0, 0
    for _ in range(WORLDS // 250):
        amounts = draw(r, (problems, 250))
        low, high = unbounded_ends(amounts, r, 1000)
        covered += np.count_nonzero((low <= truth) & (truth <= high))
        low, high = student_t(amounts, 1, r)
        theirs += np.count_nonzero((low <= truth) & (truth <= high))
    least, most = BANDS[name]
    noise = 2 * math.sqrt(0.05 * 0.95 / WORLDS)
    assert least - noise <= covered / WORLDS <= most + noise
    # The check can fail: Student's t is too narrow for what is skewed.
    assert name == "normal" or theirs < covered


def test_no_interval_where_resampling_says_nothing():
    for amounts in ([3.0], [3.0] * 20, [0.0] * 64, [1.0, 2.0]):
        found = amount_interval(amounts, rng())
        assert (found.value, found.n) == (np.mean(amounts), len(amounts))
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert "[" not in found.format()
    nothing = amount_interval([math.nan], rng())
    assert (nothing.n, nothing.dropped, math.isnan(nothing.value)) == (0, 1, True)


@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=30), st.floats(0.1, 100.0), st.floats(-100.0, 100.0))
def test_units_do_not_matter(amounts: list[float], scale: float, shift: float):
    if np.std(amounts) < 1e-3:
        return
    one = amount_interval(amounts, rng(), 200)
    other = amount_interval(np.array(amounts) * scale + shift, rng(), 200)
    for end in ("value", "low", "high"):
        expected = getattr(one, end) * scale + shift
        assert getattr(other, end) == pytest.approx(expected, rel=1e-5, abs=1e-5, nan_ok=True)


def test_changes_are_paired_and_change_sign_with_their_order():
    before = rng(2).lognormal(size=40)
    after = before + rng(3).normal(0.05, 0.1, size=40)
    gain, loss = paired_change(after, before, rng()), paired_change(before, after, rng())
    assert (gain.value, gain.low, gain.high) == pytest.approx((-loss.value, -loss.high, -loss.low))
    assert gain.high - gain.low < 0.1
    p = sign_flip_p_value(after - before, rng(1), resamples=100_000)
    assert gain.p == loss.p == pytest.approx(p, abs=4 * math.sqrt(p / 10_000))
    same = paired_change(before, before, rng())
    assert (same.value, same.p, math.isnan(same.low)) == (0.0, 1.0, True)
    assert paired_change([math.nan], [1.0], rng()).n == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: amount_interval([math.inf, 1.0], rng()),
        lambda: amount_interval([[0.5]], rng()),
        lambda: amount_interval([0.5], rng(), resamples=0),
        lambda: paired_change([0.5], [0.5, 0.6], rng()),
    ],
)
def test_refuses_what_is_no_amount(call):
    with pytest.raises(ValueError, match=r"must"):
        call()


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Amount(0.000123, 0.0001, 0.0002, 64), "0.000123 [0.000100, 0.000200]"),
        (Amount(6.3514, 5.9, 6.8, 64, dropped=2), "6.35 [5.90, 6.80] (2 undefined)"),
        (Amount(0.02, -0.5, 1.5, 64), "0.02 [-0.50, 1.50]"),
        (Amount(1234.5, math.nan, math.nan, 64), "1234"),
        (Amount(math.nan, math.nan, math.nan, 0), UNDEFINED),
        (Change(0.5, 0.25, 0.75, 64, p=0.01), "+0.500 [+0.250, +0.750], p = 0.010"),
        (Change(0.0, math.nan, math.nan, 64, p=1.0), "0, p = 1.000"),
    ],
)
def test_amounts_are_written_to_three_digits_of_their_largest(estimate: Amount | Change, text: str):
    assert estimate.format() == text
