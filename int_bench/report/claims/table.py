"""The verdicts on all claims of a run, pooled with its other seeds: as a table, and as what the figure draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from int_bench.analysis.estimates import Difference
from int_bench.analysis.verdicts import Hypothesis, Verdict, keyed, verdicts
from int_bench.config import RunConfig
from int_bench.report import collect, paper
from int_bench.report.claims.readings import NotMeasured, Readings
from int_bench.report.claims.registry import MEASURES, Measure

BY_CONSTRUCTION, NOT_MEASURED = "true by construction", "not measured"
OURS = "not in the paper"


@dataclass(frozen=True, slots=True)
class Row:
    """A measure with what was found: nothing if it lacks something."""

    measure: Measure
    effect: Difference | None
    seeds: int
    mde: float
    verdict: str
    note: str


def claims(results: Path) -> pd.DataFrame:
    """The table of claims, in the paper's order: what is measured and asked, what was found, and the verdict."""
    rows = []
    for row in judged(results):
        place, statement = _words(row.measure)
        rows.append(
            {
                "claim": row.measure.id,
                "verdict": row.verdict,
                "place": place,
                "statement": statement,
                "part": row.measure.part or "the whole",
                "measured": row.measure.measured,
                "asked": asked(row.measure.hypothesis, row.measure.why),
                "effect": row.effect,
                "problems": row.effect.n if row.effect else None,
                "seeds": row.seeds or None,
                "smallest detectable, pp": None if math.isnan(row.mde) else round(100.0 * row.mde, 2),
                "note": row.note,
            }
        )
    return pd.DataFrame(rows, dtype=object)


def forest(results: Path) -> pd.DataFrame:
    """The same for the figure: columns ``claim, value, low, high, threshold, side, verdict``, of what was measured."""
    rows = [
        (
            row.measure.id,
            row.effect.value,
            row.effect.low,
            row.effect.high,
            row.measure.hypothesis.threshold,
            row.measure.hypothesis.side,
            row.verdict,
        )
        for row in judged(results)
        if row.effect
    ]
    return pd.DataFrame(rows, columns=["claim", "value", "low", "high", "threshold", "side", "verdict"])


def judged(results: Path) -> list[Row]:
    """Measure and judge all claims of a run together with its companions of other seeds.

    A companion that lacks what a claim needs is left out of it, which its note says. A claim that the world makes true
    is tested like any other; if it holds, the verdict says why.
    """
    run, companions = Readings(results), collect.companion_results(results, "seed")
    others = [(name, Readings(folder)) for name, folder in companions]
    found = {measure.id: _sample(measure, run, others) for measure in MEASURES}
    tested = [measure for measure in MEASURES if found[measure.id][0]]
    settings = run.config.report
    pairs = [(found[measure.id][0], measure.hypothesis) for measure in tested]
    said = verdicts(pairs, settings.seed, settings.resamples, settings.confidence)
    by_id = {measure.id: verdict for measure, verdict in zip(tested, said, strict=True)}
    return [_row(measure, found[measure.id][1], by_id.get(measure.id), run.config) for measure in MEASURES]


def asked(hypothesis: Hypothesis, why: str) -> str:
    """What the effect should be, with the reason of a margin.

    >>> asked(Hypothesis("above", -0.02), "small"), asked(Hypothesis(), "")
    ('above -2 pp (small)', 'above 0')
    """
    threshold = f"{100.0 * hypothesis.threshold:g} pp" if hypothesis.threshold else "0"
    return f"{hypothesis.side} {threshold}" + (f" ({why})" if why else "")


def _sample(measure: Measure, run: Readings, others: list[tuple[str, Readings]]) -> tuple[list[pd.Series], str]:
    """The values of each seed, with a note on what is missing; no values if the run itself lacks something."""
    try:
        sample = [keyed(measure.sample(run), run.world)]
    except NotMeasured as lack:
        return [], str(lack)
    notes = []
    for name, other in others:
        try:
            sample.append(keyed(measure.sample(other), other.world))
        except NotMeasured as lack:
            notes.append(f"without {name}, which {lack}")
    return sample, "; ".join(notes)


def _row(measure: Measure, note: str, said: Verdict | None, config: RunConfig) -> Row:
    if said is None:
        return Row(measure, None, 0, math.nan, NOT_MEASURED, note)
    effect = Difference(said.effect, said.low, said.high, said.n, 0, said.p, said.p_holm)
    exact = config.problems.kind == "synthetic" and config.oracle(config.interventions.oracle).kind == "exact"
    verdict, note = said.verdict, _joined(said.note, note)
    if verdict == "holds" and measure.by_construction and exact:
        return Row(measure, effect, said.seeds, said.mde, BY_CONSTRUCTION, _joined(measure.by_construction, note))
    return Row(measure, effect, said.seeds, said.mde, verdict, note)


def _words(measure: Measure) -> tuple[str, str]:
    if measure.statement:
        return OURS, measure.statement
    claim = paper.claims()[measure.claim]
    return claim.place, claim.statement


def _joined(*notes: str) -> str:
    return "; ".join(note for note in notes if note)
