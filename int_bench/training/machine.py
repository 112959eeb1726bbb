"""What all trainings share: how they use the machine, and how a model leaves them.

A training runs in one process, or in several that ``accelerate launch`` starts, each on a GPU: then every process runs
the whole stage, and the first alone writes its files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase, Trainer

from int_bench.config import TrainingConfig
from int_bench.errors import UserError
from int_bench.manifest import main_process
from int_bench.models import save_model


def world_size() -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def per_process(name: str, rows: int) -> int:
    """The share of a batch that each process has.

    Raises UserError naming the setting if the processes do not divide it.
    """
    if rows % world_size():
        raise UserError(f"{name}: {world_size()} processes do not divide {rows}; change training.processes")
    return rows // world_size()


def micro_batch(name: str, asked: int | None, share: int) -> int:
    """Rows that a process computes together, of its ``share`` of a batch: all unless fewer are asked for.

    >>> micro_batch("sft.micro_batch", 2, share=8), micro_batch("sft.micro_batch", 16, share=8)
    (2, 8)

    Raises UserError naming the setting if it does not divide the share, since the rest would not be trained on.
    """
    micro = min(asked or share, share)
    if share % micro:
        raise UserError(f"{name}: {micro} does not divide the {share} rows of a batch that each process has")
    return micro


def common_arguments(work: Path, seed: int, config: TrainingConfig) -> dict[str, Any]:
    """Arguments of every trainer."""
    gpu = torch.cuda.is_available()
    return {
        "output_dir": str(work),
        "seed": seed,
        "data_seed": seed,
        "bf16": gpu,
        "use_cpu": not gpu,
        "gradient_checkpointing": gpu and config.checkpointing,
        "dataloader_pin_memory": False,
        "disable_tqdm": True,
        "report_to": "none",
    }


def publish(trainer: Trainer, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write the model that a trainer holds, whole, though its processes may have divided it among them."""
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if main_process():
        save_model(trainer.accelerator.unwrap_model(trainer.model_wrapped), tokenizer, folder, state)
    trainer.accelerator.wait_for_everyone()
