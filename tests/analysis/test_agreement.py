"""Agreement of two judges, beside direct formulas and known values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.analysis.agreement import Judgement, agreement, cohen_kappa, kappa_interval

labels = st.sampled_from(["HIGH", "EXECUTION", None])
pairs = st.lists(st.tuples(labels, labels), min_size=1, max_size=30)


def by_definition(first: list, second: list) -> float:
    n, kinds = len(first), {*first, *second}
    agreed = sum(one == two for one, two in zip(first, second, strict=True)) / n
    chance = sum(first.count(kind) * second.count(kind) for kind in kinds) / n**2
    return math.nan if chance == 1.0 else (agreed - chance) / (1.0 - chance)


def test_kappa_of_a_published_table():
    """Two readers and 50 grant proposals: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no give 0.4."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert cohen_kappa(first, second) == pytest.approx(0.4)


@given(pairs)
def test_kappa_is_its_definition_and_symmetric(items: list):
    first, second = map(list, zip(*items, strict=True))
    assert cohen_kappa(first, second) == pytest.approx(by_definition(first, second), nan_ok=True)
    assert cohen_kappa(second, first) == pytest.approx(cohen_kappa(first, second), nan_ok=True)


def test_kappa_is_undefined_without_items_and_without_a_second_label():
    assert math.isnan(cohen_kappa([], []))
    assert math.isnan(cohen_kappa(["HIGH"] * 3, ["HIGH"] * 3))
    assert cohen_kappa(["HIGH"] * 3, ["EXECUTION"] * 3) == 0.0
    with pytest.raises(ValueError, match=r"longer|shorter"):
        cohen_kappa("HH", "H")


def test_an_interval_covers_the_value_and_narrows_with_more_problems():
    rng = np.random.default_rng(1)
    few, many = (
        kappa_interval("HHEEHE" * size, "HHEHHE" * size, range(6 * size), rng, resamples=2000) for size in (3, 30)
    )
    for found in (few, many):
        assert found.value == pytest.approx(cohen_kappa("HHEEHE", "HHEHHE"))
        assert found.low < found.value < found.high
    assert many.high - many.low < (few.high - few.low) / 2
    assert (few.n, many.n) == (18, 180)


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    """Judges who agree by construction: 0.6 of the labels are copied, the others drawn, so kappa is 0.6."""
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        first = rng.integers(2, size=60)
        second = np.where(rng.random(60) < 0.6, first, rng.integers(2, size=60))
        found = kappa_interval(first.tolist(), second.tolist(), range(60), rng, resamples=500)
        covered += found.low <= 0.6 <= found.high
    assert 0.90 <= covered / 200 <= 0.99


def test_attempts_at_one_problem_are_drawn_together():
    """The same attempts say less if they belong to few problems."""
    first, second = "HHEEHEHH" * 8, "HHEHHEHE" * 8
    apart = kappa_interval(first, second, range(64), np.random.default_rng(0))
    one, two = zip(*sorted(zip(first, second, strict=True)), strict=True)
    together = kappa_interval(one, two, [i // 16 for i in range(64)], np.random.default_rng(0))
    assert together.n == 4
    assert together.high - together.low > apart.high - apart.low


def test_after_perfect_agreement_there_is_no_interval():
    found = kappa_interval("HHE", "HHE", "abc", np.random.default_rng(0))
    assert (found.value, found.n) == (1.0, 3)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_what_is_compared():
    ann = [Judgement(1, "HIGH"), Judgement(2, "HIGH"), Judgement(5, "EXECUTION"), Judgement(None, None)]
    bob = [Judgement(1, "HIGH"), Judgement(3, "EXECUTION"), Judgement(0, "EXECUTION"), Judgement(4, "HIGH")]
    found = agreement(ann, bob, ["p", "p", "q", "q"], np.random.default_rng(0))
    assert (found.attempts, found.both_found) == (4, 3)
    assert found.same_location.value == pytest.approx((0.5 + 0.0) / 2)
    assert found.within_one.value == pytest.approx((1.0 + 0.0) / 2)
    assert found.same_category.value == pytest.approx((0.5 + 1.0) / 2)
    assert found.category_kappa.value == pytest.approx(cohen_kappa("HHE", "HEE"))
    assert found.error_kappa.value == pytest.approx(cohen_kappa([0, 0, 0, 1], [0, 0, 0, 0]))
    assert (found.same_location.n, found.error_kappa.n) == (2, 2)


def test_without_shared_errors_all_but_the_counts_is_undefined():
    found = agreement([Judgement(None, None)], [Judgement(2, "HIGH")], ["p"], np.random.default_rng(0))
    assert (found.attempts, found.both_found, found.same_location.n) == (1, 0, 0)
    assert math.isnan(found.same_location.value)
    assert math.isnan(found.category_kappa.value)
    with pytest.raises(ValueError, match=r"longer|shorter"):
        agreement([], [Judgement(2, "HIGH")], [], np.random.default_rng(0))
