"""maj@k against the enumeration of all subsets."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from int_bench.analysis.majority import majority_at_k, votes

ANSWERS = ["7"] * 4 + ["3"] * 3 + [None] * 2 + ["5"]


def rollouts(answers: list[str | None], right: str = "7") -> pd.DataFrame:
    rows = {"problem_id": "a", "extracted": answers, "correct": [answer == right for answer in answers]}
    return pd.DataFrame(rows)


def enumerated(answers: list[str | None], k: int, right: str = "7") -> float:
    shares = []
    for subset in itertools.combinations(answers, k):
        counts = {answer: subset.count(answer) for answer in subset}
        winners = [answer for answer, count in counts.items() if count == max(counts.values())]
        shares.append((right in winners) / len(winners))
    return float(np.mean(shares))


def estimated(answers: list[str | None], ks: list[int], subsets: int = 1000) -> list[float]:
    return majority_at_k(votes(rollouts(answers)), ks, np.random.default_rng(0), subsets).loc["a"].tolist()


def test_is_exact_for_one_two_and_all_samples():
    for k in (1, 2, len(ANSWERS)):
        assert estimated(ANSWERS, [k]) == pytest.approx([enumerated(ANSWERS, k)], abs=1e-14)


@pytest.mark.parametrize("k", [3, 4, 5, 7, 9])
def test_is_unbiased_in_between(k: int):
    subsets = 100_000
    assert estimated(ANSWERS, [k], subsets) == pytest.approx([enumerated(ANSWERS, k)], abs=4 * 0.5 / math.sqrt(subsets))


def test_no_answer_is_a_vote_that_can_win_and_ties_are_shared():
    assert estimated(["7", None, None], [3]) == [0.0]
    assert estimated(["7", "7", None, None], [4]) == [0.5]
    assert estimated(["7", "3", None], [3]) == pytest.approx([1 / 3])


def test_too_few_samples_are_undefined_and_large_n_is_no_work():
    assert math.isnan(estimated(["7"], [2])[0])
    assert estimated(["7"] * 6000 + ["3"] * 4000, [9_999]) == [1.0]


def test_an_answer_graded_both_ways_counts_by_its_share():
    mixed = pd.DataFrame({"problem_id": "a", "extracted": ["7"] * 4, "correct": [True, True, True, False]})
    assert majority_at_k(votes(mixed), [4], np.random.default_rng(0)).loc["a", 4] == 0.75


def test_problems_keep_their_answers_apart():
    frame = pd.concat([rollouts(["7", "7", "3"]), rollouts(["3", "3", "7"]).assign(problem_id="b")])
    assert majority_at_k(votes(frame), [3], np.random.default_rng(0))[3].to_dict() == {"a": 1.0, "b": 0.0}


@pytest.mark.parametrize("options", [{"ks": [0]}, {"ks": [1], "subsets": 0}])
def test_refuses_empty_draws(options: dict):
    with pytest.raises(ValueError, match=r"at least 1"):
        majority_at_k(votes(rollouts(ANSWERS)), rng=np.random.default_rng(0), **options)
