"""Verdicts by simulation: the same model twice is not flagged, planted effects are found, intervals cover.

Shapes are those of the runs: 64 problems x 64 or 128 samples. Abilities are Beta-distributed; a concentration of 50 is
a base model on hard problems, 0.3 a model that solves some problems and most never.
"""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from int_bench.analysis.ends import interval_ends
from int_bench.analysis.permutation import holm, sign_flip_p_value
from int_bench.analysis.strata import average_difference
from int_bench.analysis.verdicts import (
    CORRECTED,
    FEW,
    NEAR_MARGIN,
    TAIL,
    THESE_SEEDS,
    Hypothesis,
    Interval,
    decide,
    interval_of,
    keyed,
    minimum_detectable,
    pooled,
    standard_errors,
    verdicts,
)

PROBLEMS, LEVEL = 64, 0.05
CLAIMS = 30
HARD = (0.005, 50.0)
"""Accuracy and concentration of the base model on hard problems."""
ABOVE = Hypothesis()
Values = NDArray[np.float64]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def of(values: Values, world: int = 0) -> pd.Series:
    return keyed(pd.Series(values), world)


def abilities(accuracy: float, concentration: float, worlds: int, draw: np.random.Generator) -> Values:
    return draw.beta(accuracy * concentration, (1 - accuracy) * concentration, size=(PROBLEMS, worlds))


def sampled(ability: Values, samples: int, draw: np.random.Generator) -> Values:
    return draw.binomial(samples, ability) / samples


def same_twice(accuracy: float, concentration: float, samples: int, worlds: int, draw: np.random.Generator) -> Values:
    ability = abilities(accuracy, concentration, worlds, draw)
    return sampled(ability, samples, draw) - sampled(ability, samples, draw)


def p_values(values_PW: Values, threshold: float, draw: np.random.Generator) -> list[float]:
    return [sign_flip_p_value(values - threshold, draw, 2000) for values in values_PW.T]


def findings(values_PW: Values, hypothesis: Hypothesis = ABOVE, others: int = 0, p_holm: Values | None = None):
    """The verdict of each world, each beside ``others`` that are not found; as ``verdicts`` but drawn together."""
    draw = rng(1)
    p = np.array(p_values(values_PW, hypothesis.threshold, draw))
    corrected = np.minimum(p * (1 + others), 1.0) if p_holm is None else p_holm
    low, high = interval_ends(values_PW, draw, 1000, lowest=-1.0)
    return np.array(
        [
            decide([of(values)], hypothesis, Interval(values.mean(), *ends, PROBLEMS, 0, 0, 63), one, more, LEVEL)[0]
            for values, *ends, one, more in zip(values_PW.T, low, high, p, corrected, strict=True)
        ]
    )


def at_most(share: float, runs: int, limit: float = LEVEL) -> bool:
    """Two standard errors of the simulation are allowed."""
    return share <= limit + 2 * math.sqrt(limit * (1 - limit) / runs)


@pytest.mark.parametrize("samples", [64, 128])
@pytest.mark.parametrize("case", [HARD, (0.005, 0.5), (0.05, 0.3), (0.3, 1.0), (0.9, 2.0)], ids=str)
def test_the_same_model_twice_is_flagged_in_at_most_one_run_of_twenty(case: tuple[float, float], samples: int):
    found = findings(same_twice(*case, samples, 500, rng(2)))
    assert at_most(np.mean(found != "undecided"), 500)


@pytest.mark.parametrize("case", [HARD, (0.05, 0.3), (0.3, 1.0)], ids=str)
def test_a_table_of_claims_about_the_same_model_twice_is_flagged_as_rarely(case: tuple[float, float]):
    tables = 100
    values = same_twice(*case, 64, tables * CLAIMS, rng(3))
    p = np.array(p_values(values, 0.0, rng(4))).reshape(tables, CLAIMS)
    corrected = np.concatenate([holm(row) for row in p])
    flagged = (findings(values, p_holm=corrected) != "undecided").reshape(tables, CLAIMS).any(axis=1)
    assert at_most(flagged.mean(), tables)
    if case != HARD:  # where p-values cannot be small, the correction is not missed
        uncorrected = (findings(values) != "undecided").reshape(tables, CLAIMS).any(axis=1)
        assert uncorrected.mean() > 0.3


@pytest.mark.parametrize("samples", [64, 128])
@pytest.mark.parametrize(
    ("after", "others"),
    [((0.1, 0.3), 0), ((0.05, 2.0), 0), ((0.2, 0.3), CLAIMS - 1), ((0.1, 2.0), CLAIMS - 1)],
    ids=str,
)
def test_planted_effects_are_found(after: tuple[float, float], others: int, samples: int):
    draw = rng(5)
    values = sampled(abilities(*after, 300, draw), samples, draw) - sampled(abilities(*HARD, 300, draw), samples, draw)
    for side, verdict, sign in (("above", "holds", 1.0), ("above", "fails", -1.0), ("below", "holds", -1.0)):
        found = findings(sign * values, Hypothesis(side), others)
        assert np.mean(found == verdict) >= 0.9
        assert set(found) <= {verdict, "undecided"}


@pytest.mark.parametrize(("accuracy", "share"), [(0.05, 0.1), (0.05, 0.06), (0.02, 0.05), (0.2, 0.4)])
def test_gains_and_losses_that_cancel_out_are_not_flagged(accuracy: float, share: float):
    """As good on average, but all in few problems: the test alone finds a loss too often, the rule does not."""
    draw = rng(6)
    after = np.where(draw.random((PROBLEMS, 500)) < share, accuracy / share, 0.0)
    values = sampled(after, 64, draw) - sampled(np.full_like(after, accuracy), 64, draw)
    found = findings(values)
    assert at_most(np.mean(found != "undecided"), 500)
    if share <= 0.06:
        losses = [
            p <= LEVEL and effect < 0
            for p, effect in zip(p_values(values, 0.0, draw), values.mean(axis=0), strict=True)
        ]
        assert np.mean(losses) > 0.08


@pytest.mark.parametrize(
    ("loss", "holds", "fails"),
    [(0.0, (0.9, 1.0), (0.0, 0.02)), (0.02, (0.0, 0.04), (0.0, 0.04)), (0.05, (0, 0), (0.9, 1))],
)
def test_a_margin_is_kept_or_broken(loss: float, holds: tuple[float, float], fails: tuple[float, float]):
    """Easy problems at 90%, 64 samples, a margin of 2 points: no loss, one as large as the margin, and 5 points."""
    draw = rng(7)
    ability = abilities(0.9, 2.0, 400, draw)
    values = sampled(ability * (1 - loss / 0.9), 64, draw) - sampled(ability, 64, draw)
    found = findings(values, Hypothesis("above", -0.02))
    assert holds[0] <= np.mean(found == "holds") <= holds[1]
    assert fails[0] <= np.mean(found == "fails") <= fails[1]


def trained(effect: float, spread: float, draw: np.random.Generator, seeds: int = 3) -> list[pd.Series]:
    """Differences of each seed on problems of its own; the seeds' true effects have a spread around ``effect``."""
    sample = []
    for world, own in enumerate(effect + spread * draw.standard_normal(seeds)):
        ability = abilities(0.4, 8.0, 1, draw)[:, 0]
        sample.append(of(sampled(np.clip(ability + own, 0, 1), 64, draw) - sampled(ability, 64, draw), world))
    return sample


@pytest.mark.parametrize(
    ("effect", "spread", "power"), [(0.0, 0.0, 0.0), (0.0, 0.05, 0.0), (0.1, 0.02, 0.9), (0.2, 0.05, 0.9)]
)
def test_three_seeds_speak_of_other_seeds(effect: float, spread: float, power: float):
    draw, worlds, covered, found = rng(8), 300, 0, []
    for _ in range(worlds):
        sample = trained(effect, spread, draw)
        interval = interval_of(sample, draw, 10, 0.95)
        p = sign_flip_p_value(pooled(sample, 0.0), draw, 2000)
        found.append(decide(sample, ABOVE, interval, p, min(1.0, CLAIMS * p), LEVEL)[0])
        covered += interval.low <= effect <= interval.high
    assert covered / worlds >= 0.92
    if power:
        assert np.mean(np.array(found) == "holds") >= power - 0.02
    else:
        assert at_most(np.mean(np.array(found) != "undecided"), worlds)


@pytest.mark.parametrize("worlds", [(0, 0, 0), (0, 0, 1)], ids=str)
def test_seeds_that_share_problems_are_not_taken_for_more_problems(worlds: tuple[int, ...]):
    """Problems that gain and problems that lose, much alike under every seed, on average nothing."""
    draw, runs, covered, found, apart = rng(13), 300, 0, [], []
    for _ in range(runs):
        gains = {world: 0.2 * draw.standard_normal(PROBLEMS) for world in set(worlds)}
        sample = [of(np.clip(gains[world] + 0.03 * draw.standard_normal(PROBLEMS), -1, 1), world) for world in worlds]
        interval = interval_of(sample, draw, 10, 0.95)
        p = sign_flip_p_value(pooled(sample, 0.0), draw, 1000)
        found.append((p, decide(sample, ABOVE, interval, p, p, LEVEL)[0]))
        covered += interval.low <= 0 <= interval.high
        own = [of(values.to_numpy(), seed) for seed, values in enumerate(sample)]
        apart.append(sign_flip_p_value(pooled(own, 0.0), draw, 1000) <= LEVEL)
    assert at_most(np.mean([p <= LEVEL for p, _ in found]), runs)
    assert at_most(np.mean([finding != "undecided" for _, finding in found]), runs)
    assert covered / runs >= 0.92
    # Were every seed's problems its own, the test would find what is not there.
    assert np.mean(apart) > 0.1


def test_shared_problems_count_once_and_their_spread_is_kept():
    values = np.linspace(-0.5, 0.6, 64)
    alone, shared = (interval_of([of(values)] * seeds, rng(), 10, 0.95) for seeds in (1, 3))
    assert (shared.n, shared.within, shared.error) == (64, pytest.approx(alone.within), pytest.approx(alone.within))
    assert verdicts([([of(values)] * 3, ABOVE)], 0)[0].n == 64
    # A sample that is the same three times says what it says once.
    once, thrice = (pooled([of(values)] * seeds, 0.0) for seeds in (1, 3))
    assert thrice == pytest.approx(once)


def test_seeds_that_share_problems_differ_by_both():
    """Two-way clustering by hand: problems that add and seeds that add, and nothing else."""
    problems, seeds = np.linspace(-0.3, 0.3, 64), np.array([-0.1, 0.0, 0.1])
    interval = interval_of([of(problems + seed) for seed in seeds], rng(), 10, 0.95)
    over_problems = problems.var(ddof=1) / 64
    assert interval.error**2 == pytest.approx(seeds.var(ddof=1) / 3 + over_problems - over_problems / 3)


def test_strata_count_the_same_whatever_their_size():
    draw = rng(14)
    parts = {"few": draw.uniform(-0.2, 0.6, 10), "many": draw.uniform(-0.3, 0.3, 50)}
    named = {name: pd.Series(part).add_prefix(name) for name, part in parts.items()}
    sample = [keyed(pd.concat(named))]
    verdict = verdicts([(sample, ABOVE)], 3, 2000)[0]
    expected = average_difference(list(parts.values()), [np.zeros(10), np.zeros(50)], rng(3), 2000)
    assert (verdict.effect, verdict.low, verdict.high) == pytest.approx(
        (expected.value, expected.low, expected.high), rel=1e-9
    )
    assert verdict.p == pytest.approx(expected.p, abs=0.02)
    error = math.sqrt(sum(part.var(ddof=1) / len(part) for part in parts.values())) / 2
    assert interval_of(sample, rng(), 10, 0.95).within == pytest.approx(error)


def test_seeds_that_differ_are_too_few_although_each_is_clear():
    values = [np.full(64, 0.3) + 0.01 * rng(9).standard_normal(64), np.full(64, 0.02), np.full(64, 0.01)]
    verdict = verdicts([([of(part, world) for world, part in enumerate(values)], ABOVE)], 0)[0]
    assert (verdict.verdict, verdict.note, verdict.seeds, verdict.n) == ("undecided", THESE_SEEDS, 3, 192)
    assert verdict.low < 0 < verdict.high
    # As many problems of one seed would be enough.
    assert verdicts([([of(np.concatenate(values))], ABOVE)], 0)[0].verdict == "holds"


def test_seeds_alike_by_chance_are_no_more_certain_than_their_problems():
    sample = [of(rng(seed).permutation(np.linspace(-0.5, 0.6, 64)), seed) for seed in range(3)]
    interval = interval_of(sample, rng(), 10, 0.95)
    assert interval.error == interval.within == pytest.approx(sample[0].std(ddof=1) / math.sqrt(192))


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_minimum_detectable_effect_is_found_in_four_of_five(seeds: int):
    """Normal differences, at the level of one claim; the effect planted is the one of the true spread."""
    draw, worlds, spread, found, claimed = rng(10), 400, 0.1, 0, []
    error = spread / math.sqrt(PROBLEMS * seeds)
    effect = error * standard_errors(LEVEL, PROBLEMS - 1 if seeds == 1 else seeds - 1)
    for _ in range(worlds):
        sample = [of(np.clip(effect + spread * draw.standard_normal(PROBLEMS), -1, 1), seed) for seed in range(seeds)]
        interval = interval_of(sample, draw, 200, 0.95)
        p = sign_flip_p_value(pooled(sample, 0.0), draw, 1000)
        found += decide(sample, ABOVE, interval, p, p, LEVEL)[0] == "holds"
        claimed.append(minimum_detectable(sample, interval, LEVEL, LEVEL))
    # Several seeds never count as more alike than their problems are, which costs some power.
    assert (0.75 if seeds == 1 else 0.65) <= found / worlds <= 0.85
    assert np.median(claimed) == pytest.approx(effect, rel=0.35)


def test_the_minimum_detectable_effect_is_nearly_the_sum_of_quantiles():
    assert standard_errors(0.05, 10_000) == pytest.approx(1.96 + 0.8416, abs=0.01)
    assert standard_errors(0.05 / CLAIMS, 63) > standard_errors(0.05, 63)


def few(size: float, number: int, others: float = 0.0) -> Values:
    return np.concatenate([np.full(number, size), np.full(PROBLEMS - number, others)])


@pytest.mark.parametrize(
    ("values", "hypothesis", "said"),
    [
        (few(0.6, 6), ABOVE, ("holds", FEW)),
        (few(0.6, 6), Hypothesis("below"), ("fails", FEW)),
        (few(0.6, 1, others=-0.03), ABOVE, ("undecided", TAIL)),
        (few(-0.1, 1), Hypothesis("above", -0.02), ("undecided", NEAR_MARGIN)),
        (few(0.6, 20), ABOVE, ("holds", "")),
        (np.full(20, 1 / 3) - 0.2, ABOVE, ("holds", FEW)),
        (few(0.6, 3), ABOVE, ("undecided", "")),
    ],
)
def test_notes_say_where_test_and_interval_disagree(values: Values, hypothesis: Hypothesis, said: tuple[str, str]):
    verdict = verdicts([([of(values)], hypothesis)], 0)[0]
    assert (verdict.verdict, verdict.note) == said


def test_holm_corrects_over_the_claims_that_have_values():
    clear, weak = rng(11).normal(0.3, 0.1, 40).clip(-1, 1), np.concatenate([np.full(6, 0.1), np.zeros(30)])
    clear, weak = of(clear), of(weak)
    one = verdicts([([weak], ABOVE)], 0)[0]
    assert (one.verdict, one.p, one.p_holm) == ("holds", 1 / 32, 1 / 32)
    both = verdicts([([clear], ABOVE), ([], ABOVE), ([weak], Hypothesis("below")), ([weak], ABOVE)], 0)
    assert [v.verdict for v in both] == ["holds", "undecided", "undecided", "undecided"]
    assert both[3].note == CORRECTED
    assert both[3].p_holm == 2 / 32
    assert math.isnan(both[1].p_holm)
    assert verdicts([], 0) == []


def test_what_is_not_known_is_left_out_and_a_number_does_not_depend_on_its_neighbours():
    values = of(rng(12).normal(0.1, 0.2, 50).clip(-1, 1))
    alone = verdicts([([values], ABOVE)], 3)[0]
    holey = of(np.concatenate([values, np.full(5, np.nan)]))
    assert verdicts([([holey, of(np.full(4, np.nan))], ABOVE)], 3)[0] == alone
    beside = verdicts([([values], ABOVE), ([-values], ABOVE)], 3)[0]
    assert (beside.effect, beside.low, beside.high) == (alone.effect, alone.low, alone.high)
    assert math.isnan(verdicts([([of(np.zeros(20))], ABOVE)], 0)[0].mde)


@pytest.mark.parametrize("call", [lambda: verdicts([([of(np.array([1.5]))], ABOVE)], 0), lambda: verdicts([], 0, 0)])
def test_refuses_what_is_no_sample(call):
    with pytest.raises(ValueError, match="must"):
        call()
