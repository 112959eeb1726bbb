"""The sections of evaluation and of the report."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from int_bench.config.engines import SamplingConfig
from int_bench.config.section import Name, Positive, Section


class EvaluationConfig(Section):
    """Samples a problem for each set of problems, and the budgets at which pass@k is shown.

    ``table2`` lists the benchmarks of Table 2, and ``table7`` gives those of Table 7 with the k of their pass@k.
    """

    samples: Positive
    hard_samples: Positive
    ks: tuple[Positive, ...]
    sampling: SamplingConfig = SamplingConfig()
    held_out: Name
    table2: tuple[Name, ...] = ()
    table7: dict[Name, Positive] = Field(default_factory=dict)


class ReportConfig(Section):
    """Bootstrap over problems, and permutations of paired problems."""

    resamples: Positive = 10_000
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    seed: int = 0
