"""From the rollouts of a benchmark to its line in the table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from tabulate import tabulate

from int_bench.analysis.estimates import Estimate
from int_bench.analysis.intervals import mean_interval
from int_bench.analysis.majority import majority_at_k, votes
from int_bench.analysis.pass_at_k import counts, pass_at_k
from int_bench.records import Rollout


@dataclass(frozen=True, slots=True)
class Score:
    """A benchmark's scores.

    ``problems`` counts all its problems, those of ``too_long`` included: their prompts left no room in the model's
    context, so they have no rollouts and no score. ``majority_at`` is maj@k, for more than two samples. ``statuses``
    holds the share of rollouts with each status, and ``tokens`` all that were made; ``seconds`` is the time of the run
    that finished the benchmark.
    """

    benchmark: str
    problems: int
    samples: int
    too_long: int
    pass_at: Mapping[int, Estimate]
    majority_at: Mapping[int, Estimate]
    statuses: Mapping[str, float]
    rollouts: int
    tokens: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The scores as plain values; what is undefined is None, for which JSON has a word."""
        plain = asdict(self)
        for name in ("pass_at", "majority_at"):
            plain[name] = {
                k: {key: None if math.isnan(value) else value for key, value in estimate.items()}
                for k, estimate in plain[name].items()
            }
        return plain


def score(
    benchmark: str, rollouts: Sequence[Rollout], too_long: int, samples: int, ks: Sequence[int], seconds: float
) -> Score:
    """Score a benchmark of which ``too_long`` problems have no rollouts.

    The intervals are those of :func:`int_bench.analysis.intervals.mean_interval`, over problems.
    """
    columns = ["problem_id", "extracted", "correct"]
    frame = pd.DataFrame([[getattr(row, name) for name in columns] for row in rollouts], columns=columns)
    by_problem = counts(frame)
    majority = majority_at_k(votes(frame), [k for k in ks if k > 2], np.random.default_rng(0))
    # A problem without rollouts has an undefined score, which the estimate counts.
    n_P, c_P = (np.append(by_problem[name], np.zeros(too_long, dtype=int)) for name in ("n", "c"))
    statuses = pd.Series([row.status for row in rollouts], dtype=str).value_counts(normalize=True)
    return Score(
        benchmark=benchmark,
        problems=len(n_P),
        samples=samples,
        too_long=too_long,
        pass_at={k: _estimate(pass_at_k(n_P, c_P, k)) for k in ks},
        majority_at={k: _estimate(np.append(majority[k], np.full(too_long, np.nan))) for k in majority},
        statuses={str(name): float(share) for name, share in statuses.items()},
        rollouts=len(rollouts),
        tokens=sum(len(row.token_ids) for row in rollouts),
        seconds=seconds,
    )


def _estimate(scores_P: np.ndarray) -> Estimate:
    return mean_interval(scores_P, np.random.default_rng(0))


def table(scores: Sequence[Score]) -> str:
    """A header of two lines and a line a benchmark, for a terminal."""
    headers = ["benchmark", "problems", "n"]
    headers += [f"pass@{k} [95%]" for k in scores[0].pass_at]
    headers += [f"maj@{k} [95%]" for k in scores[0].majority_at]
    headers += ["truncated", "no\nanswer", "unparsable,\ntimed out", "tokens\na rollout", "tokens", "seconds"]
    return tabulate([_line(row) for row in scores], headers, tablefmt="simple", disable_numparse=True)


def _line(row: Score) -> list[str]:
    undecided = row.statuses.get("unparsable", 0.0) + row.statuses.get("timed_out", 0.0)
    shares = [row.statuses.get("truncated", 0.0), row.statuses.get("no_answer", 0.0), undecided]
    return [
        row.benchmark,
        f"{row.problems}" + (f" ({row.too_long} too long)" if row.too_long else ""),
        f"{row.samples}",
        *(estimate.format() for estimate in [*row.pass_at.values(), *row.majority_at.values()]),
        *(f"{share:.1%}" for share in shares),
        f"{row.tokens / row.rollouts:,.0f}" if row.rollouts else "\N{EN DASH}",
        f"{row.tokens:,}",
        f"{row.seconds:,.0f}",
    ]
