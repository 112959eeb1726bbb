"""The sign-flip test against scipy's enumeration, and Holm's correction against the closure principle."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from int_bench.analysis.permutation import holm, sign_flip_p_value


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(5))
def test_few_problems_are_enumerated(seed: int):
    before, after = rng(seed).integers(9, size=(2, 10)) / 8
    reference = permutation_test(
        (after, before), lambda a, b: np.abs(np.mean(a - b)), permutation_type="samples", alternative="greater"
    )
    assert sign_flip_p_value(after - before, rng()) == pytest.approx(reference.pvalue, abs=1e-12)


def test_many_problems_are_sampled_close_to_the_enumeration():
    differences = rng(1).normal(0.4, 1, size=16)
    exact = sign_flip_p_value(differences, rng(), resamples=2**16)
    sampled = sign_flip_p_value(differences, rng(), resamples=2**16 - 1)
    assert exact * 2**16 == round(exact * 2**16)
    assert sampled == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 2**16))


def test_no_p_value_is_zero_and_no_difference_has_p_one():
    assert sign_flip_p_value(np.full(100, 0.1), rng(), resamples=999) == 1 / 1000
    assert sign_flip_p_value(np.zeros(5), rng()) == 1.0
    assert sign_flip_p_value([0.3, math.nan], rng()) == 1.0
    assert math.isnan(sign_flip_p_value([math.nan], rng()))


def test_small_p_values_are_as_rare_as_they_say_without_a_difference():
    worlds, resamples = 1000, 400
    difficulty = rng(2).beta(0.3, 1, size=(worlds, 40))
    before, after = (rng(seed).binomial(16, difficulty) / 16 for seed in (3, 4))
    p = np.array([sign_flip_p_value(d, rng(5 + i), resamples) for i, d in enumerate(after - before)])
    for level in (0.01, 0.05, 0.2):
        assert (p <= level).mean() == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / worlds))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closure_of_bonferroni(p: list[float]):
    """A hypothesis falls if Bonferroni rejects every set of hypotheses that holds it."""
    sets = [s for size in range(1, len(p) + 1) for s in itertools.combinations(range(len(p)), size)]
    closed = [max(min(1.0, len(s) * min(p[j] for j in s)) for s in sets if i in s) for i in range(len(p))]
    assert holm(p).tolist() == pytest.approx(closed)


def test_holm_leaves_out_what_is_undefined():
    corrected = holm([0.02, math.nan, 0.5])
    assert corrected[[0, 2]].tolist() == [0.04, 0.5]
    assert math.isnan(corrected[1])
    assert holm([]).tolist() == []


@pytest.mark.parametrize("call", [lambda: holm([1.2]), lambda: sign_flip_p_value([[0.1]], rng())])
def test_refuses_what_is_no_test(call):
    with pytest.raises(ValueError, match=r"must"):
        call()
