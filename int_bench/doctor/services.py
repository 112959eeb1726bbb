"""The hub, Slurm, and the plugins that Snakemake's profiles need."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from int_bench.doctor.findings import PIP, Finding

_PATIENCE = 5.0  # seconds
_PROFILES = Path("configs/profiles")
_OWN_EXECUTORS = ("local", "dryrun", "touch")


def hub() -> Iterator[Finding]:
    """Whether the hub answers."""
    import httpx
    from huggingface_hub import get_session, is_offline_mode
    from huggingface_hub.constants import ENDPOINT

    if is_offline_mode():
        yield Finding("hub", "missing", "HF_HUB_OFFLINE is set: only what is in the cache", "unset HF_HUB_OFFLINE")
        return
    host = urlsplit(ENDPOINT).netloc.rpartition("@")[2]
    try:
        get_session().head(ENDPOINT, timeout=_PATIENCE)  # whatever it says, it answers
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = f"{host} does not answer ({type(error).__name__}); folders of models and files of problems do without it"
        yield Finding("hub", "missing", said, "export HF_ENDPOINT=URL_OF_A_MIRROR")
        return
    yield Finding("hub", "ok", f"{host} answers")


def token() -> Iterator[Finding]:
    """Whether there is a token of the hub; it is not shown."""
    from huggingface_hub import get_token

    if get_token():
        yield Finding("hub's token", "ok", "there is one")
    else:
        yield Finding("hub's token", "missing", "none; only what is gated needs one", "hf auth login")


def slurm() -> Iterator[Finding]:
    """Whether a cluster can be reached from here."""
    lacking = [name for name in ("sbatch", "sinfo") if shutil.which(name) is None]
    if lacking:
        yield Finding("slurm", "missing", f"no {' and no '.join(lacking)}; needed only to send jobs to a cluster")
        return
    try:
        done = subprocess.run(["sinfo", "--noheader"], capture_output=True, text=True, timeout=_PATIENCE, check=True)
        yield Finding("slurm", "ok", f"the cluster answers, partitions: {', '.join(_first_words(done.stdout))}")
    except subprocess.CalledProcessError as error:
        yield Finding("slurm", "broken", (error.stderr.strip().splitlines() or ["sinfo fails"])[-1], "scontrol ping")
    except subprocess.TimeoutExpired:
        yield Finding("slurm", "broken", f"sinfo does not answer within {_PATIENCE:.0f} s", "scontrol ping")
    yield _plugin("slurm", "slurm's plugin")


def profiles() -> Iterator[Finding]:
    """Whether each profile's way of running jobs is installed."""
    import yaml

    found = sorted(_PROFILES.glob("*.yaml"))
    if not found:
        yield Finding("profiles", "ok", f"none in {_PROFILES}")
    for path in found:
        executor = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("executor", "local")
        if executor in _OWN_EXECUTORS:
            yield Finding(f"profile {path.stem}", "ok", "Snakemake's own")
        else:
            yield _plugin(executor, f"profile {path.stem}")


def _first_words(text: str) -> list[str]:
    """The first word of each line, once each."""
    return list(dict.fromkeys(line.split()[0] for line in text.splitlines() if line.strip()))


def _plugin(executor: str, name: str) -> Finding:
    package = f"snakemake-executor-plugin-{executor}"
    if importlib.util.find_spec(package.replace("-", "_")):
        return Finding(name, "ok", f"{package} is installed")
    return Finding(name, "missing", f"{package} is not installed", f"{PIP} install {package}")
