"""The numbers behind Figures 6, 9, 10 and 11, from the files of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from int_bench.analysis.estimates import Estimate
from int_bench.config import RunConfig
from int_bench.report import collect
from int_bench.report.scores import Estimator, curves, passed_by_problem
from int_bench.report.style import FIGURE11

FIGURE6 = ("base", "int", "int_matched", "distill", "distill_matched")
FIGURE9 = ("base", "int", "gold", "self_refine", "hinted")
"""The arms of RL of Figures 9 and 10; the last is the later version's."""
_ENDS = ["value", "low", "high", "n"]


def models_of(config: RunConfig, wanted: Iterable[str]) -> list[str]:
    """Those of some models that the run has: the base model and its arms."""
    return [name for name in wanted if name == "base" or name in config.arms]


def benchmark_scores(results: Path, config: RunConfig, estimator: Estimator) -> pd.DataFrame:
    """pass@1 on the benchmarks of Table 2 and their average (Figure 6): ``benchmark, arm, value, low, high, n``."""
    rows = []
    for model in models_of(config, FIGURE6):
        scores = {name: _passed(results, model, name, 1) for name in config.evaluation.table2}
        rows += [(name, model, *_ends(estimator.mean(score))) for name, score in scores.items()]
        if len(scores) > 1:
            rows.append(("average", model, *_ends(estimator.average(list(scores.values())))))
    frame = pd.DataFrame(rows, columns=["benchmark", "arm", *_ENDS])
    order = [*config.evaluation.table2, "average"]
    return frame.sort_values("benchmark", key=lambda names: names.map(order.index), kind="stable")


def checkpoint_scores(results: Path, config: RunConfig, estimator: Estimator) -> pd.DataFrame:
    """pass@k of RL checkpoints on the benchmarks of Table 7 (Figure 10): columns of ``curves`` and ``benchmark``."""
    arms = [name for name in FIGURE9 if name in config.rl.arms]
    frames = [
        curves(collect.rl_counts(results, config, name, arms), [k], estimator).assign(benchmark=name)
        for name, k in config.evaluation.table7.items()
    ]
    return pd.concat(frames, ignore_index=True) if frames else curves([], [], estimator).assign(benchmark="")


def train_pass_at_k(results: Path, config: RunConfig, estimator: Estimator) -> pd.DataFrame:
    """pass@k after fine-tuning on the hard training problems (Figure 11b): ``arm, k, value, low, high, n``."""
    return _pass_at_k(results, config, estimator, ["hard_train"], config.evaluation.samples_of("hard_train"))


def benchmark_pass_at_k(results: Path, config: RunConfig, estimator: Estimator) -> pd.DataFrame:
    """The same averaged over the benchmarks of Table 7 (Figure 11c), each counting the same."""
    return _pass_at_k(results, config, estimator, list(config.evaluation.table7), config.evaluation.samples)


def _pass_at_k(
    results: Path, config: RunConfig, estimator: Estimator, sets: Sequence[str], samples: int
) -> pd.DataFrame:
    rows = []
    for model in models_of(config, ("base", *FIGURE11)):
        for k in (k for k in config.evaluation.ks if k <= samples):
            scores = [_passed(results, model, name, k) for name in sets]
            estimate = estimator.mean(scores[0]) if len(scores) == 1 else estimator.average(scores)
            rows.append((model, k, *_ends(estimate)))
    return pd.DataFrame(rows, columns=["arm", "k", *_ENDS])


def _passed(results: Path, model: str, problem_set: str, k: int) -> pd.Series:
    return passed_by_problem(collect.tally(results, model, problem_set), k)


def _ends(estimate: Estimate) -> tuple[float, float, float, int]:
    return estimate.value, estimate.low, estimate.high, estimate.n
