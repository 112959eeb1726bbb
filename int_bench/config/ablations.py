"""Ablations: named overrides of a run, a table's row each (``configs/ablations.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from int_bench.config.reading import load, merge, read_mapping
from int_bench.config.schema import RunConfig
from int_bench.config.section import ConfigError, Name, Section, nearest

AblationName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""It begins the names of the ablation's rules."""


class AblationConfig(Section):
    """One ablation: the run with an ``override`` laid over it, whose model ``base`` is compared with the run's own.

    ``base`` is an arm such as ``int``, or one of RL such as ``rl-int``, whose last checkpoint is meant. The
    ``question`` stands in the table. Ablations of one ``sweep`` are points of a figure, ``at`` is where on its axis,
    and ``own`` where the run itself is. Those that are ``quick`` are a suite of their own.
    """

    base: str
    question: str
    override: dict[str, Any]
    sweep: Name | None = None
    at: float | None = None
    own: float | None = None
    quick: bool = False

    @model_validator(mode="after")
    def _is_a_point(self) -> AblationConfig:
        if (self.sweep is None) != (self.at is None):
            raise ValueError("a point of a sweep has both, sweep and at")
        return self


def load_ablations(path: str | Path) -> dict[str, AblationConfig]:
    """The ablations of a file by their names.

    Raises ConfigError with one line for each thing that is wrong.
    """
    try:
        return TypeAdapter(dict[AblationName, AblationConfig]).validate_python(read_mapping(Path(path)))
    except ValidationError as error:
        said = (f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigError("\n".join(said)) from None


def ablated(path: str | Path, override: Mapping[str, Any], name: str, ablation: AblationConfig) -> dict[str, Any]:
    """What is laid over a run's file so that it becomes the ablation's run, which shares all that it can with the run.

    An ablated arm is evaluated on no more benchmarks than the table shows.

    Raises ConfigError if the run has no model of the name ``base``.
    """
    run = load(path, override)
    known = [*run.arms, *(f"rl-{arm}" for arm in run.rl.arms)]
    if ablation.base not in known:
        raise ConfigError(f"ablation {name}: run {run.name} has no {ablation.base!r}{nearest(ablation.base, known)}")
    alone = {"name": f"{run.name}-{name}", "shares": run.name, "companions": dict.fromkeys(run.companions)}
    shown: dict[str, Any] = {"arms": {ablation.base.removeprefix("rl-"): {"benchmarks": False}}}
    if ablation.base.startswith("rl-"):
        shown = {"rl": shown}
    return merge(merge(merge(override, ablation.override), shown), alone)


def model_of(config: RunConfig, base: str) -> str:
    """The evaluated model that is compared: an arm, or the last checkpoint of an arm of RL."""
    arm = base.removeprefix("rl-")
    return f"rl-{arm}@{config.rl_steps(arm)}" if base.startswith("rl-") else base
