"""TRL's GRPOTrainer without work that changes nothing.

1. A rollout without an advantage adds exactly zero to the loss, so the loss computes no probabilities of it. Most
   rollouts are such: the base model's groups on hard problems are nearly all wrong.
2. Rows are computed in parts of like lengths, without the columns that are padding in a whole part.

Both leave the gradient as it is, up to rounding (``tests/training/test_frugal.py``). The first needs a loss of nothing
but advantages, so neither KL term nor entropy bonus, and probabilities of the sampling model, which the trainer asks
for if a batch makes several updates. The entropy that is logged is then that of the model that sampled, over all
tokens, as verl has it. Where several processes train together nothing is left out: they must make as many passes each.
"""

from __future__ import annotations

from typing import Any

import torch
from trl import GRPOTrainer

_PART = 16  # rows that are computed together

Scored = tuple[torch.Tensor, torch.Tensor | None, torch.Tensor | None]


class FrugalTrainer(GRPOTrainer):
    """The trainer of RL; see above."""

    _inputs: dict[str, torch.Tensor] | None = None  # of the loss that is being computed
    _sampled: torch.Tensor  # entropies of the rollouts that were sampled last

    def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
        output = super()._generate_and_score_completions(inputs)
        if self._leaves_out(output):
            mask = output["completion_mask"]
            self._metrics["train"]["entropy"].append(((self._sampled * mask).sum() / mask.sum().clamp(min=1)).item())
        return output

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        self._inputs = inputs if self._leaves_out(inputs) else None
        loss = super()._compute_loss(model, inputs)
        if self._inputs is not None:
            self._metrics["train"]["entropy"].pop()  # of a part of the tokens
            self._inputs = None
        return loss

    @property
    def _alone(self) -> bool:
        """Whether rows can be computed in parts: in one process, by a model without a loss of its own."""
        return self.accelerator.num_processes == 1 and not self.aux_loss_enabled

    @property
    def _only_advantages(self) -> bool:
        """Whether nothing but advantages decides the loss."""
        return self._alone and not (self.beta or self._entropy_bonus_enabled or self.use_vllm)

    def _leaves_out(self, inputs: dict[str, Any]) -> bool:
        return self._only_advantages and "old_per_token_logps" in inputs

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        **rest: Any,
    ) -> Scored:
        """Log-probabilities of the completions' tokens and, if asked for, entropies: (rows, ``logits_to_keep``)."""
        if not self._alone:
            scored: Scored = super()._get_per_token_logps_and_entropies(
                model, input_ids, attention_mask, logits_to_keep, batch_size, compute_entropy, **rest
            )
            return scored
        sampled = self._only_advantages and not torch.is_grad_enabled()
        compute_entropy |= sampled
        rows = torch.arange(len(input_ids), device=input_ids.device)
        logps = torch.zeros(len(rows), logits_to_keep, device=input_ids.device)
        if self._inputs is not None:
            # One row is computed at least: gradients of zero move an optimiser with momentum, and none at all do not.
            rows = self._inputs["advantages"].nonzero()[:, 0] if self._inputs["advantages"].any() else rows[:1]
            logps = self._inputs["old_per_token_logps"]  # a ratio of one, which is not clipped
        entropies = torch.zeros_like(logps)
        lengths = attention_mask[rows].sum(1)
        prompt = input_ids.size(1) - logits_to_keep
        for part in rows[lengths.argsort()].split(min(batch_size or _PART, _PART)):
            used = attention_mask[part].any(0).nonzero()[:, 0]
            start, end = int(used[0]), int(used[-1]) + 1
            found, entropy, _ = super()._get_per_token_logps_and_entropies(
                model,
                input_ids[part, start:end],
                attention_mask[part, start:end],
                end - prompt,
                compute_entropy=compute_entropy,
                **rest,
            )
            pad = (0, input_ids.size(1) - end)
            logps = logps.index_copy(0, part, torch.nn.functional.pad(found, pad).to(logps.dtype))
            if compute_entropy:
                entropies = entropies.index_copy(0, part, torch.nn.functional.pad(entropy, pad).to(logps.dtype))
        if sampled:
            self._sampled = entropies
        return logps, entropies if compute_entropy else None, None
