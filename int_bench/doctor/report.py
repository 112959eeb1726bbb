"""All checks, as a report."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from int_bench.doctor import hardware, packages, services
from int_bench.doctor.findings import Check, Finding, findings

# Importing the trainers or vLLM takes some ten seconds, and more on a slow disk.
CHECKS = (
    Check("python", packages.python, needed=True),
    Check("packages", packages.packages, needed=True),
    Check("trainers", packages.trainers, seconds=120.0, needed=True),
    Check("torch's add-ons", packages.breakers, seconds=120.0, needed=True),
    Check("processor", hardware.processor),
    Check("memory", hardware.memory, needed=True),
    Check("disk", hardware.disk, needed=True),
    Check("gpu", hardware.cards, seconds=90.0),
    Check("vllm", packages.vllm, seconds=120.0),
    Check("hub", services.hub, seconds=8.0),
    Check("hub's token", services.token, seconds=8.0),
    Check("slurm", services.slurm),
    Check("profiles", services.profiles),
)
_MARGIN = " " * 28


def examine() -> int:
    """Print what all checks found; returns 0 if the CPU default would run, else 1."""
    found = findings(CHECKS)
    print(shown(found))
    return int(not runs(found))


def runs(found: Iterable[Finding]) -> bool:
    """Whether the CPU default (`make reproduce`) would run."""
    return all(finding.state == "ok" for finding in found if finding.needed)


def shown(found: Iterable[Finding]) -> str:
    """The report: a line for each finding, what to type below it, and a verdict."""
    found = list(found)
    lines = [line for finding in found for line in _lines(finding)]
    if runs(found):
        verdict = "The CPU default (`make reproduce`) runs here."
    else:
        wrong = ", ".join(finding.name for finding in found if finding.needed and finding.state != "ok")
        verdict = f"The CPU default (`make reproduce`) does not run here: {wrong}."
    return "\n".join([*lines, "", verdict])


def _lines(finding: Finding) -> list[str]:
    start = f"{finding.state:8} {finding.name:18} "
    text = textwrap.fill(finding.found, 120, initial_indent=start, subsequent_indent=_MARGIN)
    return [text, f"{_MARGIN}$ {finding.mend}"] if finding.mend else [text]
