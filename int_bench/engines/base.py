"""The protocol that every engine keeps, and the randomness that they share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from int_bench.errors import UserError

FinishReason = Literal["stop", "length"]


class PromptTooLong(UserError):
    """A prompt that leaves no room for an answer in the model's context."""

    def __init__(self, key: str, tokens: int, context: int) -> None:
        super().__init__(f"prompt of {key} has {tokens} tokens, the model's context holds {context}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A tokenised prompt. Random draws are keyed by ``key``, so equal keys give equal samples."""

    key: str
    token_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How tokens are drawn. Temperature 0 is greedy; top_k 0 and top_p 1 cut nothing off."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    max_new_tokens: int = 128
    stop: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One sampled continuation.

    ``logprobs`` holds the log-probability of each sampled token under the model itself: before temperature and
    truncation. ``finish_reason`` is "stop" for an end-of-sequence token or a stop string, "length" at the budget.
    """

    token_ids: tuple[int, ...]
    text: str
    finish_reason: FinishReason
    logprobs: tuple[float, ...]


class Engine(Protocol):
    """Anything that samples ``n`` continuations of each prompt, in the order of the prompts."""

    def generate(
        self, prompts: Sequence[Prompt], settings: SamplingSettings, n: int, first_sample: int = 0
    ) -> list[list[Completion]]:
        """Sample; row ``i`` of the answer holds ``n`` samples of prompt ``i``, counted from ``first_sample``."""
        ...


def uniforms(seed: int, key: str, sample: int, count: int) -> np.ndarray:
    """Uniform draws for the positions of one sample: keyed by seed, prompt and sample, not by the batch.

    >>> bool((uniforms(0, "p1", 3, 8)[:4] == uniforms(0, "p1", 3, 4)).all())
    True
    >>> bool((uniforms(0, "p1", 3, 4) == uniforms(0, "p1", 4, 4)).any())
    False
    """
    name = hashlib.blake2b(f"{seed}\0{key}\0{sample}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(name, "big"))).random(count)
