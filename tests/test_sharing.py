"""Which results an ablation takes from its run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from int_bench.config import ConfigError, RunConfig, load, merge, override_of
from int_bench.layout import Layout
from int_bench.reads import STAGES
from int_bench.sharing import histories, layout_of, nodes, outputs, shared_paths

SMOKE = Path(__file__).parents[1] / "configs" / "smoke.yaml"


def ablation(*assignments: str) -> RunConfig:
    return load(SMOKE, merge({"name": "smoke-other", "shares": "smoke"}, override_of(assignments)))


@pytest.mark.parametrize(
    ("assignment", "shared", "own"),
    [
        (
            "arms.int.sft.epochs=9",
            {"models/no_filter", "models/rl-base", "evaluation/base.parquet"},
            {"models/int", "models/rl-int", "evaluation/int.parquet"},
        ),
        (
            "rl.kl=0.5",
            {"models/int", "evaluation/int.parquet"},
            {"models/rl-int", "models/rl-base", "evaluation/rl-int@2.parquet"},
        ),
        (
            "oracles.noisy.wrong_place=0.9",
            {"interventions/random.parquet", "models/self", "models/distill"},
            {
                "interventions/noisy.parquet",
                "interventions/noisy.selection.parquet",
                "rollouts/filter-noisy.parquet",
                "models/int",
                "models/suffix",
            },
        ),
        (
            "hard_set.samples=9",
            {"models/base", "problems/pool.parquet"},
            {
                "rollouts/mining.parquet",
                "problems/hard_train.parquet",
                "rollouts/null.parquet",
                "models/int",
                "evaluation/base.parquet",
            },
        ),
        ("model.updates=9", {"problems/pool.parquet"}, {"models/base", "rollouts/mining.parquet", "models/distill"}),
        (
            "evaluation.samples=9",
            {"models/int", "models/rl-int"},
            {"evaluation/base.parquet", "evaluation/int.parquet"},
        ),
        (
            "selection.min_correct=3",
            {"interventions/noisy.parquet", "models/distill"},
            {"interventions/noisy.selection.parquet", "models/int"},
        ),
        (
            "selection.samples=9",
            {"interventions/noisy.parquet", "rollouts/naive.parquet", "solutions/refined.parquet", "models/gold"},
            {"rollouts/rejection.parquet", "solutions/sampled.parquet", "models/rejection", "models/int"},
        ),
        ("title=other", {"evaluation/rl-int@2.parquet", "calibration.json"}, set()),
    ],
)
def test_what_a_value_touches_is_the_ablations_own(assignment: str, shared: set[str], own: set[str]):
    found = shared_paths(ablation(assignment), load(SMOKE))
    assert shared <= found
    assert not own & found


def test_an_arm_that_only_the_ablation_has_is_its_own():
    found = shared_paths(ablation("arms.more={sft: {epochs: 1, batch: 4, learning_rate: 0.1}}"), load(SMOKE))
    assert "models/more" not in found
    assert "models/int" in found


def test_every_stage_has_its_place():
    config = load(SMOKE)
    stages = {stage for stage, _ in nodes(config)}
    assert stages == set(STAGES) - {"report"}
    assert len(histories(config)) == len(set(nodes(config)))
    paths = [path for node in nodes(config) for path in outputs(config, node)]
    assert len(paths) == len(set(paths))


def test_an_unknown_key_in_an_ablation_is_named():
    with pytest.raises(ConfigError, match="epoch"):
        ablation("arms.int.sft.epoch=9")


def test_the_layout_of_an_ablation_follows_the_configuration_that_its_run_has_now(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    longer = ablation("arms.int.sft.epochs=9")
    with pytest.raises(ConfigError, match=r"no configuration file .*results/smoke/config\.yaml"):
        layout_of(longer)
    path = tmp_path / Layout("smoke").config
    path.parent.mkdir(parents=True)
    for epochs, run in ((2, "smoke-other"), (9, "smoke")):
        whole = load(SMOKE, {"arms": {"int": {"sft": {"epochs": epochs}}}})
        path.write_text(yaml.safe_dump(whole.model_dump(mode="json")))
        os.utime(path, (epochs, epochs))
        assert layout_of(longer).model("int") == f"results/{run}/models/int"
        assert layout_of(longer).shared == shared_paths(longer, whole)
    assert layout_of(load(SMOKE)) == Layout("smoke")
