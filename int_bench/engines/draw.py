"""Drawing tokens from logits with given uniform numbers."""

from __future__ import annotations

import torch

from int_bench.engines.base import SamplingSettings


def draw(logits: torch.Tensor, draws: torch.Tensor, settings: SamplingSettings) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw one token a row by inverting the cumulative distribution.

    ``logits`` is rows x vocabulary, ``draws`` holds a uniform number a row. Returns the tokens and their
    log-probabilities under the model itself (temperature 1, nothing cut off).
    """
    if settings.temperature == 0.0:
        chosen = logits.argmax(-1)
    else:
        probabilities = truncate((logits / settings.temperature).softmax(-1), settings.top_k, settings.top_p)
        cumulative = probabilities.double().cumsum(-1)
        threshold = (draws * cumulative[:, -1])[:, None]
        chosen = torch.searchsorted(cumulative, threshold, right=True)[:, 0].clamp(max=logits.shape[-1] - 1)
    return chosen, logits.log_softmax(-1).gather(-1, chosen[:, None])[:, 0]


def truncate(probabilities: torch.Tensor, top_k: int, top_p: float) -> torch.Tensor:
    """Zero what lies outside the ``top_k`` likeliest tokens, then outside the smallest set that holds ``top_p``."""
    if top_k <= 0 and top_p >= 1.0:
        return probabilities
    # Of a vocabulary of 150,000 tokens a few are found much quicker than all are sorted.
    kept = min(top_k, probabilities.shape[-1]) if top_k > 0 else probabilities.shape[-1]
    ranked, order = probabilities.topk(kept, -1)
    if top_p < 1.0:
        total = ranked.sum(-1, keepdim=True)
        ranked[ranked.cumsum(-1) - ranked >= top_p * total] = 0.0
    return torch.zeros_like(probabilities).scatter_(-1, order, ranked)
