"""The base model of the synthetic world: a small Qwen3 trained from nothing on the flawed student's traces.

Only responses are learned. The model that results solves what the student solves, slips as often, and shares its
misconceptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerBase, PrinterCallback, Qwen3Config, Qwen3ForCausalLM, get_scheduler
from trl import SFTConfig as TRLConfig
from trl import SFTTrainer

from int_bench.config import Architecture, SyntheticProblems, TaughtModel, TrainingConfig
from int_bench.progress import track
from int_bench.rollouts.chat import open_turn, text_tokens
from int_bench.synthetic.corpus import corpus
from int_bench.synthetic.problems import family_of, student_of
from int_bench.synthetic.tokenizer import train_tokenizer
from int_bench.training.checkpoints import Report, last_checkpoint
from int_bench.training.examples import IGNORED
from int_bench.training.machine import common_arguments
from int_bench.training.optimizer import MuonWithAdamW

_TOKENIZER_SAMPLE = 500


def new_model(
    architecture: Architecture, tokenizer: PreTrainedTokenizerBase, seed: int, rows: int | None = None
) -> Qwen3ForCausalLM:
    """A Qwen3 with random weights; its embedding has ``rows``, or one for each token."""
    torch.manual_seed(seed)
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=rows or len(tokenizer),
            hidden_size=architecture.hidden,
            intermediate_size=architecture.intermediate,
            num_hidden_layers=architecture.layers,
            num_attention_heads=architecture.heads,
            num_key_value_heads=architecture.kv_heads,
            head_dim=architecture.head_dim or architecture.hidden // architecture.heads,
            max_position_embeddings=architecture.context,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def teach(
    config: TaughtModel, world: SyntheticProblems, work: Path
) -> tuple[Qwen3ForCausalLM, PreTrainedTokenizerBase, float]:
    """Train a base model; returns it with its tokenizer and the mean loss of the last twenty updates.

    A training that was killed goes on from the last checkpoint in the work folder.
    """
    rng = np.random.default_rng([world.seed, config.seed])
    mixture = {str(task): weight for task, weight in config.mixture.items()}
    size = config.updates * config.batch
    pairs = list(corpus(family_of(config.family), student_of(world.student), mixture, size, rng))
    tokenizer = train_tokenizer("\n".join(pair) for pair in pairs[-_TOKENIZER_SAMPLE:])
    model = new_model(config.architecture, tokenizer, config.seed)
    rows = [_row(tokenizer, *pair) for pair in pairs]
    rows = [rows[i] for i in batches_of_like_length([len(row["input_ids"]) for row in rows], config.batch, rng)]
    optimizer = MuonWithAdamW(model, config.muon_learning_rate, config.adamw_learning_rate)
    scheduler = get_scheduler(
        "cosine_with_min_lr",
        optimizer,
        num_warmup_steps=config.updates // 20,
        num_training_steps=config.updates,
        scheduler_specific_kwargs={"min_lr_rate": 0.05},
    )
    arguments = TRLConfig(
        **common_arguments(work, config.seed, TrainingConfig(checkpointing=False)),
        max_steps=config.updates,
        per_device_train_batch_size=config.batch,
        train_sampling_strategy="sequential",
        max_length=None,
        logging_steps=20,
        save_steps=max(1, config.updates // 6),
        save_total_limit=1,
    )
    with track("teaching the base model", config.updates) as progress:
        trainer = SFTTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
            optimizers=(optimizer, scheduler),
            callbacks=[Report(progress)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return model, tokenizer, losses[-1]


def batches_of_like_length(lengths: Sequence[int], batch: int, rng: np.random.Generator) -> list[int]:
    """An order of rows whose batches hold rows of like length: a third of the work would be padding otherwise.

    Rows are sorted within windows of eight batches, and the batches of a window shuffled. A sorted epoch would do the
    same for padding but lets the model forget long rows while it sees short ones.

    >>> batches_of_like_length([5, 1, 4, 2], batch=2, rng=np.random.default_rng(0))
    [1, 3, 2, 0]
    """
    order: list[int] = []
    for start in range(0, len(lengths), 8 * batch):
        window = sorted(range(start, min(start + 8 * batch, len(lengths))), key=lengths.__getitem__)
        parts = [window[at : at + batch] for at in range(0, len(window), batch)]
        order += [row for part in rng.permutation(len(parts)) for row in parts[part]]
    return order


def _row(tokenizer: PreTrainedTokenizerBase, prompt: str, response: str) -> dict[str, list[int]]:
    asked = open_turn(tokenizer, prompt)
    answered = (*text_tokens(tokenizer, response), int(tokenizer.eos_token_id))
    return {"input_ids": [*asked, *answered], "labels": [IGNORED] * len(asked) + list(answered)}
