"""How likely models find tokens that are given: negative log-likelihoods, and the drift of one model from another.

Weights are float32 on every device (``models.load_model`` with ``exact``), and so are logarithms of probabilities;
sums over tokens are float64. Rows of like length are computed together, padded on the right: what is causal never
sees what comes after it, so padding needs no mask. A batch goes through the model in chunks of positions, with a
cache of what came before, so that no more logits are held than ``CELLS``, however large the vocabulary and however
long the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import kl_div
from transformers import DynamicCache, PreTrainedModel

from int_bench.progress import track

CELLS = 2**26
"""Cells of the largest tensor of logits: 256 MiB for each of the few that are held."""
TOKENS = 2**13
"""Tokens, padding included, that are computed together; a longer row is a batch of its own."""

Measure = Callable[[list[torch.Tensor], torch.Tensor], torch.Tensor]


class Text(NamedTuple):
    """Tokens of a prompt, which are never counted, and those of what follows it."""

    prompt: Sequence[int]
    tokens: Sequence[int]


def surprisals(model: PreTrainedModel, texts: Sequence[Text]) -> list[NDArray[np.float64]]:
    """-log p of each token after the prompt given all before it, in nats; a vector of shape (tokens,) for each text.

    Raises ValueError for an empty prompt, after which the first token has no probability.
    """

    def measure(logprobs: list[torch.Tensor], targets: torch.Tensor) -> torch.Tensor:
        return -logprobs[0].gather(-1, targets[..., None])

    return [found[:, 0] for found in _measured("likelihood", [model], texts, measure)]


def drifts(base: PreTrainedModel, arm: PreTrainedModel, texts: Sequence[Text]) -> list[NDArray[np.float64]]:
    """KL(base, arm), entropy of the arm and entropy of the base model, at each token after the prompt, in nats.

    They are of the next token over the whole vocabulary, at temperature 1; one array of shape (tokens, 3) for each
    text. Raises ValueError as :func:`surprisals` does.
    """

    def measure(logprobs: list[torch.Tensor], targets: torch.Tensor) -> torch.Tensor:
        before, after = logprobs
        # Rounding may leave the divergence of equal distributions a little below 0.
        kl = kl_div(after, before, reduction="none", log_target=True).sum(-1).clamp(min=0.0)
        entropies = [torch.special.entr(each.exp()).sum(-1) for each in (after, before)]
        return torch.stack([kl, *entropies], dim=-1)

    return _measured("drift", [base, arm], texts, measure)


@torch.inference_mode()
def _measured(
    what: str, models: Sequence[PreTrainedModel], texts: Sequence[Text], measure: Measure
) -> list[NDArray[np.float64]]:
    """What is measured at each token after the prompt: one array of shape (tokens, quantities) for each text.

    ``measure`` is given the log-probabilities of the next token under each model, rows x positions x vocabulary, and
    that next token.
    """
    if any(not text.prompt for text in texts):
        raise ValueError("a text must have a prompt: its first token has no probability")
    found: list[NDArray[np.float64]] = [np.empty((0, 0), dtype=np.float64)] * len(texts)
    with track(what, len(texts)) as progress:
        for batch in _batches([len(text.prompt) + len(text.tokens) for text in texts]):
            ids = _padded([[*texts[i].prompt, *texts[i].tokens] for i in batch]).to(models[0].device)
            chunks = [measure(logprobs, targets) for logprobs, targets in _chunks(models, ids)]
            measured = torch.cat(chunks, dim=1).double().cpu().numpy()  # to be summed
            for row, i in zip(measured, batch, strict=True):
                start = len(texts[i].prompt) - 1  # at the prompt's last token the next one is the first that counts
                found[i] = row[start : start + len(texts[i].tokens)]
            progress.advance(len(batch), sum(len(texts[i].tokens) for i in batch))
    return found


def _chunks(models: Sequence[PreTrainedModel], ids: torch.Tensor) -> Iterator[tuple[list[torch.Tensor], torch.Tensor]]:
    """Log-probabilities of the next token under each model, some positions at a time, and that token."""
    for model in models:
        model.eval()
    seen, targets = ids[:, :-1], ids[:, 1:]
    step = max(1, CELLS // (len(ids) * models[0].config.get_text_config().vocab_size))
    caches = [DynamicCache(config=model.config) for model in models]
    for start in range(0, seen.shape[1], step):
        part = seen[:, start : start + step]
        outputs = [model(part, past_key_values=cache) for model, cache in zip(models, caches, strict=True)]
        yield [output.logits.float().log_softmax(-1) for output in outputs], targets[:, start : start + step]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows of like length, longest first, that have at most ``TOKENS`` tokens together.

    >>> list(_batches([3000, 10, 9000, 4000]))
    [[2], [3, 0], [1]]
    """
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > TOKENS:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _padded(rows: Sequence[Sequence[int]]) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], batch_first=True)
