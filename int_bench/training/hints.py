r"""Hints: RL that is shown the beginning of the reference solution, and less of it, or by chance.

The paper sets InT beside three such methods (Appendix M), and its later version has a row for hint-guided RL. Each of
them is more than its idea, of which this module covers:

- QuestA (Li et al. 2025) puts a part of the solution into the prompt, a half and later a quarter, in stages that are
  trained one after the other on problems chosen for it. Here the share falls steadily ("annealed"), on the run's own
  problems.
- AdaBack (Amani et al. 2025) finds a share for each sample, which follows its reward. Here it is drawn for each prompt,
  whatever was rewarded ("uniform"): the variety of shares is covered, the adaptation is not.
- BREAD (Zhang et al. 2025) lets the model go on from an expert's prefix, from where a search finds it to succeed, and
  only for problems that it fails. Here the prefix stands in the prompt, all problems have one, and nothing is searched.

A hint is words, so it may break off within a formula. Hints are for training: evaluations have none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from int_bench.config import HintsConfig
from int_bench.interventions.leakage import LEAKS, leak_of
from int_bench.prompts import render
from int_bench.records import Problem

_BOX = re.compile(r"\\(?:boxed|fbox|framebox)(?![A-Za-z])")
_WORD = re.compile(r"\S+")


def hint_of(problem: Problem, share: float) -> str:
    r"""The first ``share`` of the words before the box of a problem's reference solution; empty without a reference.

    It is cut shorter where it would state the answer, by the rule for interventions (``interventions/leakage.py``).

    >>> problem = Problem("p", "pool", "…", "(7,2,4)", r"We get b=7, c=2, d=4, so \boxed{7,2,4}")
    >>> hint_of(problem, 0.5), hint_of(problem, 1.0)
    ('We get b=7,', 'We get b=7, c=2,')
    """
    text = _BOX.split(problem.reference or "", maxsplit=1)[0]
    ends = [word.end() for word in _WORD.finditer(text)]
    for end in reversed(ends[: int(share * len(ends))]):
        if leak_of(text[:end], problem.answer) not in LEAKS:
            return text[:end].strip()
    return ""


def hinted(problem: Problem, share: float, style: str) -> str:
    """A problem as it is put to the model with such a hint; the problem alone if there is nothing to hint at."""
    hint = hint_of(problem, share)
    return (
        render("compact_hint" if style == "compact" else "hint", problem=problem.text, hint=hint)
        if hint
        else problem.text
    )


def shares(config: HintsConfig, steps: int, prompts: int, rng: np.random.Generator) -> Sequence[float]:
    """The share of the reference that each prompt of a training shows, step by step.

    >>> annealed = HintsConfig(schedule="annealed", share=(0.5, 0.0))
    >>> list(map(float, shares(annealed, 3, 2, np.random.default_rng(0))))
    [0.5, 0.5, 0.25, 0.25, 0.0, 0.0]
    """
    first, last = config.share
    if config.schedule == "annealed":
        return np.repeat(np.linspace(first, last, steps), prompts).tolist()
    return rng.uniform(min(first, last), max(first, last), steps * prompts).tolist()
