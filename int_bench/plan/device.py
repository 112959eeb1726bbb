"""The GPU that a plan is made for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from int_bench.config import RunConfig
from int_bench.errors import UserError
from int_bench.machine import GIB, gpus

_ASSUMED = "H100 80GB"


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU: memory in bytes, bandwidth in bytes a second, bfloat16 arithmetic in FLOP/s."""

    name: str
    memory: float
    bandwidth: float
    flops: float


@cache
def devices() -> dict[str, Device]:
    """The GPUs whose published figures are known, by name."""
    rows = yaml.safe_load((files("int_bench.plan") / "gpus.yaml").read_text(encoding="utf-8"))
    return {
        name: Device(name, row["memory"] * GIB, row["bandwidth"] * 1e12, row["flops"] * 1e12)
        for name, row in rows.items()
    }


def device_named(name: str) -> Device:
    """The GPU that a name means: the one most of whose words ``nvidia-smi``'s name has, or the first that begins so.

    >>> [device_named(name).name for name in ("NVIDIA H100 PCIe", "NVIDIA A100-SXM4-40GB", "A100")]
    ['H100 PCIe', 'A100 40GB', 'A100 80GB']

    Raises UserError naming the known ones.
    """
    given = set(name.lower().replace("-", " ").split())
    words = {known: set(known.lower().split()) for known in devices()}
    fitting = sorted((known for known in words if words[known] <= given), key=lambda known: -len(words[known]))
    fitting += [known for known in words if given <= words[known]]
    if not fitting:
        raise UserError(f"no published figures for a GPU {name!r}; --gpu takes one of {', '.join(devices())}")
    return devices()[fitting[0]]


def device_of(config: RunConfig, asked: str | None) -> tuple[Device | None, str]:
    """The GPU that a run is planned for, and why; None is the CPU.

    The workflow asks for GPUs only where the model is a pretrained one.
    """
    if asked:
        return device_named(asked), "asked for"
    if config.model.kind != "pretrained":
        return None, f"a {config.model.kind} model"
    if found := gpus():
        return device_named(found[0].name), "found here"
    return devices()[_ASSUMED], "assumed, no GPU is here"
