"""Ablations: named overrides of a run, a table's row each (``configs/ablations.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

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


NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Of an ablation: it begins the names of its rules."""
SUITES = ("ablations", "quick", "design")
"""All ablations, some without RL, and those of the paper's choices; no ablation may have such a name."""
TARGETS = ("ablation_", "sweep_", "figure_")
"""What Snakemake's targets begin with that are made of names here; no name may begin so."""


class AblationConfig(Section):
    """One ablation: the model ``base`` of the run with an ``override`` laid over it, and what it is compared with.

    ``base`` is an arm such as ``int``, or one of RL such as ``rl-int``, whose last checkpoint is meant. It is compared
    with the run's own model of that name, or with another one, ``against``: a model of the run or another ablation.
    Without an override nothing is made: two models are compared that are there, and ``base`` may be an ablation too.
    Companions of another seed are ablated as well.
    The ``question`` stands in the table. Ablations of one ``sweep`` are points of a figure, ``at`` is where on its
    ``axis``, ``line`` on which of its lines if there are several, and ``own`` where what they are compared with is.
    Those that are ``quick``, which need no RL, are a suite of their own, and so are those that ask of the ``design`` of
    InT: of choices that the paper made, and of interventions during RL.
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
    design: bool = False

    @property
    def suites(self) -> set[str]:
        """The suites that it belongs to."""
        return {suite for suite in SUITES if suite == "ablations" or getattr(self, suite)}

    @model_validator(mode="after")
    def _compares(self) -> AblationConfig:
        if (self.sweep is None) != (self.at is None):
            raise ValueError("a point of a sweep has both, sweep and at")
        if not self.override and self.against in (None, self.base):
            raise ValueError("without an override it is compared with itself: give another model as 'against'")
        if own := self.override.keys() & {"name", "shares", "companions"}:
            raise ValueError(f"{min(own)} is not for an ablation to override")
        return self


def load_ablations(path: str | Path) -> dict[str, AblationConfig]:
    """The ablations of a file by their names.

    Raises ConfigError with one line for each thing that is wrong.
    """
    found = {}
    for name, entry in read_mapping(Path(path)).items():
        if not (isinstance(name, str) and NAME.fullmatch(name)):
            raise ConfigError(f"{path}: the name {name!r} does not begin with a-z or has more than a-z, 0-9 and _")
        if name in SUITES:
            raise ConfigError(f"{path}: {name!r} is the name of a suite")
        if name.startswith(TARGETS):
            raise ConfigError(f"{path}: the name {name!r} begins as a target does; leave out {name.split('_')[0]}_")
        try:
            found[name] = AblationConfig.model_validate(entry)
        except ValidationError as error:
            raise ConfigError("\n".join(f"{path}: {name}: {_said(one)}" for one in error.errors())) from None
    return found


def _said(error: Any) -> str:
    """What is wrong with an entry."""
    key = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"unknown key {key!r}{nearest(key, AblationConfig.model_fields)}"
    return f"{key}: {error['msg']}" if key else error["msg"].removeprefix("Value error, ")


def ablated(path: str | Path, override: Mapping[str, Any], name: str, ablation: AblationConfig) -> dict[str, Any]:
    """What is laid over a run's file so that it becomes the ablation's run, which shares all that it can with the run.

    An ablated arm is evaluated on no more than the table shows, which is pass@1 on three sets: what samples cost beyond
    that is better spent on another seed.

    Raises ConfigError if the run has no model of the name ``base``, or a companion of the ablation's own, and if the
    override is wrong, takes the model away, or names a rule of which there is no file in ``rules/ablations/``.
    """
    run = load(path, override)
    if name in run.companions:
        raise ConfigError(f"ablation {name}: run {run.name} has a companion of that name, whose folder it would take")
    if not _has(run, ablation.base):
        raise ConfigError(_lacking(name, ablation.base, run))
    try:
        changed = load(path, merge(override, ablation.override))
    except ConfigError as error:
        raise ConfigError("\n".join(f"ablation {name}: {line}" for line in str(error).splitlines())) from None
    if not _has(changed, ablation.base):
        raise ConfigError(f"ablation {name}: the override takes {ablation.base!r} away")
    rules = Path(path).parent.parent / "rules" / "ablations"
    for rule in {arm.rule for arm in changed.arms.values() if arm.rule}:
        if not (rules / f"{rule}.smk").is_file():
            near = nearest(rule, [file.stem for file in rules.glob("*.smk")])
            raise ConfigError(f"ablation {name}: no file rules/ablations/{rule}.smk{near}")
    shown: dict[str, Any] = {"arms": {ablation.base.removeprefix("rl-"): {"benchmarks": False, "pass_at_k": False}}}
    if ablation.base.startswith("rl-"):
        shown = {"rl": shown}
    alone = {"name": f"{run.name}-{name}", "shares": run.name, "companions": dict.fromkeys(run.companions)}
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

    Raises ConfigError if the run itself lacks one, and if what it is compared with could be two things or is none.
    """
    ablation, run = suite[name], runs[0]
    sides = (name if ablation.override else ablation.base, ablation.against or ablation.base)
    if sides[0] == sides[1]:
        raise ConfigError(f"ablation {name} is compared with itself")
    for called in {name, *sides} & suite.keys():
        if _has(run, called):
            raise ConfigError(f"ablation {name}: {called!r} is an ablation and a model of run {run.name}; rename one")
    for side in sides:
        if side in suite and not suite[side].override:
            raise ConfigError(f"ablation {name}: {side!r} makes no model, it compares two; name one of these")
        if not _has(run, _base(side, suite)):
            more = "" if side in suite else " and no ablation has that name"
            raise ConfigError(_lacking(name, _base(side, suite), run, more, suite))

    def of(each: RunConfig, side: str) -> ComparedModel:
        return ComparedModel(made(each, side) if side in suite else each, _base(side, suite))

    able = [each for each in runs if all(_has(each, _base(side, suite)) for side in sides)]
    return [(of(each, sides[0]), of(each, sides[1])) for each in able]


def _base(side: str, suite: Mapping[str, AblationConfig]) -> str:
    return suite[side].base if side in suite else side


def _lacking(name: str, model: str, run: RunConfig, more: str = "", known: Iterable[str] = ()) -> str:
    return f"ablation {name}: run {run.name} has no {model!r}{more}{nearest(model, [*_models(run), *known])}"


def model_of(config: RunConfig, base: str) -> str:
    """The evaluated model that is compared: an arm, or the last checkpoint of an arm of RL."""
    arm = base.removeprefix("rl-")
    return f"rl-{arm}@{config.rl_steps(arm)}" if base.startswith("rl-") else base


def _models(run: RunConfig) -> list[str]:
    return [*run.arms, *(f"rl-{arm}" for arm in run.rl.arms)]


def _has(run: RunConfig, model: str) -> bool:
    return model in _models(run)
