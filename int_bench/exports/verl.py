"""Export SFT rows and RL problems to verl, as Parquet with a ready configuration for each of its two trainers.

verl's own SFT data set applies the chat template to whole messages, which ends every answer. ``data.custom_cls`` names
another class, so the rows are token ids with their loss mask and :class:`int_bench.exports.verl_rows.Rows` hands them
on as they are.

RL rows are verl's: ``data_source``, ``prompt`` (a conversation), ``ability``, ``reward_model`` with ``style`` and
``ground_truth``, ``extra_info``. verl knows no reward for other data sources than its own, so the configuration names
:func:`int_bench.exports.rewards.verl_reward`. It demands problems to validate on; they are those of the hard test set.

Both configurations are laid over verl's defaults (Hydra). verl leaves out what does not fill a batch, so a batch is
never larger than the data.

Written to and checked with verl 0.9.1: "Prepare Data for Post-Training", ``trainer/sft_trainer.py``,
``utils/dataset/rl_dataset.py``, ``trainer/config/``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from int_bench.exports.files import CHAT, IDS, user_turn, write_config, write_parquet
from int_bench.exports.run import Arm, Run
from int_bench.records import Problem, TrainingExample
from int_bench.training.examples import IGNORED

_SFT = pa.schema([("example_id", pa.string()), ("problem_id", pa.string()), ("input_ids", IDS), ("loss_mask", IDS)])
_RL = pa.schema(
    [
        ("data_source", pa.string()),
        ("prompt", CHAT),
        ("ability", pa.string()),
        ("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())])),
        ("extra_info", pa.struct([("split", pa.string()), ("index", pa.int64()), ("problem_id", pa.string())])),
    ]
)
_TOKENS = {"sft": 8192, "rl": 16384}  # verl's own limits of tokens a GPU, which the longest sequence may exceed


def write(run: Run, folder: Path) -> list[Path]:
    """Write rows and a training configuration for each arm and for RL; returns the files' paths."""
    training = _ppo(run)
    files = []
    for arm in run.arms:
        files.append(write_parquet(folder / f"sft-{arm.name}.parquet", [_row(row) for row in arm.rows], _SFT))
        note = "custom_cls and pad_mode keep tokens and loss mask as they are; see README.md"
        files.append(write_config(folder / f"sft-{arm.name}.yaml", note, _sft(run, arm)))
    for split, problems in (("train", run.train), ("test", run.test)):
        files.append(write_parquet(folder / f"rl-{split}.parquet", _problems(problems, split), _RL))
    files.append(write_config(folder / "rl.yaml", "the reward needs int-bench installed; see README.md", training))
    return files


def how(run: Run) -> str:
    """How to train from the exported folder."""
    torchrun = "torchrun --standalone --nproc_per_node=1 -m verl.trainer.sft_trainer --config-dir ."
    sft = "".join(f"    {torchrun} --config-name sft-{arm.name}\n" for arm in run.arms)
    return f"""
In this folder, with verl 0.9.1 or a version like it:

{sft}    python -m verl.trainer.main_ppo --config-dir . --config-name rl

- int-bench must be installed beside verl (`pip install --no-deps` of its repository, and math-verify): the
  configurations name its data set class and its reward.
- SFT rows are token ids; `loss_mask` is 1 where the loss counts. `data.custom_cls` hands both on as they are, so no end
  is added. verl's own data set class would add one after every answer.
- In each epoch verl leaves out the rows that do not fill a batch.
- `rl-test.parquet` is the hard test set, on which verl validates.
- To start RL from a model of your own, add `actor_rollout_ref.model.path=FOLDER`.
"""


def _row(row: TrainingExample) -> dict[str, Any]:
    return {
        "example_id": row.example_id,
        "problem_id": row.problem_id,
        "input_ids": row.input_ids,
        "loss_mask": [int(label != IGNORED) for label in row.labels],
    }


def _problems(problems: Sequence[Problem], split: str) -> list[dict[str, Any]]:
    return [
        {
            "data_source": problem.source,
            "prompt": user_turn(problem),
            "ability": "math",
            "reward_model": {"style": "rule", "ground_truth": problem.answer},
            "extra_info": {"split": split, "index": index, "problem_id": problem.problem_id},
        }
        for index, problem in enumerate(problems)
    ]


def _trainer(run: Run, experiment: str, epochs: int) -> dict[str, Any]:
    return {
        "project_name": run.name,
        "experiment_name": experiment,
        "total_epochs": epochs,
        "logger": ["console"],
        "n_gpus_per_node": 1,
    }


def _sft(run: Run, arm: Arm) -> dict[str, Any]:
    return {
        "defaults": ["sft_trainer_engine", "_self_"],
        "model": {"path": run.model},
        "data": {
            "train_files": [f"sft-{arm.name}.parquet"],
            "custom_cls": {"path": "pkg://int_bench.exports.verl_rows", "name": "Rows"},
            "pad_mode": "no_padding",
            "max_length": arm.longest,
            "truncation": "error",
            "train_batch_size": min(arm.sft.batch, len(arm.rows)),
            "max_token_len_per_gpu": max(_TOKENS["sft"], arm.longest),
        },
        "optim": {
            "lr": arm.sft.learning_rate,
            "lr_scheduler_type": "cosine",
            "min_lr_ratio": arm.sft.min_lr_rate,
            "lr_warmup_steps_ratio": arm.sft.warmup_ratio,
            "weight_decay": 0.0,
        },
        "trainer": {**_trainer(run, arm.name, arm.epochs), "seed": run.config.seed},
    }


def _ppo(run: Run) -> dict[str, Any]:
    """The run's settings of RL, which are GRPO without division by the standard deviation."""
    rl = run.rl
    batch = min(rl.prompts, len(run.train))
    prompt, response = run.longest_prompt, rl.sampling.max_new_tokens
    return {
        "defaults": ["ppo_trainer", "_self_"],
        "data": {
            "train_files": ["rl-train.parquet"],
            "val_files": ["rl-test.parquet"],
            "train_batch_size": batch,
            "max_prompt_length": prompt,
            "max_response_length": response,
            "seed": run.config.seed,
        },
        "actor_rollout_ref": {
            "model": {"path": run.model},
            "actor": {
                "ppo_mini_batch_size": min(rl.minibatch_prompts, batch),
                "use_dynamic_bsz": True,
                "ppo_max_token_len_per_gpu": max(_TOKENS["rl"], prompt + response),
                "clip_ratio_low": rl.clip_low,
                "clip_ratio_high": rl.clip_high,
                "use_kl_loss": rl.kl > 0,
                "kl_loss_coef": rl.kl,
                "entropy_coeff": rl.entropy,
                "optim": {"lr": rl.learning_rate, "lr_warmup_steps": rl.warmup_steps, "weight_decay": 0.0},
            },
            "rollout": {
                "name": "vllm",
                "tensor_model_parallel_size": 1,
                "n": rl.samples,
                "temperature": rl.sampling.temperature,
                "top_p": rl.sampling.top_p,
                "top_k": rl.sampling.top_k or -1,  # vLLM's word for none
            },
        },
        "algorithm": {"adv_estimator": "grpo", "norm_adv_by_std_in_grpo": rl.scale == "group"},
        "reward": {"custom_reward_function": {"path": "pkg://int_bench.exports.rewards", "name": "verl_reward"}},
        "trainer": {
            **_trainer(run, "rl", math.ceil(rl.steps / (len(run.train) // batch))),
            "total_training_steps": rl.steps,
        },
    }
