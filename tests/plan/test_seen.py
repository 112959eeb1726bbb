"""What manifests of earlier runs say of speeds, lengths and shares."""

import json
from pathlib import Path
from typing import Any

import pytest

from int_bench.config import RunConfig, canonical, load, override_of
from int_bench.manifest import manifest_path
from int_bench.plan.device import device_named
from int_bench.plan.estimate import plan_of
from int_bench.plan.seen import known_speed, seen_of
from int_bench.reads import reads
from tests.smoke.conftest import ROOT

STAGES = {"mining": "mining", "null": "pass", "filter": "filter", "with_intervention": "guided"}


def plain(parts: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.model_dump(mode="json") if hasattr(value, "model_dump") else value for key, value in parts.items()
    }


def write(run: str, output: str, stage: str, given: dict[str, Any], gpu: str | None = None, **facts: int) -> None:
    manifest = {
        "stage": stage,
        "reads": json.loads(canonical(given)),
        "facts": facts,
        "seconds": 10.0,
        "machine": {"gpu": gpu},
    }
    path = manifest_path(f"results/{run}/{output}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest))


def wrote(config: RunConfig, run: str, stage: str, gpu: str | None = None, **facts: int) -> None:
    write(run, "models/base", "base", reads("base", config))
    write(run, f"rollouts/{stage}.parquet", stage, reads(STAGES[stage], config), gpu, **facts)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    monkeypatch.chdir(tmp_path)
    return load(ROOT / "configs" / "tiny.yaml")


def test_nothing_was_seen_where_nothing_ran(config: RunConfig):
    seen = seen_of(config, None)
    assert (seen.speed(), seen.length(config.sampling, False), seen.share("mining", config)) == (None, None, None)


def test_speeds_and_lengths_are_pooled_over_stages(config: RunConfig):
    wrote(config, "tiny", "mining", rollouts=100, tokens=7000, all_rollouts=400)
    wrote(config, "other", "null", rollouts=100, tokens=6000, all_rollouts=100)
    wrote(config, "other", "filter", rollouts=50, tokens=1000, all_rollouts=100)
    seen = seen_of(config, None)
    assert seen.speed() == 14_000 / 30
    assert seen.length(config.sampling, guided=False) == 65.0
    assert seen.length(config.sampling, guided=True) == 20.0
    assert seen.length(config.sampling.model_copy(update={"temperature": 0.5}), guided=False) is None


def test_a_stage_that_took_over_samples_says_nothing_of_speed(config: RunConfig):
    wrote(config, "tiny", "with_intervention", rollouts=100, tokens=7000, all_rollouts=100)
    assert seen_of(config, None).speed() is None


@pytest.mark.parametrize("override", ["model.updates=5", "engine.rows=7"])
def test_another_model_or_engine_is_not_meant(config: RunConfig, override: str):
    other = load(ROOT / "configs" / "tiny.yaml", override_of([override]))
    wrote(other, "tiny", "mining", rollouts=100, tokens=7000, all_rollouts=400)
    assert seen_of(config, None).speed() is None


def test_another_machine_is_not_meant(config: RunConfig):
    wrote(config, "tiny", "mining", gpu="NVIDIA H100 80GB HBM3", rollouts=100, tokens=7000, all_rollouts=400)
    assert seen_of(config, None).speed() is None
    assert seen_of(config, device_named("H200")).speed() is None
    assert seen_of(config, device_named("H100")).speed() == 700.0


def test_the_runs_own_share_is_taken_while_it_is_planned_as_it_ran(config: RunConfig):
    wrote(config, "tiny", "mining", rollouts=100, tokens=7000, all_rollouts=400)
    assert seen_of(config, None).share("mining", config) == 0.25
    mine = next(line for line in plan_of(config).lines if line.rule.name == "mine")
    assert mine.sequences_C.tolist() == [3600, 0.25 * 115_200, 115_200]
    assert (mine.length, mine.speed) == ("measured", "measured")
    assert mine.hours_C[1] == pytest.approx(0.25 * 115_200 * 70 / 700 / 3600)
    other = load(ROOT / "configs" / "tiny.yaml", override_of(["hard_set.samples=64"]))
    assert seen_of(other, None).share("mining", other) is None


def test_a_given_length_goes_before_a_measured_one(config: RunConfig):
    wrote(config, "tiny", "mining", rollouts=100, tokens=7000, all_rollouts=400)
    lines = {line.rule.name: line for line in plan_of(config, mean_tokens=10).lines}
    assert lines["sample"].generated_C[0] == 10 * 3 * 64 * 64
    assert lines["sample"].length == "given"


def test_the_table_is_scaled_on_a_cpu_and_exact_on_a_gpu():
    measured = known_speed("sample", 627_136, None)
    assert measured is not None
    assert known_speed("sample", 10 * 627_136, None) == pytest.approx(measured / 10)
    assert known_speed("sample", 1000, None) == measured
    assert known_speed("sample", 627_136, device_named("H100")) is None
