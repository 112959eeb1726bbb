"""Scores of a benchmark follow from its rollouts."""

from __future__ import annotations

import json
from math import comb

import pytest

from int_bench.evaluation.scores import score, table


@pytest.fixture
def rollouts(make_rollout):
    statuses = ["correct", "wrong", "truncated", "no_answer", "unparsable", "timed_out", "wrong", "wrong"]
    return [
        make_rollout(f"p{p}", sample=i, correct=p == 0 and i < 2, status=statuses[(i + p) % 8], extracted=str(i // 2))
        for p in range(3)
        for i in range(4)
    ]


def test_pass_at_k_is_the_mean_over_problems(rollouts):
    found = score("b", rollouts, 0, 4, (1, 2, 4), 1.5)
    for k in (1, 2, 4):
        assert found.pass_at[k].value == pytest.approx((1 - comb(2, k) / comb(4, k)) / 3)
        assert found.pass_at[k].low <= found.pass_at[k].value <= found.pass_at[k].high
    # The answers of p0 are 0, 0, 1, 1, and the first is right: of four votes it is as likely as the other.
    assert found.majority_at.keys() == {4}
    assert found.majority_at[4].value == pytest.approx(0.5 / 3)
    assert (found.problems, found.rollouts, found.tokens, found.seconds) == (3, 12, 24, 1.5)
    assert sum(found.statuses.values()) == pytest.approx(1.0)


def test_a_problem_that_is_too_long_has_no_score_and_is_counted(rollouts):
    found = score("b", rollouts, 2, 4, (1, 4), 0.0)
    assert (found.problems, found.too_long) == (5, 2)
    for estimate in (*found.pass_at.values(), *found.majority_at.values()):
        assert (estimate.n, estimate.dropped) == (3, 2)
    assert found.pass_at[1].value == score("b", rollouts, 0, 4, (1,), 0.0).pass_at[1].value


def test_the_table_has_a_line_a_benchmark(rollouts):
    lines = table([score("one", rollouts, 0, 4, (1, 4), 2.0), score("two", rollouts, 1, 4, (1, 4), 2.0)]).splitlines()
    assert len(lines) == 5
    for header in ("pass@1 [95%]", "pass@4 [95%]", "maj@4 [95%]", "truncated", "unparsable", "tokens", "seconds"):
        assert header in lines[0]
    assert "4 (1 too long)" in lines[4]
    assert "(1 undefined)" in lines[4]


def test_a_benchmark_of_which_nothing_fits_has_no_number(rollouts):
    found = score("none", [], 2, 4, (1, 4), 0.0)
    assert (found.problems, found.tokens, found.pass_at[1].n) == (2, 0, 0)
    assert table([found]).splitlines()[3].startswith("none")
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["pass_at"]["1"]["value"] is None
