"""From graded rollouts to estimates: each a mean over problems with its studentised bootstrap interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from int_bench.analysis.estimates import Amount, Change, Difference, Estimate
from int_bench.analysis.intervals import amount_interval, mean_interval, paired_change, paired_difference
from int_bench.analysis.pass_at_k import avg_at_k, pass_at_k
from int_bench.analysis.permutation import holm
from int_bench.analysis.strata import average_difference, average_interval
from int_bench.analysis.verdicts import Sample, interval_of
from int_bench.config import ReportConfig


class Estimator:
    """Makes estimates with a run's number of resamples, confidence and seed."""

    def __init__(self, settings: ReportConfig) -> None:
        self.settings = settings

    def mean(self, scores_P: ArrayLike) -> Estimate:
        """Mean over problems; see :func:`int_bench.analysis.intervals.mean_interval`.

        A fresh generator each time: a number does not depend on what else is in its table, and columns of a table
        are resampled alike.
        """
        return mean_interval(scores_P, *self._drawing())

    def over_seeds(self, sample: Sample) -> Estimate:
        """Mean of scores over problems and seeds; see :func:`int_bench.analysis.verdicts.interval_of`."""
        if len(sample) == 1:
            return self.mean(sample[0].to_numpy())
        found = interval_of(sample, *self._drawing())
        return Estimate(found.effect, max(found.low, 0.0), found.high, found.n)

    def gain(self, after: pd.Series, before: pd.Series) -> Difference:
        """Paired mean difference over the problems in both, with its p-value; scores are indexed by problem."""
        common = after.index.intersection(before.index).sort_values()
        return paired_difference(after.loc[common].to_numpy(), before.loc[common].to_numpy(), *self._drawing())

    def amount(self, amounts_P: ArrayLike) -> Amount:
        """Mean over problems of an amount without bounds; see :func:`int_bench.analysis.intervals.amount_interval`."""
        return amount_interval(amounts_P, *self._drawing())

    def change(self, after: pd.Series, before: pd.Series) -> Change:
        """The same as :meth:`gain` for amounts without bounds."""
        common = after.index.intersection(before.index).sort_values()
        return paired_change(after.loc[common].to_numpy(), before.loc[common].to_numpy(), *self._drawing())

    def average(self, scores: Sequence[pd.Series]) -> Estimate:
        """Mean over benchmarks of their means over problems; see :func:`int_bench.analysis.strata.average_interval`."""
        return average_interval([part.to_numpy() for part in scores], *self._drawing())

    def average_gain(self, after: Sequence[pd.Series], before: Sequence[pd.Series]) -> Difference:
        """The same of paired differences, with their p-value; the scores of each benchmark are indexed by problem."""
        pairs = [one.align(other, join="inner") for one, other in zip(after, before, strict=True)]
        sides = [[pair[side].to_numpy() for pair in pairs] for side in (0, 1)]
        return average_difference(sides[0], sides[1], *self._drawing())

    def _drawing(self) -> tuple[np.random.Generator, int, float]:
        return np.random.default_rng(self.settings.seed), self.settings.resamples, self.settings.confidence


def holm_corrected(gains: Sequence[Difference]) -> list[Difference]:
    """Return the differences with their p-values corrected for each other: all those of one table."""
    corrected = holm([gain.p for gain in gains])
    return [replace(gain, p_holm=float(p)) for gain, p in zip(gains, corrected, strict=True)]


def accuracy_by_problem(counts: pd.DataFrame) -> pd.Series:
    """Share of correct samples, indexed by problem."""
    return pd.Series(avg_at_k(counts["n"], counts["c"]), index=counts["problem_id"], dtype=float)


def passed_by_problem(counts: pd.DataFrame, k: int) -> pd.Series:
    """pass@k, indexed by problem; NaN where there are fewer than ``k`` samples."""
    return pd.Series(pass_at_k(counts["n"], counts["c"], k), index=counts["problem_id"], dtype=float)


def share_by_problem(rollouts: pd.DataFrame, flag: pd.Series) -> pd.Series:
    """Share of a problem's rollouts for which ``flag`` is true, indexed by problem; NaN where it is nowhere known."""
    return flag.astype("Float64").groupby(rollouts["problem_id"]).mean().astype("Float64").astype(float)


def samples_per_problem(counts: pd.DataFrame) -> str:
    """Return the number of samples of each problem, as a range if problems differ.

    >>> samples_per_problem(pd.DataFrame({"n": [64, 32]}))
    '32-64'
    """
    if counts.empty:
        return "0"
    low, high = int(counts["n"].min()), int(counts["n"].max())
    return str(low) if low == high else f"{low}-{high}"


def curves(
    checkpoints: Iterable[tuple[str, int, pd.DataFrame]], ks: Sequence[int], estimator: Estimator
) -> pd.DataFrame:
    """pass@k of checkpoints: columns ``initialisation, step, k, value, low, high, n``.

    ``checkpoints`` gives the initialisation, the step and the counts by problem of each.
    """
    rows = []
    for initialisation, step, counts in checkpoints:
        passed_PK = pass_at_k(counts["n"], counts["c"], ks)
        for column, k in enumerate(ks):
            estimate = estimator.mean(passed_PK[:, column])
            rows.append((initialisation, step, k, estimate.value, estimate.low, estimate.high, estimate.n))
    return pd.DataFrame(rows, columns=["initialisation", "step", "k", "value", "low", "high", "n"])
