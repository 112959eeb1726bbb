"""One stage's run: its work folder, which outlives a kill, and the manifest beside its result.

The work folder is named by a digest of everything that decides the result (sections of the configuration, contents of
the input files, the package's code and the versions it runs on), so that work in progress is taken up again only where
it belongs to the same question.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import resource
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from int_bench.config import canonical, digest
from int_bench.errors import UserError
from int_bench.records import write_json

ABOUT = "int_bench.manifest"
"""Under what name a part's own file holds its manifest."""

_PACKAGES = ("int-bench", "torch", "transformers", "trl", "math-verify", "numpy", "pandas", "pyarrow")


class Job:
    """A stage at work on one output; use as a context manager.

    On success the manifest is written beside the output and the work folder removed; on failure both are left as they
    are, so that the next start goes on. Jobs that each make a part of what becomes the file ``whole`` share one work
    folder, which whoever joins the parts removes, and their manifests are in the parts themselves (``about``): there
    they are for as long as the parts are. ``engine`` is what samples on this machine, which the configuration may leave
    open: others do not go on with its work, but it is no reason to run a finished stage again.
    """

    def __init__(
        self,
        stage: str,
        output: str | Path,
        reads: Mapping[str, Any],
        inputs: Sequence[str | Path] = (),
        whole: str | Path | None = None,
        engine: str | None = None,
    ) -> None:
        self.stage, self.output = stage, Path(output)
        self.reads = dict(reads)
        self.inputs = {str(path): fingerprint(path) for path in inputs}
        self.versions = {name: version(name) for name in _PACKAGES}
        here = Path(__file__).parent
        code = [fingerprint(here, "*.py"), fingerprint(here / "prompts", "*.md")]
        self.digest = digest(stage, self.reads, list(self.inputs.values()), self.versions, code, engine)
        whole = Path(whole or output)
        self.is_part = whole != self.output
        self.work = whole.parent / ".work" / f"{whole.name}-{self.digest}"
        self.facts: dict[str, Any] = {} if engine is None else {"engine": engine}

    def __enter__(self) -> Job:
        self.work.mkdir(parents=True, exist_ok=True)
        self._start = time.monotonic()
        return self

    def note(self, **facts: Any) -> None:
        """Add facts (counts, tokens, rates) to the manifest."""
        self.facts.update(facts)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and main_process() and not self.is_part:
            finish(self.output, self._manifest())

    def about(self) -> dict[str, str]:
        """What a part says of itself in its own file: its manifest. Other outputs have it beside them."""
        return {ABOUT: json.dumps(self._manifest(), sort_keys=True)} if self.is_part else {}

    def _manifest(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "output": str(self.output),
            "digest": self.digest,
            "reads": json.loads(canonical(self.reads)),
            "inputs": self.inputs,
            "facts": self.facts,
            "seconds": round(time.monotonic() - self._start, 2),
            "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "versions": {"python": platform.python_version(), **self.versions},
            "machine": {
                "system": platform.system(),
                "processor": platform.machine(),
                "cores": os.cpu_count(),
                "gpu": _gpu(),
            },
            "command": command(),
        }


def finish(output: str | Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of an output that is complete, and remove the work folders that led to it."""
    output = Path(output)
    write_json(manifest_path(output), manifest)
    named = f"{output.name}-{'[0-9a-f]' * len(manifest['digest'])}"
    work = output.parent / ".work"
    for left in [*work.glob(f"{named}.done")]:
        shutil.rmtree(left, ignore_errors=True)
    for folder in [*work.glob(named)]:
        # Under another name first: a restart must not go on with what a kill left of it.
        done = folder.with_name(f"{folder.name}.done")
        os.replace(folder, done)
        shutil.rmtree(done, ignore_errors=True)


def command() -> str:
    """The command that this process was started with."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])


def main_process() -> bool:
    """Whether this process writes the files of its stage: it does, unless it is a further one of a training.

    The variable is set by whatever starts several processes, such as ``accelerate launch``.
    """
    return os.environ.get("RANK", "0") == "0"


def manifest_path(output: str | Path) -> Path:
    """Where the manifest of an output lies.

    >>> manifest_path("results/tiny/rollouts/naive.parquet").name
    'naive.manifest.json'
    """
    output = Path(output)
    return output.with_name(f"{output.name.removesuffix('.parquet')}.manifest.json")


def fingerprint(path: str | Path, pattern: str = "*") -> str:
    """A digest of a file's content, or of names and contents of a folder's files of some pattern.

    Raises UserError if there is nothing at the path.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"{path}: no such file or folder")
    files = sorted(p for p in path.rglob(pattern) if p.is_file()) if path.is_dir() else [path]
    whole = hashlib.sha256()
    for file in files:
        whole.update(str(file.relative_to(path)).encode())
        with file.open("rb") as handle:
            whole.update(hashlib.file_digest(handle, "sha256").digest())
    return whole.hexdigest()[:16]


def _gpu() -> str | None:
    """The name of the GPU that a stage had, if any; a stage that has not imported torch had none."""
    torch = sys.modules.get("torch")
    return torch.cuda.get_device_name() if torch and torch.cuda.is_available() else None


def version(*names: str) -> str:
    """The version of the first of some packages that is installed, if one is.

    >>> version("nowhere", "no-such-package")
    'not installed'
    """
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed"
