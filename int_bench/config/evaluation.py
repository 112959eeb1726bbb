"""The sections of evaluation and of the report."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import Field, model_validator

from int_bench.config.engines import SamplingConfig
from int_bench.config.section import Name, Positive, Section

HardSet = Literal["hard_train", "hard_test"]


class EvaluationConfig(Section):
    """Samples a problem for each set of problems, and the budgets at which pass@k is shown.

    ``hard_samples`` may be a number each for ``hard_train`` and ``hard_test``. ``table2`` lists the benchmarks of Table
    2, and ``table7`` gives those of Table 7 with the k of their pass@k.
    """

    samples: Positive
    hard_samples: Positive | dict[HardSet, Positive]
    ks: tuple[Positive, ...]
    sampling: SamplingConfig = SamplingConfig()
    held_out: Name
    table2: tuple[Name, ...] = ()
    table7: dict[Name, Positive] = Field(default_factory=dict)

    def samples_of(self, problem_set: str) -> int:
        """Samples of each problem of a set."""
        if not problem_set.startswith("hard_"):
            return self.samples
        hard = self.hard_samples
        return hard if isinstance(hard, int) else hard[cast(HardSet, problem_set)]

    @model_validator(mode="after")
    def _each_hard_set(self) -> EvaluationConfig:
        if isinstance(self.hard_samples, dict) and len(self.hard_samples) < 2:
            raise ValueError("hard_samples: give one number, or one each for hard_train and hard_test")
        return self


class ReportConfig(Section):
    """Bootstrap over problems, and permutations of paired problems."""

    resamples: Positive = 10_000
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    seed: int = 0
