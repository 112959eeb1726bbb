"""People as oracle: what they answered at ``int-bench annotate``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from int_bench.annotate.store import Answer, about, digest_of, read_answers
from int_bench.interventions.oracles.base import Case, Oracle, Proposal
from int_bench.records import Problem

NOT_ANNOTATED = Proposal("not_annotated")
"""Of an attempt that nobody has looked at, that all have skipped, or whose text is not the one that was shown."""


@dataclass(frozen=True, slots=True)
class People(Oracle):
    """The answers of one person or several, by attempt; each that says something of it is a proposal."""

    answers: tuple[Mapping[str, Answer], ...]

    @classmethod
    def read(cls, paths: Sequence[str]) -> People:
        """The answers in the files of some annotators.

        Raises UserError naming the file that is missing or holds something else.
        """
        return cls(tuple(read_answers(path) for path in paths))

    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        """See :class:`Oracle`."""
        attempts = {case.rollout_id: digest_of(case.steps) for case in cases}
        said = [about(attempts, answers) for answers in self.answers]
        return [_of(case.rollout_id, said) or [NOT_ANNOTATED] for case in cases]

    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        """See :class:`Oracle`; people count as having solved what they wrote a step for."""
        written = (answer for answers in self.answers for answer in answers.values() if answer.status == "proposed")
        return {answer.problem_id for answer in written}


def _of(rollout_id: str, said: Sequence[Mapping[str, Answer]]) -> list[Proposal]:
    found = (answers[rollout_id] for answers in said if rollout_id in answers)
    return [
        Proposal(answer.status, answer.location, answer.category, answer.content.strip())
        for answer in found
        if answer.status != "skipped"
    ]
