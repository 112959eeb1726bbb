"""Export SFT rows and RL problems to TRL, as Parquet with a ready configuration for ``trl sft`` and ``trl grpo``.

To a completion that is text, SFTTrainer appends an end-of-sequence token, which must not follow an intervention. Rows
that already hold ``input_ids`` and ``labels`` it takes as they are, so that is what is exported. ``max_length`` is
null, because its default cuts rows at 1,024 tokens.

RL rows hold the problem as a conversation (``prompt``) and its gold answer (``answer``); the reward is
:func:`int_bench.exports.rewards.trl_reward`.

Written to and checked with TRL 1.16.0: "Dataset formats and types", ``SFTTrainer``, ``GRPOTrainer``, ``scripts/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from int_bench.exports.files import CHAT, IDS, user_turn, write_config, write_parquet
from int_bench.exports.run import Arm, Run
from int_bench.records import TrainingExample

_SFT = pa.schema([("example_id", pa.string()), ("problem_id", pa.string()), ("input_ids", IDS), ("labels", IDS)])
_RL = pa.schema([("problem_id", pa.string()), ("prompt", CHAT), ("answer", pa.string())])


def write(run: Run, folder: Path) -> list[Path]:
    """Write rows and a training configuration for each arm and for RL; returns the files' paths."""
    training = _grpo(run)
    files = []
    for arm in run.arms:
        files.append(write_parquet(folder / f"sft-{arm.name}.parquet", [_row(row) for row in arm.rows], _SFT))
        note = "max_length and packing keep rows whole; see README.md"
        files.append(write_config(folder / f"sft-{arm.name}.yaml", note, _sft(run, arm)))
    problems = [{"problem_id": row.problem_id, "prompt": user_turn(row), "answer": row.answer} for row in run.train]
    files.append(write_parquet(folder / "rl.parquet", problems, _RL))
    files.append(write_config(folder / "rl.yaml", "the reward needs int-bench installed; see README.md", training))
    return files


def how(run: Run) -> str:
    """How to train from the exported folder."""
    sft = "".join(f"    trl sft --config sft-{arm.name}.yaml\n" for arm in run.arms)
    return f"""
In this folder, with TRL 1.16 or a version like it:

{sft}    trl grpo --config rl.yaml

- SFT rows are token ids. `labels` repeats the token where the loss counts and is -100 elsewhere; the trainer takes both
  as they are and adds no end.
- Leave `max_length` null and `packing` false: a row that is cut loses its intervention.
- `gradient_accumulation_steps` and `steps_per_generation` are for one GPU. On several, divide them by their number.
- The reward of `rl.yaml` is int-bench's own grader, so int-bench must be installed.
- To start RL from a model of your own, add `--model_name_or_path FOLDER`.
"""


def _row(row: TrainingExample) -> dict[str, Any]:
    return {field: getattr(row, field) for field in _SFT.names}


def _common(run: Run, file: str, output: str) -> dict[str, Any]:
    return {
        "model_name_or_path": run.model,
        **({"model_revision": run.revision} if run.revision else {}),
        "dtype": "float32",  # steps of 1e-6 vanish in bfloat16's rounding
        "datasets": [{"path": "parquet", "data_files": file, "split": "train"}],
        "bf16": True,
        "gradient_checkpointing": True,
        "seed": run.config.seed,
        "data_seed": run.config.seed,
        "report_to": "none",
        "output_dir": f"models/{output}",
    }


def _sft(run: Run, arm: Arm) -> dict[str, Any]:
    return {
        **_common(run, f"sft-{arm.name}.parquet", arm.name),
        "max_length": None,
        "packing": False,
        "learning_rate": arm.sft.learning_rate,
        "num_train_epochs": arm.epochs,
        "per_device_train_batch_size": arm.micro_batch,
        "gradient_accumulation_steps": arm.sft.batch // arm.micro_batch,
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": {"min_lr_rate": arm.sft.min_lr_rate},
        "warmup_steps": arm.warmup_steps,
        "logging_steps": 1,
    }


def _grpo(run: Run) -> dict[str, Any]:
    """As ``training/rl.py`` has it, but that TRL itself samples and orders the problems."""
    rl = run.rl
    micro = rl.micro_batch or rl.minibatch_prompts * rl.samples
    return {
        **_common(run, "rl.parquet", "rl"),
        "reward_funcs": ["int_bench.exports.rewards.trl_reward"],
        "max_steps": rl.steps * rl.updates_per_step,
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": rl.minibatch_prompts * rl.samples // micro,
        "steps_per_generation": rl.prompts * rl.samples // micro,
        "num_generations": rl.samples,
        "max_completion_length": rl.sampling.max_new_tokens,
        "temperature": rl.sampling.temperature,
        "top_p": rl.sampling.top_p,
        "top_k": rl.sampling.top_k,
        "learning_rate": rl.learning_rate,
        "lr_scheduler_type": "constant_with_warmup",
        "warmup_steps": rl.warmup_steps * rl.updates_per_step,
        "scale_rewards": rl.scale,
        "loss_type": "dapo",
        "epsilon": rl.clip_low,
        "epsilon_high": rl.clip_high,
        "beta": rl.kl,
        "entropy_coef": rl.entropy,
        "logging_steps": rl.updates_per_step,
    }
