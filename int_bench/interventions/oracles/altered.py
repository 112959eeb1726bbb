"""Another oracle's steps, put at another place or with another content: what an intervention owes to either.

Contents:

``wrong``     the corrected value is off by a random amount
``swapped``   what the oracle wrote for the next problem, counted round
``generic``   a sentence that says nothing of the problem
``bare``      the corrected value without its working, ``c=2`` for ``c=9-7=2``: half the tokens, and no step has fewer
``double``    the right step of the variable before it is said again first: twice the tokens
``sketch``    the right steps after it follow, but for the last variable's, which would complete the answer
``original``  the attempt's own step at the place that the oracle names

What is written is held to the same rules as any intervention: one that gives the answer away is none, and the verifier
judges it as it stands.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from int_bench.config.oracles import Content, Place, Shift
from int_bench.interventions.oracles.base import Case, Oracle, Proposal
from int_bench.interventions.oracles.exact import slipped
from int_bench.records import Problem
from int_bench.synthetic.student import BLANK, right_step
from int_bench.synthetic.world import parse_program

GENERIC = "Wait, let me check that again."


@dataclass(frozen=True, slots=True)
class Altered(Oracle):
    """The answers of another oracle, of which those that hold a step within the attempt are altered.

    Where two attempts are the same up to there, and corrected alike, they are altered alike: what would be dropped as a
    duplicate is one still, and the number of different interventions is about that of the other oracle.
    """

    other: Oracle
    place: Place | None
    content: Content | None

    def ask(self, cases: Sequence[Case]) -> list[list[Proposal]]:
        """See :class:`Oracle`."""
        said = self.other.ask(cases)
        if self.content == "swapped":
            said = swapped(cases, said)
        drawn: dict[tuple[str, tuple[str, ...], str], np.random.Generator] = {}

        def altered(case: Case, proposal: Proposal) -> Proposal:
            place = proposal.location
            if proposal.status != "proposed" or place is None or not 0 <= place < len(case.steps):
                return proposal
            same = case.problem.problem_id, case.steps[: place + 1], proposal.content
            rng = deepcopy(drawn.setdefault(same, case.rng))
            content = rewritten(self.content, proposal.content, case, place, rng)
            return replace(proposal, location=moved(self.place, place, len(case.steps), rng), content=content)

        return [[altered(case, one) for one in proposals] for case, proposals in zip(cases, said, strict=True)]

    @property
    def facts(self) -> dict[str, float]:
        """See :class:`Oracle`."""
        return self.other.facts

    def solved(self, problems: Sequence[Problem], rng: np.random.Generator) -> Collection[str]:
        """See :class:`Oracle`; the problems that the other oracle solves."""
        return self.other.solved(problems, rng)


def moved(place: Place | None, location: int, steps: int, rng: np.random.Generator) -> int:
    """Another step of an attempt of so many.

    A shift ends at the first step, or at the last, which in a finished attempt holds the answer.

    >>> rng = np.random.default_rng(0)
    >>> [moved(Shift(steps=by), 2, 6, rng) for by in (-5, -1, 0, 1, 5)], moved(Shift(share=0.2), 2, 6, rng)
    ([0, 1, 2, 3, 5], 3)
    """
    match place:
        case "first":
            return 0
        case "random":
            return int(rng.integers(steps))
        case Shift():
            return min(max(0, location + place.steps + round(place.share * steps)), steps - 1)
    return location


def rewritten(content: Content | None, written: str, case: Case, location: int, rng: np.random.Generator) -> str:
    """What stands instead of a step that the oracle wrote for a place."""
    match content:
        case "generic":
            return GENERIC
        case "original":
            return case.steps[location].strip()
        case "wrong":
            return slipped(written, rng)
        case "bare":
            name, *_, value = written.split("=")
            return f"{name}={value}"
        case "double":
            return BLANK.join([*_right_steps(case.problem, written, before=True)[-1:], written])
        case "sketch":
            return BLANK.join([written, *_right_steps(case.problem, written, before=False)[:-1]])
    return written  # as it is, or swapped before


def swapped(cases: Sequence[Case], said: Sequence[Sequence[Proposal]]) -> list[list[Proposal]]:
    """The same proposals, of which the n-th for each problem has the content of the n-th for the next one.

    The last problem takes the first one's; where one has fewer, they are gone through again.
    """
    written: dict[str, list[str]] = defaultdict(list)
    for case, proposals in zip(cases, said, strict=True):
        for one in proposals:
            if one.status == "proposed":
                written[case.problem.problem_id].append(one.content)
    names = list(written)
    following = dict(zip(names, [*names[1:], *names[:1]], strict=True))
    taken: Counter[str] = Counter()

    def swap(name: str, proposal: Proposal) -> Proposal:
        if proposal.status != "proposed":
            return proposal
        if len(names) == 1:
            return Proposal("no_other", proposal.location, proposal.category)
        contents = written[following[name]]
        taken[name] += 1
        return replace(proposal, content=contents[(taken[name] - 1) % len(contents)])

    return [
        [swap(case.problem.problem_id, one) for one in proposals] for case, proposals in zip(cases, said, strict=True)
    ]


def _right_steps(problem: Problem, written: str, before: bool) -> list[str]:
    """The right steps of all variables before, or after, the one that a step is about, in the problem's order."""
    program = parse_program(problem.text)
    truth = program.values()
    names = [operation.target for operation in program.operations]
    at = names.index(written.removeprefix("Wait, ")[0])
    some = program.operations[:at] if before else program.operations[at + 1 :]
    return [right_step(operation, truth[operation.parent]) for operation in some]
