"""pass@k and zero-advantage groups against the enumeration of all subsets and exact fractions."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.analysis.pass_at_k import avg_at_k, counts, nonzero, pass_at_k, zero_advantage

CASES = st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n)))


def subsets(n: int, c: int, k: int) -> list[tuple[bool, ...]]:
    return list(itertools.combinations([True] * c + [False] * (n - c), k))


@given(CASES)
def test_equals_the_share_of_subsets_with_a_correct_sample(case: tuple[int, int, int]):
    n, c, k = case
    enumerated = np.mean([any(subset) for subset in subsets(n, c, k)])
    assert pass_at_k([n], [c], k)[0] == pytest.approx(enumerated, abs=1e-14)


@given(CASES)
def test_zero_advantage_equals_the_share_of_subsets_of_one_kind(case: tuple[int, int, int]):
    n, c, g = case
    all_wrong, all_right = zero_advantage([n], [c], g)
    assert all_wrong[0] == pytest.approx(np.mean([not any(subset) for subset in subsets(n, c, g)]), abs=1e-14)
    assert all_right[0] == pytest.approx(np.mean([all(subset) for subset in subsets(n, c, g)]), abs=1e-14)


@pytest.mark.parametrize("n", [64, 1000, 10_000])
def test_stays_within_1e_13_of_exact_fractions(n: int):
    cs = [0, 1, 2, 3, 30, n // 3, n // 2, n - 30, n - 2, n - 1, n]
    ks = [1, 2, 8, 64, n // 4, n // 2, n - 31, n - 1, n]
    passed = pass_at_k([n] * len(cs), cs, ks)
    all_wrong, all_right = zero_advantage([n] * len(cs), cs, ks)
    for (i, c), (j, k) in itertools.product(enumerate(cs), enumerate(ks)):
        missed = Fraction(math.comb(n - c, k), math.comb(n, k))
        error = abs(Fraction(passed[i, j]) - (1 - missed))
        assert error <= Fraction(1, 10**13) * (1 - missed)  # relative, and as no probability exceeds 1 also absolute
        assert abs(Fraction(all_wrong[i, j]) - missed) <= 1e-13
        assert abs(Fraction(all_right[i, j]) - Fraction(math.comb(c, k), math.comb(n, k))) <= 1e-13


def test_ragged_counts_and_vectors_of_budgets_agree_with_single_ones():
    rng = np.random.default_rng(0)
    n = rng.integers(1, 40, size=60)
    c, ks = rng.binomial(n, 0.3), [1, 2, 8, 32]
    together = pass_at_k(n, c, ks)
    assert together.shape == (60, 4)
    for row, column in itertools.product(range(60), range(4)):
        alone = pass_at_k([n[row]], [c[row]], ks[column])[0]
        assert math.isnan(alone) == (n[row] < ks[column])
        np.testing.assert_array_equal(together[row, column], alone)


def test_too_few_samples_are_undefined_and_ends_are_exact():
    values = pass_at_k([4, 8, 8], [4, 0, 8], 8)
    assert np.isnan(values[0])
    assert values[1:].tolist() == [0.0, 1.0]
    assert not np.signbit(values[1])
    assert np.isnan(zero_advantage([4], [4], 8)).all()


@pytest.mark.parametrize(
    ("n", "c", "k"), [([4], [5], 1), ([4], [-1], 1), ([4], [1], 0), ([4, 4], [1], 1), ([4], [0.5], 1)]
)
def test_refuses_impossible_counts(n, c, k):
    for function in (pass_at_k, zero_advantage):
        with pytest.raises(ValueError, match=r"must"):
            function(n, c, k)


def test_counts_and_averages():
    frame = counts(pd.DataFrame({"problem_id": list("bbaa"), "correct": [True, False, False, False]}))
    assert frame.to_dict("list") == {"problem_id": ["a", "b"], "n": [2, 2], "c": [0, 1]}
    assert avg_at_k(frame["n"], frame["c"]).tolist() == [0.0, 0.5]
    assert np.isnan(avg_at_k([0], [0])).all()
    np.testing.assert_array_equal(avg_at_k([4, 8], [1, 6], [4, 8]), [[0.25, np.nan], [0.75, 0.75]])
    assert nonzero(frame["c"]) == 1


def test_no_rollouts_give_no_problems():
    empty = counts(pd.DataFrame({"problem_id": pd.Series(dtype=str), "correct": pd.Series(dtype=bool)}))
    assert len(empty) == 0
    assert pass_at_k(empty["n"], empty["c"], [1, 2]).shape == (0, 2)
