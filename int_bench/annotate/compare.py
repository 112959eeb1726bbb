"""How far the annotators of a run agree, two by two."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from int_bench.analysis.agreement import Agreement, Judgement, agreement
from int_bench.annotate.store import Answer, about, read_answers


class Pair(NamedTuple):
    """Two annotators and how they agree on the attempts that both judged."""

    first: str
    second: str
    agreement: Agreement


def pairs_of(folder: Path, attempts: Mapping[str, str], seed: int = 0) -> list[Pair]:
    """All pairs of annotators in a folder of answers who judged some attempt both; skipped attempts are not judged.

    The attempts are those of the run, by rollout with the digest of their steps; answers about others are left out.
    Raises UserError for a file that is damaged.
    """
    answers = {path.stem: about(attempts, read_answers(path)) for path in sorted(folder.glob("*.jsonl"))}
    pairs = []
    for first, second in combinations(answers, 2):
        shared = [
            (one, two)
            for rollout_id, one in answers[first].items()
            if (two := answers[second].get(rollout_id)) and "skipped" not in (one.status, two.status)
        ]
        if shared:
            ones, twos = zip(*shared, strict=True)
            of = [one.problem_id for one in ones]
            rng = np.random.default_rng(seed)
            pairs.append(Pair(first, second, agreement([*map(_judgement, ones)], [*map(_judgement, twos)], of, rng)))
    return pairs


def _judgement(answer: Answer) -> Judgement:
    return Judgement(answer.location, answer.category)
