"""The measures of claims: from a run's readings to a value of each problem.

Models are named ``rl-ARM`` for the end of an arm of RL, ``start-ARM`` for what it starts from, and else by their names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from int_bench.analysis.diversity import headroom as headroom_of
from int_bench.analysis.pass_at_k import pass_at_k, zero_advantage
from int_bench.report.claims.readings import Readings, contrast, difference, values
from int_bench.report.style import FIGURE11, MATCHED
from int_bench.report.tables.likelihoods import TRACE

Measured = Callable[[Readings], pd.Series]

SFT_BASELINES = [arm for arm in FIGURE11 if arm != "int"]
MIDDLE = (0.2, 0.8)
"""The part of a trace that is its middle."""


def accuracy(after: str, before: str, problem_set: str = "") -> Measured:
    """The gain of one model over another in pass@1, by default on the held-out benchmark."""

    def sample(run: Readings) -> pd.Series:
        on = problem_set or run.held_out
        return difference(run.passed(_model(run, after), on), run.passed(_model(run, before), on))

    return sample


def best_pass_at_k(after: str, before: str) -> Measured:
    """The gain of one model over another in pass@k on the hard test problems, at the largest k of the run."""

    def sample(run: Readings) -> pd.Series:
        one, other = _model(run, after), _model(run, before)
        return difference(run.passed(one, "hard_test", run.largest), run.passed(other, "hard_test", run.largest))

    return sample


def guided(mode: str) -> Measured:
    """The gain of guided rollouts over the base model's evaluation, in accuracy on the hard training problems."""
    return lambda run: difference(run.guided(mode), run.passed("base", "hard_train"))


def step_over_place(run: Readings) -> pd.Series:
    """The gain of rollouts with interventions over those from just before the error."""
    return difference(run.guided("with_intervention"), run.guided("from_intervention"))


def self_guided(factor: float = 1.0) -> Measured:
    """Accuracy with the base model's own interventions, over a factor, less that of its evaluation."""
    return lambda run: difference(
        run.guided("with_intervention", run.self_oracle()) / factor, run.passed("base", "hard_train")
    )


def self_solved(factor: float) -> Measured:
    """Problems solved with the base model's own interventions, over a factor, less those of naive rollouts."""
    return lambda run: _solved(run.rollouts("with_intervention", run.self_oracle()), run.rollouts("naive"), factor)


def more_problems(run: Readings) -> pd.Series:
    """The gain of rollouts with interventions over naive ones in problems solved."""
    return _solved(run.rollouts("with_intervention", run.config.interventions.oracle), run.rollouts("naive"))


def newly_solved(run: Readings) -> pd.Series:
    """The gain of InT + RL over the base model in hard test problems solved."""
    return _solved(run.tally(run.rl("int"), "hard_test"), run.tally("base", "hard_test"))


def same_model_twice(run: Readings) -> pd.Series:
    """The second naive pass less the first, in accuracy."""
    return difference(run.accuracy("null"), run.accuracy("naive"))


def entropy(after: str, before: str) -> Measured:
    """Entropy of the next token of one arm against another, on the base model's rollouts of easy problems."""
    return lambda run: contrast(run.drift(after, "entropy"), run.drift(before, "entropy"))


def drift(after: str, before: str) -> Measured:
    """Divergence from the base model of one arm against another, on the base model's rollouts of easy problems."""
    return lambda run: contrast(run.drift(after, "kl"), run.drift(before, "kl"))


def diversity(after: str, before: str) -> Measured:
    """The change in the chance that two samples of a held-out problem have different answers."""

    def sample(run: Readings) -> pd.Series:
        one, other = _model(run, after), _model(run, before)
        return difference(run.differing(one, run.held_out), run.differing(other, run.held_out))

    return sample


def diversity_after_rl(run: Readings) -> pd.Series:
    """Half of: that change under RL after InT less that under RL from the base or the distilled model, on hard test.

    The one that lost less on the held-out benchmark is taken. Half of it lies in [-1, 1].
    """

    def change(arm: str, problem_set: str) -> pd.Series:
        return difference(run.differing(run.rl(arm), problem_set), run.differing(run.start(arm), problem_set))

    rival = run.best(("base", "distill"), lambda arm: change(arm, "hard_test"), lambda arm: change(arm, run.held_out))
    return difference(change("int", "hard_test") / 2.0, rival / 2.0)


def headroom(after: str, before: str) -> Measured:
    """The change in pass@k less pass@1 on held-out problems, k being all samples of a problem."""

    def sample(run: Readings) -> pd.Series:
        return _both(
            run.tally(_model(run, after), run.held_out), run.tally(_model(run, before), run.held_out), headroom_of
        )

    return sample


def short(run: Readings) -> pd.Series:
    """Tokens of interventions against those of the oracle's whole solutions."""
    return contrast(run.row_tokens("int", "intervention"), run.row_tokens("distill", "whole"))


def share(flag: Callable[[pd.DataFrame], pd.Series]) -> Measured:
    """The share of each problem's interventions for which something is true."""

    def sample(run: Readings) -> pd.Series:
        found = run.interventions()
        return values(flag(found).astype(float).groupby(found["problem_id"]).mean())

    return sample


def mid_trace(run: Readings) -> pd.Series:
    """The share of each problem's interventions in the middle of the trace, less the share of its steps there."""
    found = run.interventions()
    low, high = MIDDLE
    steps = found["steps"].map(lambda count: np.mean([low <= step / count < high for step in range(count)]))
    beyond = found["place"].between(low, high, inclusive="left").astype(float) - steps.astype(float)
    return values(beyond.groupby(found["problem_id"]).mean())


def execution_places(run: Readings) -> pd.Series:
    """Where in the trace EXECUTION errors stand."""
    return values(_places(run, "EXECUTION"))


def places_by_category(run: Readings) -> pd.Series:
    """Where HIGH errors stand less where EXECUTION errors do, on problems with both."""
    return difference(_places(run, "HIGH"), _places(run, "EXECUTION"))


def lowest_nll(run: Readings) -> pd.Series:
    """Likelihood of InT's rows against those of the likeliest other arm, chosen on the same rows for lack of others."""
    return _lowest(run, lambda arm: run.nll(arm, TRACE))


def lowest_nll_per_trace(run: Readings) -> pd.Series:
    """The same of whole traces, which favours short ones."""
    return _lowest(run, run.nll_per_trace)


def _lowest(run: Readings, nll: Callable[[str], pd.Series]) -> pd.Series:
    likeliest = run.best(SFT_BASELINES, lambda arm: -nll(arm))
    return contrast(nll("int"), -likeliest)


def intervention_nll(run: Readings) -> pd.Series:
    """Likelihood of interventions against that of the prefixes before them."""
    return contrast(run.nll("int", ("intervention",)), run.nll("int", ("prefix",)))


def best_after_sft(problem_set: str, k: int | None = None, matched: bool = False) -> Measured:
    """The gain of InT in pass@k over the best other arm of Figure 11, on the hard test or training problems.

    Which is the best is told by the other of the two sets. Without ``k`` it is the largest of the run. Arms that are
    ``matched`` have the same learning rate and as many trained tokens.
    """
    suffix = MATCHED if matched else ""
    other = {"hard_test": "hard_train", "hard_train": "hard_test"}[problem_set]

    def sample(run: Readings) -> pd.Series:
        def of(arm: str, on: str) -> pd.Series:
            return run.passed(run.arm(arm + suffix), on, k or run.largest)

        rival = run.best(SFT_BASELINES, lambda arm: of(arm, problem_set), lambda arm: of(arm, other))
        return difference(of("int", problem_set), rival)

    return sample


def table2(after: str, before: str) -> Measured:
    """The gain of one model over another in pass@1 on the benchmarks of Table 2."""

    def sample(run: Readings) -> pd.Series:
        benchmarks = run.table2()
        return difference(run.over(benchmarks, _model(run, after)), run.over(benchmarks, _model(run, before)))

    return sample


def table2_beside(after: str, before: str) -> Measured:
    """The same from the second base model of Table 2."""
    return lambda run: table2(after, before)(run.beside())


def table7(*others: str) -> Measured:
    """The gain of InT + RL over another arm of RL on the benchmarks of Table 7, each at its own k.

    Of several arms it is the one that is the best on the hard test problems.
    """

    def sample(run: Readings) -> pd.Series:
        benchmarks = run.table7()
        rival = run.best(
            others,
            lambda arm: run.over(benchmarks, run.rl(arm)),
            lambda arm: run.passed(run.rl(arm), "hard_test"),
        )
        return difference(run.over(benchmarks, run.rl("int")), rival)

    return sample


def all_wrong(arm: str) -> Measured:
    """The change under RL in the share of groups of samples that are all wrong, on hard training problems."""

    def sample(run: Readings) -> pd.Series:
        end, start = run.tally(run.rl(arm), "hard_train"), run.tally(run.start(arm), "hard_train")
        return _both(end, start, lambda n, c, _: zero_advantage(n, c, run.config.rl.samples)[0])

    return sample


def _model(run: Readings, name: str) -> str:
    kind, _, arm = name.partition("-")
    if arm:
        return run.rl(arm) if kind == "rl" else run.start(arm)
    return run.arm(name)


def _places(run: Readings, category: str) -> pd.Series:
    found = run.interventions()
    return found[found["category"] == category].groupby("problem_id")["place"].mean()


def _solved(after: pd.DataFrame, before: pd.DataFrame, factor: float = 1.0) -> pd.Series:
    # With unequal samples, the side with more would solve more.
    return _both(after, before, pass_at_k, factor)


def _both(
    after: pd.DataFrame, before: pd.DataFrame, score: Callable[..., np.ndarray], factor: float = 1.0
) -> pd.Series:
    """The difference in a score of samples, correct samples and k: as many as every problem has on both sides.

    The first side is divided by a factor.
    """
    k = int(min((tally["n"].min() for tally in (after, before) if len(tally)), default=1))
    sides = [pd.Series(score(t["n"], t["c"], k), index=t["problem_id"], dtype=float) for t in (after, before)]
    return difference(sides[0] / factor, sides[1])
