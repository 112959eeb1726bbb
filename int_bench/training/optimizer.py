"""Muon for the weight matrices and AdamW for the rest, as one optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


class MuonWithAdamW(torch.optim.Optimizer):
    """Steps two optimisers whose parameter groups it shows as its own, so that one schedule drives both.

    The tiny base model learns its arithmetic in some hundred updates this way; AdamW alone needs several times as many.
    """

    def __init__(self, model: torch.nn.Module, muon_learning_rate: float, adamw_learning_rate: float) -> None:
        def is_matrix(name: str, parameter: torch.nn.Parameter) -> bool:
            return parameter.ndim == 2 and "embed" not in name and "lm_head" not in name

        named = list(model.named_parameters())
        matrices = [p for name, p in named if is_matrix(name, p)]
        others = [p for name, p in named if not is_matrix(name, p)]
        self.parts: dict[str, torch.optim.Optimizer] = {
            "muon": torch.optim.Muon(matrices, lr=muon_learning_rate, weight_decay=0.0),
            "adamw": torch.optim.AdamW(others, lr=adamw_learning_rate, weight_decay=0.0),
        }
        super().__init__([group for part in self.parts.values() for group in part.param_groups], {})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update all parameters once."""
        for part in self.parts.values():
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """The state of both parts."""
        return {name: part.state_dict() for name, part in self.parts.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore both parts; their parameter groups are new objects then, so they are shown anew."""
        for name, part in self.parts.items():
            part.load_state_dict(state_dict[name])
        self.param_groups = [group for part in self.parts.values() for group in part.param_groups]
