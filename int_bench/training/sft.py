"""Supervised fine-tuning with TRL's SFTTrainer.

Where it departs from the paper (Tables 4 and 5, LLaMA-Factory):

1. Rows come with their own labels, so that nothing is appended after an intervention and prefixes can be masked.
2. A row is a sequence of its own: with packing the rows of a micro-batch lie end to end without padding, but each has
   its own positions and sees only itself, and an update still has ``batch`` rows.
3. Checkpoints twice an epoch in the work folder, so that a killed training goes on; each step is logged once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback
from trl import SFTConfig as TRLConfig
from trl import SFTTrainer

from int_bench.config import SFTConfig, TrainingConfig
from int_bench.manifest import main_process
from int_bench.models import save_model
from int_bench.progress import track
from int_bench.records import TrainingExample, TrainingStep
from int_bench.training.checkpoints import Report, last_checkpoint, training_steps
from int_bench.training.machine import common_arguments, micro_batch, per_process, publish
from int_bench.training.schedule import epochs_of, updates_of

_ALONE = TrainingConfig()


def fine_tune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Sequence[TrainingExample],
    config: SFTConfig,
    seed: int,
    work: Path,
    published: Path,
    machine: TrainingConfig = _ALONE,
) -> list[TrainingStep]:
    """Fine-tune the model in place, write it to the folder ``published`` and return what was logged.

    Goes on from the work folder's last checkpoint. With no examples the model stays as it is: an arm whose filter kept
    nothing is its base model.
    """
    if not examples:
        if main_process():
            save_model(model, tokenizer, published)
        return []
    share = per_process("sft.batch", config.batch)
    micro = micro_batch("sft.micro_batch", config.micro_batch, share)
    updates = updates_of(config, examples)
    arguments = TRLConfig(
        **common_arguments(work, seed, machine),
        max_steps=updates,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=share // micro,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": config.min_lr_rate},
        warmup_steps=config.warmup_ratio,
        max_length=None,
        padding_free=config.packing,
        use_liger_kernel=machine.liger and torch.cuda.is_available(),
        logging_steps=1,
        save_steps=max(1, round(updates / (2 * epochs_of(config, examples)))),
        save_total_limit=2,
    )
    rows = Dataset.from_dict(
        {"input_ids": [row.input_ids for row in examples], "labels": [row.labels for row in examples]}
    )
    with track("fine-tuning", updates) as progress:
        trainer = SFTTrainer(
            model=model, args=arguments, train_dataset=rows, processing_class=tokenizer, callbacks=[Report(progress)]
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
    publish(trainer, tokenizer, published)
    return training_steps(trainer.state.log_history)
