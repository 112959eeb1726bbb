"""The embedded engine: transformers on whatever device there is.

Where it departs from ``model.generate(num_return_sequences=n)``:

1. A prompt is prefilled once and its cache copied to its samples.
2. Rows that have ended leave the batch, and the cache with them.
3. The cache grows in place instead of being copied at each token.
4. Draws are keyed by (seed, prompt, sample, position), so a sample does not depend on its neighbours in the batch.
5. Grouped-query attention reads the shared keys once instead of repeating them for each query head.
6. Prompts of like length are decoded together: little is padding, and their continuations end at like times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from int_bench.engines.base import Ask, Engine, Finished, SamplingSettings
from int_bench.engines.cache import use_grouped_attention
from int_bench.engines.decoding import Decoding

T = TypeVar("T")


class TransformersEngine(Engine):
    """Samples from a causal model of transformers; ``rows`` sequences are decoded together."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: int = 512) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.rows = rows
        self.context = int(model.config.max_position_embeddings)
        use_grouped_attention(model)

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        """See :class:`int_bench.engines.base.Engine`."""
        self.check(asks)
        order = sorted(asks, key=lambda ask: (len(ask.prompt.token_ids), ask.prompt.key))
        for start in range(0, len(order), self.rows):
            yield from self._batch(order[start : start + self.rows], settings)

    def _batch(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        ends = end_tokens(self.model, self.tokenizer)
        decoding = self._as_sampler(lambda: Decoding(self.model, self.tokenizer, asks, settings, self.context, ends))
        while decoding.living:
            if finished := self._as_sampler(decoding.step):
                yield finished

    def _as_sampler(self, work: Callable[[], T]) -> T:
        """Work on the model as one samples. Nothing of that lasts while the caller has the word."""
        training = self.model.training
        if training:
            self.model.eval()
        try:
            with torch.inference_mode():
                return work()
        finally:
            if training:
                self.model.train()


def end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """Whatever the tokenizer or the model's generation settings call an end of sequence."""
    ends = model.generation_config.eos_token_id if model.generation_config else None
    listed = ends if isinstance(ends, list) else [ends]
    return {int(end) for end in [*listed, tokenizer.eos_token_id] if end is not None}
