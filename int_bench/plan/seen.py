"""What earlier runs measured: speeds and lengths from manifests in ``results/``, speeds from ``throughputs.yaml``.

A manifest counts if its run had the same model, its stage the same engine and its machine the same GPU. Time spent
before a kill is not in it, so the speed of a stage that was resumed is too high.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml

from int_bench.config import RunConfig, SamplingConfig, canonical
from int_bench.errors import UserError
from int_bench.plan.device import Device, device_named
from int_bench.reads import reads

# Stages that sample from a problem alone, and guided ones of which no other stage sampled a part.
_ALONE = ("mining", "naive", "null", "rejection", "evaluation")
_GUIDED = ("filter", "from_intervention")


@dataclass(frozen=True, slots=True)
class Measured:
    """A sampling stage that is done: rollouts, their tokens, and the seconds of the job that finished it."""

    guided: bool
    settings: str
    rollouts: int
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Seen:
    """What was measured of a run's model on the planned machine, and the manifests of the run's own stages."""

    stages: tuple[Measured, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)

    def speed(self) -> float | None:
        """Tokens a second that a job samples."""
        seconds = sum(one.seconds for one in self.stages)
        return sum(one.tokens for one in self.stages) / seconds if seconds else None

    def length(self, settings: SamplingConfig, guided: bool) -> float | None:
        """Mean tokens of a continuation with these settings."""
        alike = [one for one in self.stages if one.guided == guided and one.settings == canonical(settings)]
        rollouts = sum(one.rollouts for one in alike)
        return sum(one.tokens for one in alike) / rollouts if rollouts else None

    def share(self, stage: Literal["mining", "filter"], config: RunConfig) -> float | None:
        """The share of all samples that the run's own stage drew, if it has run as planned and there were any."""
        manifest = self.own.get(stage)
        if manifest is None or canonical(manifest["reads"]) != canonical(reads(stage, config)):
            return None
        asked = manifest["facts"]["all_rollouts"]
        return manifest["facts"]["rollouts"] / asked if asked else None


def seen_of(config: RunConfig, device: Device | None, results: Path = Path("results")) -> Seen:
    """What the manifests of all runs in a folder say of a run's model on a GPU, or on a CPU."""
    model, engine = canonical(config.model), canonical(reads("mining", config)["engine"])
    stages: list[Measured] = []
    own = {}
    for base in sorted(results.glob("*/models/base.manifest.json")):
        if canonical(_load(base)["reads"]["model"]) != model:
            continue
        for path in sorted(base.parents[1].glob("*/*.manifest.json")):
            manifest = _load(path)
            if base.parents[1].name == config.name:
                own[manifest["stage"]] = manifest
            if canonical(manifest["reads"].get("engine")) == engine and _same(manifest["machine"].get("gpu"), device):
                stages += _measured(manifest)
    return Seen(tuple(stages), own)


def known_speed(work: Literal["sample", "train"], parameters: int, device: Device | None) -> float | None:
    """Tokens a second from ``throughputs.yaml``; None where the roofline must do."""
    rows = yaml.safe_load((files("int_bench.plan") / "throughputs.yaml").read_text(encoding="utf-8"))
    machine = device.name if device else "CPU"
    for row in rows:
        if row["work"] == work and row["machine"] == machine:
            size = parameters / row["parameters"]
            if device is None:
                return row["tokens_per_second"] / max(1.0, size)
            if 0.9 < size < 1.1:
                return row["tokens_per_second"]
    return None


def _load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _same(gpu: str | None, device: Device | None) -> bool:
    """Whether a manifest's GPU is the planned one; neither is the CPU."""
    if gpu is None or device is None:
        return gpu is device is None
    try:
        return device_named(gpu) == device
    except UserError:  # a GPU without published figures is none that one can plan for
        return False


def _measured(manifest: Mapping[str, Any]) -> Iterator[Measured]:
    stage, facts, given = manifest["stage"], manifest["facts"], manifest["reads"]
    if stage in (*_ALONE, *_GUIDED) and facts.get("tokens"):
        settings = given["evaluation"]["sampling"] if stage == "evaluation" else given["sampling"]
        yield Measured(stage in _GUIDED, canonical(settings), facts["rollouts"], facts["tokens"], manifest["seconds"])
