"""The embedded engine: transformers on whatever device there is.

Where it departs from ``model.generate(num_return_sequences=n)``:

1. A prompt is prefilled once and its cache copied to its n samples.
2. Rows that have ended leave the batch, and the cache with them.
3. The cache grows in place instead of being copied at each token.
4. Draws are keyed by (seed, prompt, sample, position), so a sample does not depend on its neighbours in the batch.
5. Grouped-query attention reads the shared keys once instead of repeating them for each query head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache, DynamicLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from int_bench.engines.base import Completion, Prompt, PromptTooLong, SamplingSettings, uniforms

ATTENTION = "int_bench_grouped"
_ROOM = 64  # positions by which a cache grows
_SHRINK = 0.8  # rows are dropped once no more than this share of them is alive


class TransformersEngine:
    """Samples from a causal model of transformers; ``rows`` sequences are decoded together."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: int = 512) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.rows = rows
        self.context = int(model.config.max_position_embeddings)
        use_grouped_attention(model)

    def generate(
        self, prompts: Sequence[Prompt], settings: SamplingSettings, n: int, first_sample: int = 0
    ) -> list[list[Completion]]:
        """See :class:`int_bench.engines.base.Engine`; raises PromptTooLong before anything is sampled."""
        for prompt in prompts:
            if len(prompt.token_ids) >= self.context:
                raise PromptTooLong(prompt.key, len(prompt.token_ids), self.context)
        results: list[list[Completion]] = [[] for _ in prompts]
        # Neighbours of like length waste little on padding.
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i].token_ids))
        together = max(1, self.rows // n)
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode():
                for start in range(0, len(order), together):
                    chosen = order[start : start + together]
                    for first in range(first_sample, first_sample + n, self.rows):
                        samples = range(first, min(first + self.rows, first_sample + n))
                        batch = self._batch([prompts[i] for i in chosen], settings, samples)
                        for row, completion in enumerate(batch):
                            results[chosen[row // len(samples)]].append(completion)
        finally:
            self.model.train(training)
        return results

    def _batch(self, prompts: list[Prompt], settings: SamplingSettings, samples: range) -> list[Completion]:
        """Sample one batch: rows are prompts x samples, all samples of a prompt side by side."""
        device, n = self.model.device, len(samples)
        width = np.array([len(prompt.token_ids) for prompt in prompts])
        longest = int(width.max())
        # A row's own prompt, not its neighbours', decides how much room it has left in the context.
        budgets = np.minimum(settings.max_new_tokens, self.context - width).repeat(n)
        budget = int(budgets.max())
        draws = torch.from_numpy(
            np.stack([uniforms(settings.seed, prompt.key, s, budget) for prompt in prompts for s in samples])
        ).to(device)

        ids = torch.full((len(prompts), longest), int(self.tokenizer.pad_token_id or 0), device=device)
        for row, prompt in enumerate(prompts):
            ids[row, longest - width[row] :] = torch.tensor(prompt.token_ids, device=device)
        pad = torch.from_numpy(longest - width).to(device)
        layers = [GrowingLayer() for _ in range(self.model.config.num_hidden_layers)]
        cache = Cache(layers=[*layers])
        positions = (torch.arange(longest, device=device)[None] - pad[:, None]).clamp(min=0)
        logits = self._forward(ids, positions, _prefill_mask(pad, longest, self.model.dtype), cache)
        for layer in layers:
            layer.batch_repeat_interleave(n)
        logits, pad = logits.repeat_interleave(n, 0), pad.repeat_interleave(n, 0)

        # A column is hidden from a row if it is padding of that row's prompt; generated columns never are.
        hidden = torch.zeros(len(pad), 1, 1, longest + budget, dtype=self.model.dtype, device=device)
        columns = torch.arange(longest, device=device)
        hidden[..., :longest].masked_fill_(columns < pad[:, None, None, None], torch.finfo(self.model.dtype).min)

        tokens = np.zeros((len(pad), budget), dtype=np.int64)
        logprobs = np.zeros((len(pad), budget), dtype=np.float32)
        lengths = budgets.copy()
        stopped: dict[int, str] = {}
        ends = torch.tensor(sorted(self._end_tokens()), device=device)
        rows = torch.arange(len(pad), device=device)  # which result each row of the batch belongs to
        alive = torch.ones(len(pad), dtype=torch.bool, device=device)
        for step in range(budget):
            chosen, logprob = draw(logits, draws[:, step], settings)
            at = rows.cpu().numpy()
            tokens[at, step], logprobs[at, step] = chosen.cpu().numpy(), logprob.cpu().numpy()
            ended = alive & torch.isin(chosen, ends)
            for row in (at[ended.cpu().numpy()]).tolist():
                stopped[row], lengths[row] = self._decode(tokens[row, :step]), step + 1
            alive &= ~ended
            if settings.stop:
                alive &= self._meets_stop(tokens, at, alive, step, settings.stop, stopped, lengths)
            alive &= torch.from_numpy(budgets[at] > step + 1).to(device)
            living = int(alive.sum())
            if living == 0:
                break
            if living <= _SHRINK * len(alive):
                keep = alive.nonzero()[:, 0]
                rows, draws, hidden, pad, chosen = (x.index_select(0, keep) for x in (rows, draws, hidden, pad, chosen))
                for layer in layers:
                    layer.batch_select_indices(keep)
                alive = torch.ones(living, dtype=torch.bool, device=device)
            position = longest + step - pad
            logits = self._forward(chosen[:, None], position[:, None], hidden[..., : longest + step + 1], cache)

        return [
            Completion(
                token_ids=tuple(tokens[row, : lengths[row]].tolist()),
                text=stopped[row] if row in stopped else self._decode(tokens[row, : lengths[row]]),
                finish_reason="stop" if row in stopped else "length",
                logprobs=tuple(logprobs[row, : lengths[row]].tolist()),
            )
            for row in range(len(tokens))
        ]

    def _forward(self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor, cache: Cache) -> torch.Tensor:
        output = self.model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1].float()

    def _meets_stop(
        self,
        tokens: np.ndarray,
        at: np.ndarray,
        alive: torch.Tensor,
        step: int,
        stop: tuple[str, ...],
        stopped: dict[int, str],
        lengths: np.ndarray,
    ) -> torch.Tensor:
        """Which rows go on, having met none of the stop strings; the text of one that has ends before it."""
        goes_on = torch.ones_like(alive)
        for i, row in enumerate(at.tolist()):
            if alive[i]:
                text = self._decode(tokens[row, : step + 1])
                found = [text.index(word) for word in stop if word in text]
                if found:
                    stopped[row], lengths[row], goes_on[i] = text[: min(found)], step + 1, False
        return goes_on

    def _decode(self, token_ids: np.ndarray) -> str:
        return str(self.tokenizer.decode(token_ids.tolist(), skip_special_tokens=True))

    def _end_tokens(self) -> set[int]:
        """Whatever the tokenizer or the model's generation settings call an end of sequence."""
        ends = self.model.generation_config.eos_token_id if self.model.generation_config else None
        listed = ends if isinstance(ends, list) else [ends]
        return {int(end) for end in [*listed, self.tokenizer.eos_token_id] if end is not None}


class GrowingLayer(DynamicLayer):
    """A cache layer that writes new keys and values in place and makes room in blocks."""

    def __init__(self) -> None:
        super().__init__()
        self._store: tuple[torch.Tensor, torch.Tensor] | None = None

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any):
        """Append along the position axis; the tensors are batch x heads x positions x width."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        if self._store is None or end > self._store[0].shape[-2]:
            self._store = (
                _enlarged(self.keys, key_states, start, end),
                _enlarged(self.values, value_states, start, end),
            )
        keys, values = self._store
        keys[..., start:end, :] = key_states
        values[..., start:end, :] = value_states
        self.keys, self.values = keys[..., :end, :], values[..., :end, :]
        return self.keys, self.values

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Copy each row ``repeats`` times."""
        super().batch_repeat_interleave(repeats)
        self._store = None

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep only the given rows."""
        super().batch_select_indices(indices)
        self._store = None


def _enlarged(old: torch.Tensor | None, new: torch.Tensor, start: int, end: int) -> torch.Tensor:
    """A store of ``end`` positions and some room, the first ``start`` of them those of the old one."""
    rows, heads, _, width = new.shape
    store = new.new_empty(rows, heads, end + _ROOM, width)
    if old is not None and start:
        store[..., :start, :] = old
    return store


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
    ranked, order = probabilities.sort(-1, descending=True)
    if 0 < top_k < ranked.shape[-1]:
        ranked[..., top_k:] = 0.0
    if top_p < 1.0:
        total = ranked.sum(-1, keepdim=True)
        ranked[ranked.cumsum(-1) - ranked >= top_p * total] = 0.0
    return torch.zeros_like(probabilities).scatter_(-1, order, ranked)


def use_grouped_attention(model: PreTrainedModel) -> None:
    """Let a model that attends through PyTorch's kernels read shared keys once when it decodes; others stay as is."""
    if model.config._attn_implementation == "sdpa":
        model.set_attn_implementation(ATTENTION)


def _grouped_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Attention for one query position a row, the query heads of a group lying along the position axis.

    Query is rows x heads x 1 x width, key and value rows x groups x positions x width.
    """
    rows, heads, positions, width = query.shape
    groups = key.shape[1]
    if positions > 1:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    scaling = kwargs.get("scaling")
    grouped = query.reshape(rows, groups, heads // groups, width)
    out = scaled_dot_product_attention(grouped, key, value, attn_mask=attention_mask, scale=scaling)
    return out.reshape(rows, 1, heads, width), None


def _prefill_mask(pad: torch.Tensor, longest: int, dtype: torch.dtype) -> torch.Tensor:
    """Additive causal mask, rows x 1 x positions x positions, that also hides left padding."""
    columns = torch.arange(longest, device=pad.device)
    hidden = (columns[None, :] > columns[:, None])[None] | (columns[None, None, :] < pad[:, None, None])
    # A padding position sees itself: a row of nothing but minus infinity would give NaN.
    hidden = hidden & ~torch.eye(longest, dtype=torch.bool, device=pad.device)[None]
    return torch.zeros(hidden.shape, dtype=dtype, device=pad.device).masked_fill_(hidden, torch.finfo(dtype).min)[
        :, None
    ]


AttentionInterface.register(ATTENTION, _grouped_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
