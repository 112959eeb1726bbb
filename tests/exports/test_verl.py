"""The export to verl against its documented columns, and the data set class that verl loads."""

from __future__ import annotations

import importlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
import yaml

from int_bench.exports.registry import export
from int_bench.exports.verl_rows import Rows
from int_bench.layout import Layout

ARMS = ["int", "no_prefix", "suffix", "distill"]
# "Prepare Data for Post-Training" in verl's documentation: the five fields of a row, and what they hold.
RL = {
    "data_source": pa.string(),
    "prompt": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
    "ability": pa.string(),
    "reward_model": pa.struct([("style", pa.string()), ("ground_truth", pa.string())]),
}


@pytest.fixture
def exported(run: Layout, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The export of the run, as working directory."""
    folder = Path("out").absolute()
    export(["smoke"], "verl", folder)
    monkeypatch.chdir(folder)
    return folder


def read_configuration(name: str) -> dict:
    return yaml.safe_load(Path(f"{name}.yaml").read_text())


def load_object(place: dict[str, str]) -> object:
    """What verl loads for a path that begins with ``pkg://`` (utils/import_utils.py)."""
    return getattr(importlib.import_module(place["path"].removeprefix("pkg://")), place["name"])


@pytest.mark.parametrize("arm", ARMS)
def test_the_data_set_of_the_configuration_gives_the_arm_s_own_ids_and_mask(exported: Path, arms, arm: str):
    data = read_configuration(f"sft-{arm}")["data"]
    # trainer/sft_trainer.py: how the class is called, and what a batch without padding is made of.
    rows = load_object(data["custom_cls"])(
        parquet_files=data["train_files"], tokenizer=None, config=data, processor=None, max_samples=-1
    )
    assert len(rows) == len(arms[arm]) >= data["train_batch_size"]
    for found, expected in zip((rows[i] for i in range(len(rows))), arms[arm], strict=True):
        assert set(found) == {"input_ids", "position_ids", "loss_mask"}
        assert all(tensor.dtype == torch.long for tensor in found.values())
        assert found["input_ids"].tolist() == expected.input_ids
        assert found["position_ids"].tolist() == list(range(len(expected.input_ids)))
        masked = [token if kept else -100 for token, kept in zip(expected.input_ids, found["loss_mask"], strict=True)]
        assert masked == expected.labels


def test_the_data_set_refuses_what_would_change_its_rows(exported: Path, arms):
    data = read_configuration("sft-int")["data"]
    assert len(Rows("sft-int.parquet", None, data, max_samples=2)) == 2
    with pytest.raises(ValueError, match=r"data\.pad_mode: rows are exported for no_padding, not right"):
        Rows("sft-int.parquet", None, {**data, "pad_mode": "right"})
    with pytest.raises(ValueError, match=r"data\.max_length: 10 would cut a row of \d+ tokens"):
        Rows("sft-int.parquet", None, {**data, "max_length": 10})


@pytest.mark.parametrize(("split", "chosen"), [("train", slice(0, 8)), ("test", slice(8, None))])
def test_problems_have_verl_s_columns(exported: Path, problems, split: str, chosen: slice):
    table = pq.read_table(f"rl-{split}.parquet")
    assert {name: table.schema.field(name).type for name in RL} == RL
    expected = problems[chosen]
    assert len(table) == len(expected) > 0
    for index, (row, problem) in enumerate(zip(table.to_pylist(), expected, strict=True)):
        assert row["prompt"] == [{"role": "user", "content": problem.text}]
        assert (row["data_source"], row["ability"]) == (problem.source, "math")
        assert row["reward_model"] == {"style": "rule", "ground_truth": problem.answer}
        assert row["extra_info"] == {"split": split, "index": index, "problem_id": problem.problem_id}


def test_the_reward_of_the_configuration_grades_as_verl_calls_it(exported: Path):
    reward = load_object(read_configuration("rl")["reward"]["custom_reward_function"])
    row = pq.read_table("rl-train.parquet").to_pylist()[0]
    gold = row["reward_model"]["ground_truth"]
    called = {"data_source": row["data_source"], "ground_truth": gold, "extra_info": row["extra_info"]}
    assert reward(solution_str=rf"So \boxed{{{gold}}}", **called) == 1.0
    assert reward(solution_str=rf"So \boxed{{{gold[:-1]}0,1)}}", **called) == 0.0


def test_the_settings_are_the_run_s(exported: Path, config, arms):
    sft, wanted = read_configuration("sft-int"), config.arm("int").sft
    assert sft["data"]["train_batch_size"] == wanted.batch
    assert sft["data"]["max_length"] == max(len(row.input_ids) for row in arms["int"])
    assert (sft["optim"]["lr"], sft["trainer"]["total_epochs"]) == (wanted.learning_rate, wanted.epochs)
    rl = read_configuration("rl")
    actor, rollout = rl["actor_rollout_ref"]["actor"], rl["actor_rollout_ref"]["rollout"]
    assert (rl["data"]["train_batch_size"], actor["ppo_mini_batch_size"]) == (4, 2)
    assert (rollout["n"], rollout["temperature"], rollout["top_k"]) == (4, 1.0, -1)
    assert (actor["use_kl_loss"], actor["kl_loss_coef"]) == (True, config.rl.kl)
    assert rl["algorithm"] == {"adv_estimator": "grpo", "norm_adv_by_std_in_grpo": False}
    assert (rl["trainer"]["total_training_steps"], rl["trainer"]["total_epochs"]) == (2, 1)  # 8 problems, 4 a step


def test_a_batch_is_never_larger_than_the_data(run: Layout, config):
    changes = {"rl": {"prompts": 32, "minibatch_prompts": 16, "steps": 3, "checkpoints": [0, 3]}}
    arm = {"arms": {"int": {"sft": {"batch": 32}}}}
    from int_bench.config import load

    Path(run.config).write_text(load(run.config, {**changes, **arm}).model_dump_json())
    export(["smoke"], "verl", Path("out"), arm="int")
    rl, sft = (yaml.safe_load(Path(f"out/{name}.yaml").read_text()) for name in ("rl", "sft-int"))
    assert (rl["data"]["train_batch_size"], rl["actor_rollout_ref"]["actor"]["ppo_mini_batch_size"]) == (8, 8)
    assert (rl["trainer"]["total_epochs"], sft["data"]["train_batch_size"]) == (3, 5)
