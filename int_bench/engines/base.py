"""What every engine keeps to: what is asked of it, what it answers, and the randomness that all share.

An engine is asked for single sequences and answers with each as soon as it is finished, in whatever order that is. So
the caller can store what is finished while the rest is sampled, and the engine can schedule as it likes.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from transformers import PreTrainedTokenizerBase

from int_bench.errors import UserError

FinishReason = Literal["stop", "length"]


class PromptTooLong(UserError):
    """A prompt that leaves no room for an answer in the model's context."""

    def __init__(self, key: str, tokens: int, context: int) -> None:
        super().__init__(f"prompt of {key} has {tokens} tokens, the model's context holds {context}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A tokenised prompt. Random draws are keyed by ``key``, so equal keys give equal samples.

    ``user`` and ``begun`` are the same as text, for engines behind an interface of chats: the user's turn, and what
    the assistant's begins with.
    """

    key: str
    token_ids: tuple[int, ...]
    user: str = ""
    begun: str = ""


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


class Ask(NamedTuple):
    """One sequence to sample: the continuation of a prompt that has the number ``sample``, from 0."""

    prompt: Prompt
    sample: int


class Finished(NamedTuple):
    """An ask and what came of it."""

    ask: Ask
    completion: Completion


def ended(ask: Ask, reason: str | None) -> FinishReason:
    """Why a sequence ended, in a server's word, if it is one of the two ends of a sample.

    Raises UserError for any other, such as "abort" or "content_filter": what the model would have said is not known.
    """
    if reason == "stop":
        return "stop"
    if reason == "length":
        return "length"
    raise UserError(f"sample {ask.sample} of {ask.prompt.key}: ended by {reason!r}; start again to sample it anew")


class Engine(ABC):
    """Anything that samples; ``context`` is the number of tokens that prompt and continuation have together at most."""

    context: int

    @abstractmethod
    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        """Sample, and yield what has finished as soon as it has.

        Raises PromptTooLong before anything is sampled.
        """

    def generate(
        self, prompts: Sequence[Prompt], settings: SamplingSettings, n: int, first_sample: int = 0
    ) -> list[list[Completion]]:
        """Sample ``n`` continuations of each prompt, counted from ``first_sample``; prompt ``i`` has row ``i``."""
        asks = [Ask(prompt, first_sample + i) for prompt in prompts for i in range(n)]
        done: dict[tuple[str, int], Completion] = {}
        for finished in self.stream(asks, settings):
            done.update({(ask.prompt.key, ask.sample): completion for ask, completion in finished})
        found = [done[ask.prompt.key, ask.sample] for ask in asks]
        return [found[start : start + n] for start in range(0, len(found), n)]

    def close(self) -> None:  # noqa: B027  most engines hold nothing that must be given back
        """Give back what the engine holds: processes, connections."""

    def check(self, asks: Sequence[Ask]) -> None:
        """Raise PromptTooLong for the first ask whose prompt leaves no room."""
        for prompt, _ in asks:
            if len(prompt.token_ids) >= self.context:
                raise PromptTooLong(prompt.key, len(prompt.token_ids), self.context)


def uniforms(seed: int, key: str, sample: int, count: int) -> np.ndarray:
    """Uniform draws for the positions of one sample: keyed by seed, prompt and sample, not by the batch.

    >>> bool((uniforms(0, "p1", 3, 8)[:4] == uniforms(0, "p1", 3, 4)).all())
    True
    >>> bool((uniforms(0, "p1", 3, 4) == uniforms(0, "p1", 4, 4)).any())
    False
    """
    return np.random.Generator(np.random.Philox(key=_name(seed, key, sample))).random(count)


def seed_of(seed: int, key: str, sample: int) -> int:
    """The seed of one sample for engines that draw themselves: 63 bits, keyed as :func:`uniforms` are.

    >>> seed_of(0, "p1", 3) == seed_of(0, "p1", 3) != seed_of(0, "p1", 4)
    True
    """
    return _name(seed, key, sample) >> 65


def _name(seed: int, key: str, sample: int) -> int:
    """128 bits that name a sample."""
    name = hashlib.blake2b(f"{seed}\0{key}\0{sample}".encode(), digest_size=16).digest()
    return int.from_bytes(name, "big")


def before(text: str, stop: Sequence[str]) -> str | None:
    """What stands before the first of some stop strings; None if none occurs.

    >>> before("b=3. Done. End", ["End", "Done"])
    'b=3. '
    """
    found = [text.index(word) for word in stop if word in text]
    return text[: min(found)] if found else None


def decoded(tokenizer: PreTrainedTokenizerBase, token_ids: Sequence[int], stop: Sequence[str] = ()) -> str:
    """The text of sampled tokens, up to the first stop string, without special tokens."""
    text = str(tokenizer.decode(list(token_ids), skip_special_tokens=True))
    cut = before(text, stop)
    return text if cut is None else cut
