"""Cores, memory, disk and GPUs."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from int_bench.doctor.findings import PIP, Finding
from int_bench.machine import GIB, cores, free_disk, gpus, has_avx2

# The tiny run has 1.5 GiB in its largest process, and two at a time on two cores; it writes less than half a GiB.
_MEMORY, _DISK = 4 * GIB, 2 * GIB
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_ASK_TORCH = "import torch; print(torch.version.cuda or '-', torch.cuda.device_count())"


def processor() -> Iterator[Finding]:
    """Cores, and AVX2, without which vLLM does not run on a CPU."""
    number = cores()
    avx2 = has_avx2()
    found = f"{number} core{'s' * (number > 1)}, {'AVX2' if avx2 else 'no AVX2, so no vLLM for CPUs'}"
    yield Finding("processor", "ok", found)


def memory() -> Iterator[Finding]:
    """Memory that this process may use."""
    import psutil

    limit = _LIMIT.read_text().strip() if _LIMIT.is_file() else "max"
    total = min(psutil.virtual_memory().total, int(limit) if limit.isdecimal() else sys.maxsize)
    found = f"{total / GIB:.1f} GiB"
    if total >= _MEMORY:
        yield Finding("memory", "ok", found, needed=True)
    else:
        said = f"{found}, and {_MEMORY // GIB} are needed for two jobs at a time"
        yield Finding("memory", "missing", said, "snakemake --cores 1", needed=True)


def disk() -> Iterator[Finding]:
    """Free disk where results go."""
    free = free_disk("results")
    found = f"{free / GIB:.1f} GiB free in results"
    if free >= _DISK:
        yield Finding("disk", "ok", found, needed=True)
    else:
        said = f"{found}, and {_DISK // GIB} are needed"
        yield Finding("disk", "missing", said, "ln -s FOLDER_WITH_ROOM results", needed=True)


def cards() -> Iterator[Finding]:
    """GPUs as the driver and as torch see them."""
    found = gpus()
    for gpu in found:
        yield Finding("gpu", "ok", f"{gpu.name}, {gpu.memory / GIB:.0f} GiB, driver {gpu.driver}")
    asked = subprocess.run([sys.executable, "-c", _ASK_TORCH], capture_output=True, text=True, timeout=60, check=True)
    cuda, seen = asked.stdout.split()
    if int(seen):
        yield Finding("cuda", "ok", f"torch for CUDA {cuda} sees {seen} GPU{'s' * (seen != '1')}")
    elif not found:
        yield Finding("gpu", "missing", "neither nvidia-smi nor torch sees one; only pretrained models need one")
    elif cuda == "-":
        mend = f"{PIP} install --force-reinstall --no-deps torch=={importlib.metadata.version('torch').split('+')[0]}"
        yield Finding("cuda", "broken", "this torch is built for CPUs", mend)
    else:
        said = f"torch for CUDA {cuda} sees no GPU; CUDA_VISIBLE_DEVICES hides them, or the driver is too old for it"
        yield Finding("cuda", "broken", said, "unset CUDA_VISIBLE_DEVICES; nvidia-smi")
