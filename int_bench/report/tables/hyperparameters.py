"""Tables 3 to 5: the hyperparameters of this run, read from its configuration, beside the paper's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.report import collect
from int_bench.report.paper import ELSEWHERE, paper_values
from int_bench.report.style import look

THIS_RUN = "this run"
SCHEDULER = "cosine_with_min_lr"
UPDATES = "updates"
TOKENS = "trained tokens"
"""Tokens that the loss counts, over all updates: what arms with matched settings share, if not to the token."""


def table3(results: Path) -> pd.DataFrame:
    """Table 3: hyperparameters of RL under the paper's names, then those that the paper does not state."""
    rl = collect.run_config(results).rl
    ours: dict[str, Any] = {
        "train_batch_size": rl.prompts,
        "ppo_mini_batch_size": rl.minibatch_prompts,
        "learning_rate": rl.learning_rate,
        "kl_loss_coef": rl.kl,
        "entropy_coeff": rl.entropy,
        "temperature": rl.sampling.temperature,
        "top_p": rl.sampling.top_p,
        "rollout.n": rl.samples,
        "ppo_lowerclip_threshold": rl.clip_low,
        "ppo_higherclip_threshold": rl.clip_high,
        "top_k": rl.sampling.top_k,
        "max_new_tokens": rl.sampling.max_new_tokens,
        "warmup_steps": rl.warmup_steps,
        "steps": rl.steps,
    }
    models = paper_values()["table3"]["models"]
    rows = []
    for name, value in ours.items():
        theirs = {f"{ELSEWHERE}: {model}": values.get(name) for model, values in models.items()}
        rows.append({"hyperparameter": name, THIS_RUN: value, **theirs})
    return pd.DataFrame(rows, dtype=object)


def table45(results: Path) -> pd.DataFrame:
    """Tables 4 and 5: SFT of every arm of this run, then of the paper's, whose rows say so in the first column."""
    rows: list[dict[str, Any]] = []
    for name, arm in collect.run_config(results).arms.items():
        sft = arm.sft
        size, updates = collect.training_rows(results, name), collect.trained_updates(results, name)
        batches = -(-size // sft.batch)
        trained = round(updates * collect.tokens_in_a_pass(results, name) / max(1, batches))
        rows.append(
            {
                "source": THIS_RUN,
                "arm": look(name).label,
                "clones": arm.solutions or "interventions",
                "dataset_size": size,
                "effective_batch_size": sft.batch,
                "num_train_epochs": sft.epochs or round(updates / max(1, batches), 2),
                UPDATES: updates,
                TOKENS: trained,
                "learning_rate": sft.learning_rate,
                "lr_scheduler_type": SCHEDULER,
                "min_lr_rate": sft.min_lr_rate,
                "warmup_ratio": sft.warmup_ratio,
            }
        )
    clones = {"distillation": "oracle solutions", "InT": "interventions"}
    for table in (paper_values()["table4"], paper_values()["table5"]):
        source = f"{ELSEWHERE}: {table['model']}"
        rows += [{"source": source, "arm": arm, "clones": clones[arm], **row} for arm, row in table["arms"].items()]
    return pd.DataFrame(rows, dtype=object)
