"""The audit of the paper: its numbers checked against each other, each row computed from ``paper_values.yaml``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from int_bench.report.paper import number
from int_bench.report.paper_checks import averages, chance, guided, making, sets
from int_bench.report.paper_checks.finding import Check

CHECKS: tuple[Check, ...] = (*sets.CHECKS, *making.CHECKS, *guided.CHECKS, *averages.CHECKS, *chance.CHECKS)


def paper_audit(results: Path) -> pd.DataFrame:
    """What the paper says, what follows from its other numbers, and how far the two are apart.

    It is the same for every run: nothing is read from ``results``.
    """
    return audit(number)


def audit(number: Callable[[str], float]) -> pd.DataFrame:
    """Return the audit of the numbers that ``number`` gives for references; what does not agree comes first."""
    findings = [(check, check.find(number)) for check in CHECKS]
    rows = []
    for check, found in sorted(findings, key=lambda pair: pair[1].agrees):
        rows.append(
            {
                "where": check.where,
                "what is said": found.said,
                "what follows": found.follows,
                "difference": found.gap,
                "finding": check.verdict(found),
                "why it matters": check.matters,
            }
        )
    return pd.DataFrame(rows, dtype=object)
