"""The filter: keep the interventions from which the base model reaches the answer (section 4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from int_bench.records import Intervention, Rollout, Selection


def select(interventions: Sequence[Intervention], guided: Sequence[Rollout], min_correct: int) -> list[Selection]:
    """Decide each intervention; the reason of a drop is the oracle's status or ``too_few_correct``.

    Duplicates (same prefix and content for a problem) are dropped after the first.
    """
    samples = Counter(row.intervention_id for row in guided)
    correct = Counter(row.intervention_id for row in guided if row.correct)
    seen: set[tuple[str, str, str]] = set()
    decisions = []
    for item in interventions:
        key = (item.problem_id, item.prefix, item.content)
        hits = correct[item.intervention_id]
        if item.status != "proposed":
            reason = item.status
        elif key in seen:
            reason = "duplicate"
        elif hits < min_correct:
            reason = "too_few_correct"
        else:
            reason = "kept"
        if item.status == "proposed":
            seen.add(key)
        decisions.append(
            Selection(
                item.intervention_id, item.problem_id, samples[item.intervention_id], hits, reason == "kept", reason
            )
        )
    return decisions
