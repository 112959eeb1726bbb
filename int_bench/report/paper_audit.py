"""The audit of the paper: its numbers checked against each other, each row computed from ``paper_values.yaml``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from int_bench.report.paper import number
from int_bench.report.paper_checks import guided, scores, sets
from int_bench.report.paper_checks.finding import Check

AGREES, DISAGREES = "agrees", "does not agree"
CHECKS: tuple[Check, ...] = (*sets.CHECKS, *guided.CHECKS, *scores.CHECKS)


def paper_audit(results: Path) -> pd.DataFrame:
    """What the paper says, what follows from its other numbers, and how far the two are apart.

    It is the same for every run: nothing is read from ``results``.
    """
    return audit(number)


def audit(number: Callable[[str], float]) -> pd.DataFrame:
    """Return the audit of the numbers that ``number`` gives for references; what does not agree comes first."""
    rows = []
    for check in CHECKS:
        found = check.find(number)
        rows.append(
            {
                "where": check.where,
                "what is said": found.said,
                "what follows": found.follows,
                "difference": f"{found.difference:+.4g} {found.unit}",
                "finding": AGREES if found.agrees else DISAGREES,
                "why it matters": check.matters,
            }
        )
    return pd.DataFrame(sorted(rows, key=lambda row: row["finding"] == AGREES), dtype=object)
