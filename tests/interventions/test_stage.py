"""The stages around oracles and judges: what their manifests say of who was asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from int_bench.config import load
from int_bench.interventions.stage import judge, propose
from int_bench.layout import Layout
from int_bench.manifest import manifest_path
from int_bench.records import Problem, Rollout, write_records
from tests.smoke.conftest import ROOT

CHAT = {"engine": {"name": "http", "server": {"url": "http://127.0.0.1:9/v1", "model": "m"}}}


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problems: list[Problem], make_rollout: Callable[..., Rollout]
) -> Layout:
    """A run in a folder of its own in which no attempt failed, so that nobody is asked anything."""
    monkeypatch.chdir(tmp_path)
    layout = Layout("smoke")
    write_records(layout.problems("hard_train"), problems, Problem)
    rollouts = [make_rollout(problem.problem_id, correct=True) for problem in problems]
    write_records(layout.rollouts("mining"), rollouts, Rollout)
    return layout


def test_the_engine_that_answers_is_a_fact_of_what_a_language_model_says(run: Layout):
    oracles = {
        "served": {"kind": "language_model", "style": "compact", "chat": CHAT},
    }
    config = load(ROOT / "configs" / "smoke.yaml", {"oracles": oracles, "interventions": {"judge": {"chat": CHAT}}})

    def noted(output: str) -> str | None:
        return json.loads(manifest_path(output).read_text())["facts"].get("engine")

    assert noted(propose(config, run, "noisy")) is None
    assert noted(propose(config, run, "served")) == "http"
    assert noted(judge(config, run, "noisy")) == "http"
