"""What a check found, and how checks are run so that none can fail or hang the rest."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

PIP = f"{shlex.quote(sys.executable)} -m pip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``mend`` is what to type. Without what is ``needed`` the CPU default does not run."""

    name: str
    state: Literal["ok", "missing", "broken"]
    found: str
    mend: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """What is looked at, and the seconds that it may take; a ``needed`` one must not fail."""

    name: str
    look: Callable[[], Iterable[Finding]]
    seconds: float = 20.0
    needed: bool = False


def findings(checks: Sequence[Check]) -> list[Finding]:
    """What all checks found, in their order; they run side by side."""
    results: dict[str, list[Finding]] = {}

    def run(check: Check) -> None:
        try:
            results[check.name] = list(check.look())
        # Whatever a machine in disorder may raise: it is what the report is for.
        except Exception as error:
            said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            results[check.name] = [Finding(check.name, "broken", f"the check failed ({said})", needed=check.needed)]

    threads = [threading.Thread(target=run, args=(check,), daemon=True) for check in checks]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    found = []
    for check, thread in zip(checks, threads, strict=True):
        thread.join(max(0.0, start + check.seconds - time.monotonic()))
        late = Finding(check.name, "broken", f"no answer within {check.seconds:.0f} s", needed=check.needed)
        found += results.get(check.name, [late])
    return found


def imported(statement: str, seconds: float = 110.0) -> str | None:
    """The last line that a fresh Python says when it cannot run an import; None if it can."""
    try:
        done = subprocess.run([sys.executable, "-c", statement], capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"not done within {seconds:.0f} s"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:200]
