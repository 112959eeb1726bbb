"""How far two judges of the same failed attempts agree: on whether there is an error, where, and of which kind."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from int_bench.analysis.ends import check_settings
from int_bench.analysis.estimates import Estimate
from int_bench.analysis.intervals import mean_interval


class Judgement(NamedTuple):
    """What one judge says of an attempt: the index and the category of its first wrong step, or None for no error."""

    location: int | None
    category: str | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two judges agree on ``attempts``, of which both find an error in ``both_found``.

    ``error_kappa`` is about all of them: an error or none. The others are about those in which both find one; the n of
    an Estimate counts their problems.
    """

    attempts: int
    both_found: int
    error_kappa: Estimate
    same_location: Estimate
    within_one: Estimate
    same_category: Estimate
    category_kappa: Estimate


def agreement(
    first: Sequence[Judgement],
    second: Sequence[Judgement],
    problems: Sequence[Hashable],
    rng: np.random.Generator,
    resamples: int = 10_000,
    confidence: float = 0.95,
) -> Agreement:
    """Compare two judges attempt by attempt; ``problems`` says of which problem each attempt is.

    Shares are means over problems of the mean of a problem's attempts, with the intervals of ``mean_interval``; kappas
    are those of :func:`kappa_interval`. Raises ValueError for sequences of unequal length.

    >>> judges = [Judgement(2, "HIGH"), Judgement(5, "HIGH")], [Judgement(2, "HIGH"), Judgement(4, "EXECUTION")]
    >>> found = agreement(*judges, ["p", "q"], np.random.default_rng(0))
    >>> found.same_location.value, found.within_one.value, found.same_category.value
    (0.5, 1.0, 0.5)
    """
    judged = list(zip(first, second, problems, strict=True))
    found = [
        (abs(one.location - two.location), one.category, two.category, problem)
        for one, two, problem in judged
        if one.location is not None and two.location is not None
    ]
    apart, kinds_one, kinds_two, of_found = zip(*found, strict=True) if found else ((), (), (), ())

    def share(agree: list[bool]) -> Estimate:
        scores: dict[Hashable, list[bool]] = {}
        for problem, score in zip(of_found, agree, strict=True):
            scores.setdefault(problem, []).append(score)
        return mean_interval([float(np.mean(tried)) for tried in scores.values()], rng, resamples, confidence)

    none_one, none_two = ([judge.location is None for judge in judges] for judges in (first, second))
    return Agreement(
        attempts=len(judged),
        both_found=len(found),
        error_kappa=kappa_interval(none_one, none_two, problems, rng, resamples, confidence),
        same_location=share([distance == 0 for distance in apart]),
        within_one=share([distance <= 1 for distance in apart]),
        same_category=share([one == two for one, two in zip(kinds_one, kinds_two, strict=True)]),
        category_kappa=kappa_interval(kinds_one, kinds_two, of_found, rng, resamples, confidence),
    )


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float:
    """Agreement of two judges' labels beyond chance (Cohen 1960): 1 is perfect, 0 what chance gives.

    NaN where it is undefined: without items, and where both judges give all of them the same one label, so that chance
    agrees always. Raises ValueError for sequences of unequal length.

    >>> cohen_kappa("HHEE", "HHEH"), cohen_kappa("HHEE", "HEHE"), cohen_kappa("HH", "HH")
    (0.5, 0.0, nan)
    """
    return float(_kappas(_tables(first, second, [0] * len(first)).sum(axis=0)))


def kappa_interval(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    problems: Sequence[Hashable],
    rng: np.random.Generator,
    resamples: int = 10_000,
    confidence: float = 0.95,
) -> Estimate:
    """Cohen's kappa with a percentile bootstrap interval over problems, whose items are drawn together.

    Resamples in which kappa is undefined are left out. Where all others have the same kappa, as after perfect
    agreement, resampling says nothing: the ends are NaN. The Estimate's n counts problems.
    Raises ValueError for sequences of unequal length, for fewer than 1 resample and for a confidence outside (0, 1).

    >>> kappa_interval("HHEE" * 5, "HHEH" * 5, range(20), np.random.default_rng(0)).value
    0.5
    """
    check_settings(resamples, confidence)
    tables_PKK = _tables(first, second, problems)
    n = len(tables_PKK)
    value = float(_kappas(tables_PKK.sum(axis=0)))
    low = high = math.nan
    if n:
        drawn_BP = rng.multinomial(n, np.full(n, 1.0 / n), size=resamples)
        kappas_B = _kappas(np.tensordot(drawn_BP, tables_PKK, axes=1))
        kappas_B = kappas_B[~np.isnan(kappas_B)]
        if len(kappas_B) and np.ptp(kappas_B) > 0.0:
            tail = (1.0 - confidence) / 2.0
            low, high = (float(end) for end in np.quantile(kappas_B, [tail, 1.0 - tail]))
    return Estimate(value, low, high, n)


def _tables(first: Sequence[Hashable], second: Sequence[Hashable], problems: Sequence[Hashable]) -> NDArray[np.float64]:
    """How often each pair of labels was given to the items of each problem; shape (problems, labels, labels)."""
    labels = {label: index for index, label in enumerate(dict.fromkeys([*first, *second]))}
    rows = {problem: index for index, problem in enumerate(dict.fromkeys(problems))}
    tables = np.zeros((len(rows), len(labels), len(labels)))
    for one, two, problem in zip(first, second, problems, strict=True):
        tables[rows[problem], labels[one], labels[two]] += 1.0
    return tables


def _kappas(tables: NDArray[np.floating]) -> NDArray[np.float64]:
    """Kappa of each table of counts on the last two axes."""
    total = tables.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        agreed = np.trace(tables, axis1=-2, axis2=-1) / total
        by_chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1) / total**2
        return np.where(by_chance < 1.0, (agreed - by_chance) / (1.0 - by_chance), math.nan)
