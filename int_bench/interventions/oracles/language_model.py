"""A language model as oracle, behind any engine or server: the run's base model itself, or a stronger one.

Each attempt is asked about ``proposals`` times. What a reply lacks, and what became of a request that has none, is the
status of its proposal, so that nothing is lost without being counted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from int_bench.chats.base import Message, Query, Reply
from int_bench.chats.tally import Tallied
from int_bench.config.oracles import Given, Style
from int_bench.engines.base import SamplingSettings
from int_bench.errors import UserError
from int_bench.grading import Grader, Response
from int_bench.interventions.oracles.asking import check_turn
from int_bench.interventions.oracles.base import Case, Oracle, Proposal
from int_bench.interventions.oracles.dialogue import heard_about, replies_to, shortened, solved_first, two_turns
from int_bench.interventions.parse import parse_reply
from int_bench.prompts import render
from int_bench.records import Problem

NO_REFERENCE = Proposal("no_reference")
"""Of a problem without the reference solution that the oracle should see."""


@dataclass
class LanguageModel(Oracle):
    """Asks a language model; ``shortened`` counts the prompts that did not hold a whole attempt."""

    chats: Tallied
    style: Style
    given: Given
    proposals: int
    settings: SamplingSettings
    grader: Grader
    shortened: int = 0

    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        """See :class:`Oracle`; the proposals on an attempt are in the order of the samples that they come from."""
        chats, settings, given, proposals = self.chats, self.settings, self.given, self.proposals
        able = [case for case in cases if given != "solution" or case.problem.reference is not None]

        def conversation(case: Case, before: Reply | None, steps: Sequence[str]) -> tuple[Message, ...]:
            check = check_turn(self.style, case.problem, given, steps, len(case.steps))
            return two_turns(case, before, given, check)

        solved = solved_first(chats, settings, able, given, proposals) if self.style == "two_turn" else {}
        heard = heard_about(chats, settings, able, proposals, "verify", conversation, solved)
        self.shortened += shortened(heard, able)
        said = {name: proposals_of(reply, shown) for name, (reply, shown) in heard.items()}
        absent = [NO_REFERENCE]
        return [[one for sample in range(proposals) for one in said.get((case.key, sample), absent)] for case in cases]

    @property
    def facts(self) -> dict[str, float]:
        """See :class:`Oracle`: queries by what became of them, tokens, dollars, and prompts that were shortened."""
        return {**asdict(self.chats.costs), "shortened": self.shortened}

    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        """See :class:`Oracle`; the model sees the problem alone.

        Raises UserError if a server went on failing at some: they are neither solved nor unsolved.
        """
        queries = [
            Query(f"alone/{row.problem_id}", (Message("user", render("alone", problem=row.text)),)) for row in problems
        ]
        replies = replies_to(self.chats, queries, self.settings)
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
