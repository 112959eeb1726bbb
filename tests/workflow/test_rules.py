"""What a rule needs of others, as a dry run from nothing says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.smoke.conftest import workplace


@pytest.mark.parametrize(("arm", "guided"), [("int", False), ("suffix", True)])
def test_only_an_arm_with_suffix_needs_all_guided_rollouts(tmp_path: Path, arm: str, guided: bool):
    model = f"results/smoke/models/{arm}"
    done = workplace(tmp_path).run("snakemake", model, "-n", "--quiet", "rules", "--config", "run=smoke")
    rules = {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
    assert {"filter", "select", "sft"} < rules
    assert ("guide" in rules) == guided
