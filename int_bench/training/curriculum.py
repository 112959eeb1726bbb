"""What an RL training asks, in which order: drawn as a whole beforehand, so that one that resumes asks the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from int_bench.config import HintsConfig
from int_bench.records import Problem
from int_bench.training.hints import hinted, shares


@dataclass(frozen=True, slots=True)
class Curriculum:
    """The prompts of all ``steps`` of a training, and the steps at which its model is kept.

    ``texts`` are what is put to the model, the same number for each step. ``problems`` knows the problem of each text,
    by which its rollouts are graded; with hints a problem has several texts.
    """

    steps: int
    checkpoints: tuple[int, ...]
    texts: tuple[str, ...]
    problems: Mapping[str, Problem]

    def part(self, first: int, stop: int) -> Curriculum:
        """The steps from ``first`` to before ``stop``, as a training of its own that keeps its last model too."""
        prompts = len(self.texts) // self.steps
        kept = {step - first for step in self.checkpoints if first < step <= stop}
        texts = self.texts[first * prompts : stop * prompts]
        return Curriculum(stop - first, tuple(sorted(kept | {stop - first})), texts, self.problems)


def problem_order(problems: int, prompts: int, rng: np.random.Generator) -> list[int]:
    """Which problem each prompt of a training takes: one random pass over all problems after another.

    >>> order = problem_order(3, 7, np.random.default_rng(0))
    >>> sorted(order[:3]), sorted(order[3:6]), len(order)
    ([0, 1, 2], [0, 1, 2], 7)
    """
    passes = -(-prompts // problems)
    return np.concatenate([rng.permutation(problems) for _ in range(passes)])[:prompts].tolist()


def curriculum(
    problems: Sequence[Problem],
    steps: int,
    prompts: int,
    seed: int,
    hints: HintsConfig | None = None,
    checkpoints: Sequence[int] = (),
) -> Curriculum:
    """Draw the ``prompts`` of each step. Problems come in the same order with and without hints."""
    order = problem_order(len(problems), steps * prompts, np.random.default_rng([seed, 2]))
    asked = [problems[i] for i in order]
    texts = [problem.text for problem in asked]
    if hints:
        shown = shares(hints, steps, prompts, np.random.default_rng([seed, 3]))
        texts = [hinted(problem, share, hints.style) for problem, share in zip(asked, shown, strict=True)]
    return Curriculum(steps, tuple(checkpoints), tuple(texts), dict(zip(texts, asked, strict=True)))
