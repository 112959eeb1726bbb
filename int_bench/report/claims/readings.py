"""What claims are measured by: values of each problem, and their paired differences, read from a folder of results."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.diversity import differing
from int_bench.analysis.pass_at_k import counts
from int_bench.config import RunConfig
from int_bench.records import Rollout, TrainingExample, read_table
from int_bench.report import collect, collect_answers
from int_bench.report.scores import accuracy_by_problem, passed_by_problem
from int_bench.report.tables import likelihoods


class NotMeasured(Exception):
    """A run lacks what a claim is about: says what it needs."""


class Readings:
    """The results of a run, by problem. What is read twice is kept. Everything raises NotMeasured for what lacks."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self._tallies: dict[str, pd.DataFrame] = {}

    @cached_property
    def config(self) -> RunConfig:
        """The configuration of the run."""
        return collect.run_config(self.results)

    @property
    def world(self) -> int:
        """The seed of the run's world."""
        return collect.world_of(self.config)

    @property
    def held_out(self) -> str:
        """The held-out benchmark."""
        return self.config.evaluation.held_out

    @property
    def largest(self) -> int:
        """The largest budget of pass@k."""
        return max(self.config.evaluation.ks)

    def arm(self, name: str) -> str:
        """The model of an arm of SFT."""
        if name != "base" and name not in self.config.arms:
            raise NotMeasured(f"needs arm {name}")
        return name

    def rl(self, name: str) -> str:
        """The model that an arm of RL ends with."""
        if name not in self.config.rl.arms:
            raise NotMeasured(f"needs arm {name} of RL")
        return collect.rl_end(self.config, name)

    def start(self, name: str) -> str:
        """The model that an arm of RL starts from."""
        self.rl(name)
        return self.config.rl.start_of(name)

    def beside(self) -> Readings:
        """The first run beside this one that has another base model."""
        for _, folder in collect.companion_results(self.results, "base"):
            return Readings(folder)
        raise NotMeasured("needs a companion with another base model")

    def table2(self) -> dict[str, int]:
        """The benchmarks of Table 2, with the k of their pass@k."""
        return dict.fromkeys(self._listed("table2", self.config.evaluation.table2), 1)

    def table7(self) -> dict[str, int]:
        """The benchmarks of Table 7, with the k of their pass@k."""
        return dict(self._listed("table7", self.config.evaluation.table7))

    def tally(self, model: str, problem_set: str) -> pd.DataFrame:
        """Samples ``n`` and correct samples ``c`` of each problem of an evaluated model."""
        if model not in self._tallies:
            self._path(f"evaluation/{model}.parquet")
            self._tallies[model] = collect.evaluation(self.results, model)
        return counts(collect.on_set(self._tallies[model], problem_set))

    def passed(self, model: str, problem_set: str, k: int = 1) -> pd.Series:
        """pass@k of each problem."""
        return passed_by_problem(self.tally(model, problem_set), k)

    def over(self, benchmarks: dict[str, int], model: str) -> pd.Series:
        """pass@k of several benchmarks, each at its own k, by benchmark and problem.

        None may lack: an average over the others would be another quantity.
        """
        scores = {name: self.passed(model, name, k).dropna() for name, k in benchmarks.items()}
        for name, k in benchmarks.items():
            if scores[name].empty:
                raise NotMeasured(f"needs pass@{k} of {model} on {name}")
        return pd.concat(scores)

    def rollouts(self, mode: str, oracle: str = "") -> pd.DataFrame:
        """Samples and correct samples of the base model: ``naive`` or ``null``, or guided by an oracle."""
        name = f"{mode}-{oracle}" if oracle else mode
        return counts(collect.grades(self._path(f"rollouts/{name}.parquet")))

    def accuracy(self, mode: str) -> pd.Series:
        """Accuracy of the base model's rollouts: ``naive`` or ``null``."""
        return accuracy_by_problem(self.rollouts(mode))

    def guided(self, mode: str, oracle: str = "") -> pd.Series:
        """Accuracy of its rollouts from, or with, interventions, by default of the run's oracle."""
        return accuracy_by_problem(self.rollouts(mode, oracle or self.config.interventions.oracle))

    def self_oracle(self) -> str:
        """The oracle that is the base model itself, with the reference solution where there are several."""
        names = self.config.self_oracles
        if not names:
            raise NotMeasured("needs an oracle that is the base model")
        told = (name for name in names if getattr(self.config.oracle(name), "reference", "") == "solution")
        return next(told, names[0])

    def differing(self, model: str, problem_set: str) -> pd.Series:
        """The chance that two samples of a problem have different answers; samples without one do not count."""
        path = self._path(f"evaluation/{model}.parquet")
        columns = ["problem_id", "problem_set", "extracted"]
        rows = collect.on_set(read_table(path, Rollout, columns=columns).to_pandas(), problem_set)
        given = rows[rows["extracted"].notna()].groupby("problem_id")["extracted"]
        return pd.Series({problem: differing(answers) for problem, answers in given}, dtype=float)

    def interventions(self) -> pd.DataFrame:
        """Where interventions of the run's oracle stand: ``problem_id, category, steps`` and ``place``, in [0, 1)."""
        oracle = self.config.interventions.oracle
        self._path(f"interventions/{oracle}.parquet")
        found = collect_answers.intervention_locations(self.results, self.config, oracle)
        proposed = collect_answers.proposed(self.results, oracle).set_index("intervention_id")
        return found.join(proposed[["problem_id", "steps"]]).rename(columns={"relative_location": "place"})

    def row_tokens(self, arm: str, part: str) -> pd.Series:
        """Mean tokens of a problem's training rows: of their ``intervention``, or of the ``whole`` reply."""
        path = self._path(f"training/{self.arm(arm)}.examples.parquet")
        columns = ["problem_id", "input_ids", "prompt_tokens", "intervention_tokens"]
        rows = read_table(path, TrainingExample, columns=columns).to_pandas()
        whole = rows["input_ids"].map(len) - rows["prompt_tokens"]
        return (whole if part == "whole" else rows["intervention_tokens"]).groupby(rows["problem_id"]).mean()

    def nll(self, arm: str, parts: Collection[str]) -> pd.Series:
        """Negative log-likelihood per token of some parts of an arm's rows under the base model, by problem."""
        self._path(f"likelihood/{self.arm(arm)}.traces.parquet")
        found = likelihoods.traces(self.results, arm)
        return likelihoods.per_token(found[found["part"].isin(parts)], "nll")

    def nll_per_trace(self, arm: str) -> pd.Series:
        """The same of whole traces, per trace and not per token: mean over a problem's traces."""
        self._path(f"likelihood/{self.arm(arm)}.traces.parquet")
        found = likelihoods.whole_traces(self.results, [arm])
        return found.groupby("problem_id")["nll"].mean().astype(float)

    def drift(self, arm: str, column: str) -> pd.Series:
        """``kl`` or ``entropy`` per token of an arm on the base model's rollouts of easy problems, by problem."""
        self._path(f"likelihood/{self.arm(arm)}.drift.parquet")
        return likelihoods.per_token(likelihoods.drift(self.results, arm), column)

    def best(
        self, names: Collection[str], score: Callable[[str], pd.Series], by: Callable[[str], pd.Series] | None = None
    ) -> pd.Series:
        """The values of whoever is the best ``by`` a score on other problems; all must be there to be compared.

        Whoever looks the best on the same problems would owe it to chance in part, and be too strong a rival.
        """
        found = {name: score(name) for name in names}
        return found[max(names, key=lambda name: (by or score)(name).mean())]

    def _listed(self, name: str, found: Any) -> Any:
        if not found:
            raise NotMeasured(f"needs evaluation.{name}")
        return found

    def _path(self, name: str | Path) -> Path:
        path = self.results / name
        if not path.exists():
            raise NotMeasured(f"needs {name}")
        return path


def difference(after: pd.Series, before: pd.Series) -> pd.Series:
    """``after`` less ``before`` on the problems that both have. Raises NotMeasured if these are none.

    >>> difference(pd.Series({"a": 0.5, "b": 1.0}), pd.Series({"b": 0.25, "c": 0.0})).to_dict()
    {'b': 0.75}
    """
    one, other = _paired(after, before)
    return values(one - other)


def contrast(after: pd.Series, before: pd.Series) -> pd.Series:
    """Difference over sum of two amounts of a problem, in [-1, 1] whatever their unit: -1/3 is half as much.

    >>> contrast(pd.Series({"a": 1.0}), pd.Series({"a": 2.0})).round(3).to_dict()
    {'a': -0.333}
    """
    # Rounding can make a divergence of nothing less than nothing.
    one, other = (side.clip(0.0) for side in _paired(after, before))
    # Amounts that are nothing on both sides are alike.
    return values(((one - other) / (one + other)).mask(one + other == 0.0, 0.0))


def values(series: pd.Series) -> pd.Series:
    """The values of the problems. Raises NotMeasured if there are none."""
    if series.isna().all():
        raise NotMeasured("no rows")
    return series.astype(float)


def _paired(after: pd.Series, before: pd.Series) -> tuple[pd.Series, pd.Series]:
    common = after.index.intersection(before.index).sort_values()
    return after.loc[common].astype(float), before.loc[common].astype(float)
