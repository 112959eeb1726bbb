"""A language model as oracle, behind any engine or server: the run's base model itself, or a stronger one.

Each attempt is asked about ``proposals`` times. What a reply lacks, and what became of a request that has none, is the
status of its proposal, so that nothing is lost without being counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from int_bench.chats.base import Message, Query, Reply
from int_bench.chats.tally import Tallied
from int_bench.config.oracles import Given, Style
from int_bench.engines.base import SamplingSettings
from int_bench.errors import UserError
from int_bench.grading import Grader, Response
from int_bench.interventions.oracles.asking import Fitted, check_turn, fitted, solve_turn
from int_bench.interventions.oracles.base import Case, Oracle, Proposal
from int_bench.interventions.parse import parse_reply
from int_bench.prompts import render
from int_bench.records import Problem

NO_REFERENCE = Proposal("no_reference")
"""Of a problem without the reference solution that the oracle should see."""


@dataclass
class LanguageModel(Oracle):
    """Asks a language model; ``counts`` collects how many prompts were shortened."""

    chats: Tallied
    style: Style
    given: Given
    proposals: int
    settings: SamplingSettings
    grader: Grader
    counts: Counter[str] = field(default_factory=Counter)

    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        """See :class:`Oracle`; the proposals on an attempt are in the order of the samples that they come from."""
        able = [case for case in cases if self.given != "solution" or case.problem.reference is not None]
        solved = self._solutions(able) if self.style == "two_turn" else {}
        queries: dict[tuple[str, int], tuple[Query, int]] = {}
        said: dict[tuple[str, int], list[Proposal]] = {}
        for case in able:
            for sample in range(self.proposals):
                before = solved.get((case.problem.problem_id, sample))
                if before and before.status != "answered":
                    said[case.key, sample] = [Proposal(before.status)]
                elif (fit := self._fit(case, before)) is None:
                    said[case.key, sample] = [Proposal("too_long")]
                else:
                    self.counts["shortened"] += fit.shown < len(case.steps)
                    queries[case.key, sample] = Query(f"verify/{case.key}", fit.messages, sample), fit.shown
        replies = self._replies([query for query, _ in queries.values()])
        for name, (query, shown) in queries.items():
            said[name] = proposals_of(replies[query.key, query.sample], shown)
        absent = [NO_REFERENCE]
        return [
            [one for sample in range(self.proposals) for one in said.get((case.key, sample), absent)] for case in cases
        ]

    @property
    def facts(self) -> dict[str, float]:
        """See :class:`Oracle`: queries by what became of them, tokens, dollars, and prompts that were shortened."""
        return {**asdict(self.chats.costs), "shortened": self.counts["shortened"]}

    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        """See :class:`Oracle`; the model sees the problem alone.

        Raises UserError if a server went on failing at some: they are neither solved nor unsolved.
        """
        queries = [
            Query(f"alone/{row.problem_id}", (Message("user", render("alone", problem=row.text)),)) for row in problems
        ]
        replies = self._replies(queries)
        found = [replies[query.key, 0] for query in queries]
        if lost := sum(reply.status == "no_reply" for reply in found):
            raise UserError(
                f"the oracle gave no reply to {lost} of {len(found)} problems that it must solve; start again, which "
                "asks only what is missing: what was answered is kept"
            )
        grades = self.grader.grade_many(
            Response(reply.text, reply.finish_reason, row.answer, 0) for row, reply in zip(problems, found, strict=True)
        )
        return {row.problem_id for row, grade in zip(problems, grades, strict=True) if grade.correct}

    def _solutions(self, cases: Sequence[Case]) -> dict[tuple[str, int], Reply]:
        """What the model makes of each problem with what it is given, by problem and sample."""
        problems = {case.problem.problem_id: case.problem for case in cases}
        queries = {
            (name, sample): Query(f"solve/{name}", (solve_turn(problem, self.given),), sample)
            for name, problem in problems.items()
            for sample in range(self.proposals)
        }
        replies = self._replies(list(queries.values()))
        return {name: replies[query.key, query.sample] for name, query in queries.items()}

    def _fit(self, case: Case, before: Reply | None) -> Fitted | None:
        """The conversation about an attempt, with as many of its steps as the context holds beside a reply."""

        def conversation(steps: Sequence[str]) -> tuple[Message, ...]:
            check = check_turn(self.style, case.problem, self.given, steps, len(case.steps))
            if before is None:
                return (check,)
            return (solve_turn(case.problem, self.given), Message("assistant", before.text), check)

        return fitted(conversation, case.steps, self._fits)

    def _fits(self, messages: tuple[Message, ...]) -> bool:
        return self.chats.count(messages) + self.settings.max_new_tokens <= self.chats.context

    def _replies(self, queries: Sequence[Query]) -> dict[tuple[str, int], Reply]:
        asked = self.chats.ask(queries, self.settings)
        return {(query.key, query.sample): reply for answered in asked for query, reply in answered}


def proposals_of(reply: Reply, shown: int) -> list[Proposal]:
    """What a reply about an attempt says, of which so many steps were shown: locations count from 0 here."""
    if reply.status != "answered":
        return [Proposal(reply.status)]
    found = []
    for parsed in parse_reply(reply.text):
        if parsed.status == "parsed" and parsed.location is not None:
            # A step that was not shown is as far outside as one that does not exist.
            place = parsed.location - 1 if parsed.location <= shown else -1
            found.append(Proposal("proposed", place, parsed.category, parsed.content.strip()))
        elif parsed.status == "no_block" and reply.finish_reason == "length":
            found.append(Proposal("truncated"))
        else:
            found.append(Proposal(parsed.status))
    return found
