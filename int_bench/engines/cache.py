"""A cache of keys and values that grows in place, and attention that reads shared keys once."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.cache_utils import DynamicLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

ATTENTION = "int_bench_grouped"
_ROOM = 64  # positions by which a cache grows


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

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep the given rows, or copy rows that are given several times."""
        super().batch_select_indices(indices)
        self._store = None


def _enlarged(old: torch.Tensor | None, new: torch.Tensor, start: int, end: int) -> torch.Tensor:
    """A store of ``end`` positions and some room, the first ``start`` of them those of the old one."""
    rows, heads, _, width = new.shape
    store = new.new_empty(rows, heads, end + _ROOM, width)
    if old is not None and start:
        store[..., :start, :] = old
    return store


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


AttentionInterface.register(ATTENTION, _grouped_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
