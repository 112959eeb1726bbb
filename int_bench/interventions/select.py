"""The filter: keep the interventions from which the base model reaches the answer (section 4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from int_bench.records import Intervention, Selection


def select(
    interventions: Sequence[Intervention], guided: Iterable[tuple[str | None, bool]], min_correct: int
) -> list[Selection]:
    """Decide each intervention; the reason of a drop is the oracle's status or ``too_few_correct``.

    ``guided`` has the intervention of each guided rollout and whether it is correct. Duplicates are dropped after the
    first.
    """
    samples: Counter[str | None] = Counter()
    correct: Counter[str | None] = Counter()
    for intervention_id, right in guided:
        samples[intervention_id] += 1
        correct[intervention_id] += right
    seen: set[tuple[str, str, str]] = set()
    decisions = []
    for item in interventions:
        hits = correct[item.intervention_id]
        if item.status != "proposed":
            reason = item.status
        elif item.identity in seen:
            reason = "duplicate"
        elif hits < min_correct:
            reason = "too_few_correct"
        else:
            reason = "kept"
        if item.status == "proposed":
            seen.add(item.identity)
        decisions.append(
            Selection(
                item.intervention_id, item.problem_id, samples[item.intervention_id], hits, reason == "kept", reason
            )
        )
    return decisions
