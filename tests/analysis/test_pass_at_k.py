"""pass@k against the enumeration of all subsets."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.analysis.pass_at_k import avg_at_k, counts, nonzero, pass_at_k


def enumerated(n: int, c: int, k: int) -> float:
    subsets = list(itertools.combinations([True] * c + [False] * (n - c), k))
    return sum(any(subset) for subset in subsets) / len(subsets)


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_equals_the_share_of_subsets_with_a_correct_sample(case: tuple[int, int, int]):
    n, c, k = case
    assert pass_at_k([n], [c], k)[0] == pytest.approx(enumerated(n, c, k), abs=1e-14)


def test_stays_exact_for_many_samples():
    exact = 1 - math.comb(10_000 - 3, 5_000) / math.comb(10_000, 5_000)
    assert pass_at_k([10_000], [3], 5_000)[0] == pytest.approx(exact, rel=1e-12)


def test_vectors_of_budgets_agree_with_single_ones():
    n, c, ks = np.array([8, 8, 4]), np.array([0, 3, 4]), [1, 2, 8]
    together = pass_at_k(n, c, ks)
    assert together.shape == (3, 3)
    for column, k in enumerate(ks):
        np.testing.assert_array_equal(together[:, column], pass_at_k(n, c, k))


def test_too_few_samples_are_undefined_and_ends_are_exact():
    values = pass_at_k([4, 8, 8], [4, 0, 8], 8)
    assert np.isnan(values[0])
    assert values[1:].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("n", "c", "k"), [([4], [5], 1), ([4], [-1], 1), ([4], [1], 0), ([4, 4], [1], 1), ([4], [0.5], 1)]
)
def test_refuses_impossible_counts(n, c, k):
    with pytest.raises(ValueError, match=r"must"):
        pass_at_k(n, c, k)


def test_counts_and_averages():
    frame = counts(pd.DataFrame({"problem_id": list("bbaa"), "correct": [True, False, False, False]}))
    assert frame.to_dict("list") == {"problem_id": ["a", "b"], "n": [2, 2], "c": [0, 1]}
    assert avg_at_k(frame["n"], frame["c"]).tolist() == [0.0, 0.5]
    assert nonzero(frame["c"]) == 1


def test_no_rollouts_give_no_problems():
    empty = counts(pd.DataFrame({"problem_id": pd.Series(dtype=str), "correct": pd.Series(dtype=bool)}))
    assert len(empty) == 0
    assert pass_at_k(empty["n"], empty["c"], [1, 2]).shape == (0, 2)
