"""What this machine has, found without importing torch."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

GIB = 2**30


class GPU(NamedTuple):
    """A GPU of this machine; ``memory`` in bytes."""

    name: str
    memory: int
    driver: str


def gpus() -> list[GPU]:
    """The GPUs that ``nvidia-smi`` knows of; none where it is missing, fails or does not answer within ten seconds."""
    command = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in said.splitlines()]
    return [GPU(name, int(mib) * 2**20, driver) for name, mib, driver in rows if mib.isdecimal()]


def cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0))


def free_disk(path: str | Path) -> int:
    """Free bytes where a path lies or would lie."""
    path = Path(path).absolute()
    return shutil.disk_usage(next(folder for folder in (path, *path.parents) if folder.exists())).free


def has_avx2() -> bool:
    """Whether the processor has AVX2, as far as Linux says."""
    path = Path("/proc/cpuinfo")
    return path.is_file() and "avx2" in path.read_text().split()
