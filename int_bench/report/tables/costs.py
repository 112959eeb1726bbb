"""What a run took: the table of jobs, time, tokens and memory, from its manifests and Snakemake's benchmark files."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.report.write import NO_ROWS

ITSELF = {"tables", "figures", "explorer", "report"}
"""Rules that show results: they run at the same time as this table is made, so they are not in it."""
STAGES, RULES = "at work, by stage", "whole jobs, by rule"
TOTAL = "all"


def costs(results: Path) -> pd.DataFrame:
    """What a run took, twice: its stages at work, and Snakemake's jobs with the start of each process.

    Time is the sum over jobs in seconds, memory the most that one job had, in MiB. Tokens are those that were sampled.
    A stage that was resumed counts the time of the job that finished it.
    """
    rows = [
        *_summed(STAGES, ((one["stage"], _manifest(one)) for one in manifests(results))),
        *_summed(RULES, ((rule, _benchmark(path)) for rule, path in _benchmarks(results) if rule not in ITSELF)),
    ]
    if not rows:
        rows = [{"measured": STAGES, "what": NO_ROWS}]
    columns = ("measured", "what", "jobs", "seconds", "CPU seconds", "rollouts", "tokens", "peak memory, MiB")
    return pd.DataFrame([{column: row.get(column) for column in columns} for row in rows], dtype=object)


def manifests(results: Path) -> list[dict[str, Any]]:
    """The manifests of a run's results, in the order of their paths."""
    found = sorted(results.rglob("*.manifest.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]


def _manifest(found: dict[str, Any]) -> dict[str, Any]:
    facts = found["facts"]
    taken = {"seconds": found["seconds"], "peak memory, MiB": found["peak_memory_mib"]}
    return {**taken, "rollouts": facts.get("rollouts"), "tokens": facts.get("tokens", facts.get("output_tokens"))}


def _benchmarks(results: Path) -> list[tuple[str, Path]]:
    """Snakemake's benchmark files with their rules: a file is called RULE.tsv or RULE-WILDCARDS.tsv."""
    return [(path.stem.split(".")[0].split("-")[0], path) for path in sorted((results / "benchmarks").glob("*.tsv"))]


def _benchmark(path: Path) -> dict[str, Any]:
    row = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
    return {"seconds": row["s"], "CPU seconds": row["cpu_time"], "peak memory, MiB": row["max_rss"]}


def _summed(measured: str, jobs: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """A row for each kind of job, the longest first, below one for all."""
    by_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for what, taken in jobs:
        by_kind[what].append(taken)
        by_kind[TOTAL].append(taken)
    rows = []
    for what, several in by_kind.items():
        frame = pd.DataFrame(several, dtype=float)
        row: dict[str, Any] = {"measured": measured, "what": what, "jobs": len(frame)}
        for column in frame.columns:
            reduced = frame[column].max() if column.startswith("peak") else frame[column].sum(min_count=1)
            row[column] = None if pd.isna(reduced) else round(reduced)
        rows.append(row)
    return sorted(rows, key=lambda row: (row["what"] != TOTAL, -row["seconds"]))
