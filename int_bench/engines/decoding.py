"""One batch of sequences while it is decoded by a model of transformers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.cache_utils import Cache

from int_bench.engines.base import Ask, Completion, Finished, FinishReason, SamplingSettings, before, decoded, uniforms
from int_bench.engines.cache import GrowingLayer
from int_bench.engines.draw import draw

_SHRINK = 0.8  # rows are dropped once no more than this share of them is alive


class Decoding:
    """Asks that are decoded together, token by token; those of one prompt must stand side by side.

    ``step`` draws a token for each row that is alive and returns the rows that have ended with it.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        asks: Sequence[Ask],
        settings: SamplingSettings,
        context: int,
        ends: Collection[int],
    ) -> None:
        self.model, self.tokenizer, self.asks, self.settings = model, tokenizer, asks, settings
        device = model.device
        prompts = list({id(ask.prompt): ask.prompt for ask in asks}.values())
        numbers = {id(prompt): i for i, prompt in enumerate(prompts)}
        which = torch.tensor([numbers[id(ask.prompt)] for ask in asks], device=device)
        width = np.array([len(prompt.token_ids) for prompt in prompts])
        # A row's own prompt, not its neighbours', decides how much room it has left in the context.
        self.budgets = np.minimum(settings.max_new_tokens, context - width)[which.cpu().numpy()]
        budget = int(self.budgets.max())
        self.draws = torch.from_numpy(
            np.stack([uniforms(settings.seed, prompt.key, sample, budget) for prompt, sample in asks])
        ).to(device)
        self.ends = torch.tensor(sorted(ends), device=device)
        self.longest, self.length = int(width.max()), 0
        self.tokens = np.zeros((len(asks), budget), dtype=np.int64)
        self.logprobs = np.zeros((len(asks), budget), dtype=np.float32)
        self.rows = torch.arange(len(asks), device=device)  # which ask each row of the batch belongs to
        self.alive = torch.ones(len(asks), dtype=torch.bool, device=device)

        self.layers = [GrowingLayer() for _ in range(model.config.num_hidden_layers)]
        self.cache = Cache(layers=[*self.layers])
        ids = torch.full((len(prompts), self.longest), int(tokenizer.pad_token_id or 0), device=device)
        for row, prompt in enumerate(prompts):
            ids[row, self.longest - width[row] :] = torch.tensor(prompt.token_ids, device=device)
        pad = torch.from_numpy(self.longest - width).to(device)
        positions = (torch.arange(self.longest, device=device)[None] - pad[:, None]).clamp(min=0)
        logits = self._forward(ids, positions, _prefill_mask(pad, self.longest, model.dtype))
        for layer in self.layers:
            layer.batch_select_indices(which)
        self.logits, self.pad = logits[which], pad[which]
        # A column is hidden from a row if it is padding of that row's prompt; generated columns never are.
        self.hidden = torch.zeros(len(asks), 1, 1, self.longest + budget, dtype=model.dtype, device=device)
        columns = torch.arange(self.longest, device=device)
        self.hidden[..., : self.longest].masked_fill_(
            columns < self.pad[:, None, None, None], torch.finfo(model.dtype).min
        )

    @property
    def living(self) -> int:
        """How many rows have not ended."""
        return int(self.alive.sum())

    def step(self) -> list[Finished]:
        """Draw the next token of each row, and return what has ended."""
        chosen, logprob = draw(self.logits, self.draws[:, self.length], self.settings)
        at = self.rows.cpu().numpy()
        self.tokens[at, self.length], self.logprobs[at, self.length] = chosen.cpu().numpy(), logprob.cpu().numpy()
        self.length += 1
        ended = self.alive & torch.isin(chosen, self.ends)
        full = self.alive & ~ended & torch.from_numpy(self.budgets[at] <= self.length).to(self.alive.device)
        finished = [self._finished(row, "stop", self._text(row, self.length - 1)) for row in self.rows[ended].tolist()]
        if self.settings.stop:
            met = torch.zeros_like(self.alive)
            for i in (self.alive & ~ended).nonzero()[:, 0].tolist():
                text = before(self._text(int(at[i]), self.length), self.settings.stop)
                if text is not None:
                    met[i] = True
                    finished.append(self._finished(int(at[i]), "stop", text))
            ended, full = ended | met, full & ~met
        finished += [self._finished(row, "length", self._text(row, self.length)) for row in self.rows[full].tolist()]
        self.alive = self.alive & ~ended & ~full
        if living := self.living:
            self._advance(chosen, living)
        return finished

    def _advance(self, chosen: torch.Tensor, living: int) -> None:
        """Drop rows that have ended, if they are many, and compute the logits that follow the chosen tokens."""
        if living <= _SHRINK * len(self.alive):
            keep = self.alive.nonzero()[:, 0]
            self.rows, self.draws, self.hidden, self.pad, chosen = (
                x.index_select(0, keep) for x in (self.rows, self.draws, self.hidden, self.pad, chosen)
            )
            for layer in self.layers:
                layer.batch_select_indices(keep)
            self.alive = torch.ones(living, dtype=torch.bool, device=self.alive.device)
        end = self.longest + self.length
        position = end - 1 - self.pad
        self.logits = self._forward(chosen[:, None], position[:, None], self.hidden[..., :end])

    def _forward(self, ids: torch.Tensor, positions: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        output = self.model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=mask,
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[:, -1].float()

    def _finished(self, row: int, reason: FinishReason, text: str) -> Finished:
        ids, logprobs = self.tokens[row, : self.length].tolist(), self.logprobs[row, : self.length].tolist()
        return Finished(self.asks[row], Completion(tuple(ids), text, reason, tuple(logprobs)))

    def _text(self, row: int, end: int) -> str:
        return decoded(self.tokenizer, self.tokens[row, :end].tolist())


def _prefill_mask(pad: torch.Tensor, longest: int, dtype: torch.dtype) -> torch.Tensor:
    """Additive causal mask, rows x 1 x positions x positions, that also hides left padding."""
    columns = torch.arange(longest, device=pad.device)
    hidden = (columns[None, :] > columns[:, None])[None] | (columns[None, None, :] < pad[:, None, None])
    # A padding position sees itself: a row of nothing but minus infinity would give NaN.
    hidden = hidden & ~torch.eye(longest, dtype=torch.bool, device=pad.device)[None]
    return torch.zeros(hidden.shape, dtype=dtype, device=pad.device).masked_fill_(hidden, torch.finfo(dtype).min)[
        :, None
    ]
