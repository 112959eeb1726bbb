"""The export to TRL, read by its own scripts: parsers, data sets, trainers."""

from __future__ import annotations

from pathlib import Path

import pytest
from trl import GRPOTrainer, SFTTrainer, get_dataset
from trl.scripts import grpo, sft

from int_bench.exports import rewards
from int_bench.exports.registry import export
from int_bench.layout import Layout
from int_bench.rollouts.chat import open_turn

HERE = ["--use_cpu", "true", "--bf16", "false", "--gradient_checkpointing", "false"]  # this machine has no GPU
ARMS = ["int", "no_prefix", "suffix", "distill"]


@pytest.fixture
def exported(run: Layout, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The export of the run, as working directory."""
    folder = Path("out").absolute()
    export(["smoke"], "trl", folder)
    monkeypatch.chdir(folder)
    return folder


def read_configuration(script, name: str):
    """What the script makes of a configuration; it refuses what it does not know."""
    return script.make_parser().parse_args_and_config(["--config", f"{name}.yaml", *HERE])


@pytest.mark.parametrize("arm", ARMS)
def test_the_sft_trainer_trains_on_the_arm_s_own_ids_and_labels(exported: Path, arms, tokenizer, arm: str):
    script, training, model, mixture = read_configuration(sft, f"sft-{arm}")
    data = get_dataset(mixture)[script.dataset_train_split]
    trainer = SFTTrainer(model=model.model_name_or_path, args=training, train_dataset=data)
    expected = {tuple(row.input_ids): row.labels for row in arms[arm]}
    seen = 0
    for batch in trainer.get_train_dataloader():
        for ids, labels, mask in zip(batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True):
            length = int(mask.sum())
            assert labels[:length].tolist() == expected[tuple(ids[:length].tolist())]
            assert set(labels[length:].tolist()) <= {-100}
            last = int(ids[length - 1])
            assert (last == tokenizer.eos_token_id) is (arm in ("suffix", "distill"))
            seen += 1
    assert seen == len(arms[arm])


def test_the_settings_are_the_run_s(exported: Path, config, arms):
    _, training, model, _ = read_configuration(sft, "sft-int")
    wanted = config.arm("int").sft
    assert training.num_train_epochs == wanted.epochs
    assert training.per_device_train_batch_size * training.gradient_accumulation_steps == wanted.batch
    assert training.learning_rate == wanted.learning_rate
    assert training.lr_scheduler_kwargs == {"min_lr_rate": wanted.min_lr_rate}
    assert training.warmup_steps == 1  # a tenth of 2 epochs of 5 rows in batches of 4
    assert (training.max_length, training.packing, model.dtype) == (None, False, "float32")
    _, training, _, _ = read_configuration(grpo, "rl")
    assert training.max_steps == config.rl.steps * 2
    assert training.num_generations == config.rl.samples
    # A step of RL samples all prompts; an update takes half of them.
    assert training.per_device_train_batch_size * training.steps_per_generation == config.rl.prompts * config.rl.samples
    assert training.gradient_accumulation_steps * training.per_device_train_batch_size == 2 * config.rl.samples
    assert (training.beta, training.scale_rewards, training.loss_type) == (config.rl.kl, "none", "dapo")


def test_grpo_asks_each_problem_as_the_run_does_and_rewards_it_by_its_own_answer(exported, run, problems, tokenizer):
    script, training, model, mixture = read_configuration(grpo, "rl")
    assert script.reward_funcs == ["int_bench.exports.rewards.trl_reward"]
    training.max_steps, training.max_completion_length = 1, 4
    data = get_dataset(mixture)[script.dataset_train_split]
    known = {row.text: row for row in problems}
    assert [row["prompt"][0]["content"] for row in data] == [row.text for row in problems[:8]]
    asked = []

    def reward(prompts, completions, answer, problem_id, **columns):
        for prompt, gold, identity in zip(prompts, answer, problem_id, strict=True):
            (turn,) = prompt
            assert (known[turn["content"]].answer, known[turn["content"]].problem_id) == (gold, identity)
            asked.append(turn["content"])
        return rewards.trl_reward(completions=completions, answer=answer, prompts=prompts, **columns)

    trainer = GRPOTrainer(model=model.model_name_or_path, args=training, train_dataset=data, reward_funcs=[reward])
    trainer.train()
    assert trainer.state.global_step == 1
    assert len(asked) == training.per_device_train_batch_size * training.steps_per_generation
    ids = trainer._tokenize_prompts([row["prompt"] for row in data])[0]
    assert [tuple(prompt) for prompt in ids] == [open_turn(tokenizer, row.text) for row in problems[:8]]


def test_rewards_are_the_grades(problems):
    right = [[{"role": "assistant", "content": rf"So \boxed{{{row.answer}}}"}] for row in problems]
    golds = [row.answer for row in problems]
    assert rewards.trl_reward(completions=right, answer=golds) == [1.0] * len(problems)
    assert rewards.trl_reward(completions=right[:1], answer=["(0,0,10)"]) == [0.0]
    assert rewards.trl_reward(completions=[[{"role": "assistant", "content": golds[0]}]], answer=golds[:1]) == [0.0]
    assert rewards.verl_reward("pool", right[0][0]["content"], golds[0], {"index": 0}, sandbox=None) == 1.0
    assert rewards.verl_reward("pool", "no answer", golds[0]) == 0.0
