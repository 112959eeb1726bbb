"""Ablations: named overrides of a run, a table's row each (``configs/ablations.yaml``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from int_bench.config.reading import load, merge, read_mapping
from int_bench.config.schema import RunConfig
from int_bench.config.section import ConfigError, Name, Section, nearest


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """A model that an ablation compares: ``base`` of a run or of an ablation's run."""

    config: RunConfig
    base: str

    @property
    def evaluated(self) -> str:
        """Its name among the evaluated models."""
        return model_of(self.config, self.base)

    @property
    def arm(self) -> str | None:
        """The arm of SFT that made it, or that RL began from; None if RL began from the base model."""
        started = self.config.rl.start_of(self.base.removeprefix("rl-")) if self.base.startswith("rl-") else self.base
        return None if started == "base" else started


AblationName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""It begins the names of the ablation's rules."""
SUITES = {"ablations", "quick"}
"""All ablations, and those without RL: their tables lie beside those of single ablations."""


class AblationConfig(Section):
    """One ablation: the model ``base`` of the run with an ``override`` laid over it, and what it is compared with.

    ``base`` is an arm such as ``int``, or one of RL such as ``rl-int``, whose last checkpoint is meant. It is compared
    with the run's own model of that name, or with another one, ``against``: a model of the run or another ablation.
    Then the override may be empty, and two models of the run are compared. Companions of another seed are ablated too.
    The ``question`` stands in the table. Ablations of one ``sweep`` are points of a figure, ``at`` is where on its
    ``axis``, ``line`` on which of its lines if there are several, and ``own`` where what they are compared with is.
    Those that are ``quick`` are a suite of their own.
    """

    base: str
    question: str
    override: dict[str, Any] = Field(default_factory=dict)
    against: str | None = None
    sweep: Name | None = None
    axis: str = ""
    line: str = ""
    at: float | None = None
    own: float | None = None
    quick: bool = False

    @model_validator(mode="after")
    def _compares(self) -> AblationConfig:
        if (self.sweep is None) != (self.at is None):
            raise ValueError("a point of a sweep has both, sweep and at")
        if not self.override and self.against in (None, self.base):
            raise ValueError("without an override it is compared with itself: give another model as 'against'")
        return self


def load_ablations(path: str | Path) -> dict[str, AblationConfig]:
    """The ablations of a file by their names.

    Raises ConfigError with one line for each thing that is wrong.
    """
    try:
        found = TypeAdapter(dict[AblationName, AblationConfig]).validate_python(read_mapping(Path(path)))
    except ValidationError as error:
        said = (f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigError("\n".join(said)) from None
    for name in SUITES & found.keys():
        raise ConfigError(f"{path}: {name!r} is the name of a suite")
    return found


def ablated(path: str | Path, override: Mapping[str, Any], name: str, ablation: AblationConfig) -> dict[str, Any]:
    """What is laid over a run's file so that it becomes the ablation's run, which shares all that it can with the run.

    An ablated arm is evaluated on no more benchmarks than the table shows.

    Raises ConfigError if the run has no model of the name ``base``.
    """
    run = load(path, override)
    if not _has(run, ablation.base):
        near = nearest(ablation.base, _models(run))
        raise ConfigError(f"ablation {name}: run {run.name} has no {ablation.base!r}{near}")
    alone = {"name": f"{run.name}-{name}", "shares": run.name, "companions": dict.fromkeys(run.companions)}
    if not ablation.override:
        return merge(override, alone)
    shown: dict[str, Any] = {"arms": {ablation.base.removeprefix("rl-"): {"benchmarks": False}}}
    if ablation.base.startswith("rl-"):
        shown = {"rl": shown}
    return merge(merge(merge(override, ablation.override), shown), alone)


def comparisons(
    name: str,
    suite: Mapping[str, AblationConfig],
    runs: Sequence[RunConfig],
    made: Callable[[RunConfig, str], RunConfig],
) -> list[tuple[ComparedModel, ComparedModel]]:
    """The pairs of models that an ablation compares: one of the run, ``runs[0]``, and one of each of its other seeds.

    ``made`` gives the configuration of an ablation of a run. A seed that lacks a model is left out. Each pair is
    the ablated model and the one that it is compared with.

    Raises ConfigError if the run itself lacks one, and if what it is compared with could be two things.
    """
    ablation, run = suite[name], runs[0]
    asked = ablation.against or ablation.base
    for model in [ablation.base, *([] if asked in suite else [asked])]:
        if not _has(run, model):
            known = " and no ablation has that name" if model != ablation.base else ""
            raise ConfigError(f"ablation {name}: run {run.name} has no {model!r}{known}{nearest(model, _models(run))}")
    if asked in suite and _has(run, asked):
        raise ConfigError(f"ablation {name}: {asked!r} is an ablation and a model of run {run.name}; rename one")
    base = suite[asked].base if asked in suite else asked
    return [
        (
            ComparedModel(made(each, name), ablation.base),
            ComparedModel(made(each, asked) if asked in suite else each, base),
        )
        for each in runs
        if _has(each, ablation.base) and _has(each, base)
    ]


def model_of(config: RunConfig, base: str) -> str:
    """The evaluated model that is compared: an arm, or the last checkpoint of an arm of RL."""
    arm = base.removeprefix("rl-")
    return f"rl-{arm}@{config.rl_steps(arm)}" if base.startswith("rl-") else base


def _models(run: RunConfig) -> list[str]:
    return [*run.arms, *(f"rl-{arm}" for arm in run.rl.arms)]


def _has(run: RunConfig, model: str) -> bool:
    return model in _models(run)
