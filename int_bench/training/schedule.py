"""How many updates a fine-tuning makes."""

from __future__ import annotations

from collections.abc import Sequence

from int_bench.config import SFTConfig
from int_bench.records import TrainingExample


def updates_of(config: SFTConfig, examples: Sequence[TrainingExample]) -> int:
    """Updates of a whole training: all epochs, or as many as learn from at least the tokens that were asked for."""
    batches = -(-len(examples) // config.batch)
    if config.epochs is not None:
        return config.epochs * batches
    assert config.trained_tokens  # one of the two is given
    tokens = sum(label >= 0 for row in examples for label in row.labels)
    return -(-config.trained_tokens * batches // max(1, tokens))


def epochs_of(config: SFTConfig, examples: Sequence[TrainingExample]) -> float:
    """The same in passes over all rows."""
    return updates_of(config, examples) / max(1, -(-len(examples) // config.batch))
