"""The section ``solutions``: whose whole solutions of the hard training problems are cloned (Appendices I and J)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from int_bench.config.chats import ChatConfig
from int_bench.config.section import Positive, Section

WorldStyle = Literal["worked", "explained", "think", "summary"]
RefinedStyle = Literal["full", "compact"]


class ReferenceSolutions(Section):
    """The reference solutions that come with the problems ("Gold", mostly written by people)."""

    kind: Literal["references"]


class WorldSolutions(Section):
    """Right solutions that the synthetic world writes in a ``style`` of its own (see ``solutions/world.py``).

    ``worked`` is the student's own form, ``explained`` a teacher's in whole sentences, ``think`` and ``summary`` are
    the two parts of a long trace that doubts and checks itself.
    """

    kind: Literal["world"]
    style: WorldStyle


class ReplaySolutions(Section):
    """Solutions read from a JSONL file: ``problem_id, text``."""

    kind: Literal["replay"]
    source: str


class RefinedSolutions(Section):
    """What a language model, by default the base model, makes of a failed attempt when it sees the reference (App. J).

    It is asked ``proposals`` times about each attempt, and what reaches the answer is kept, one a problem.
    """

    kind: Literal["refined"]
    chat: ChatConfig = ChatConfig()
    style: RefinedStyle = "full"
    proposals: Positive = 1


class SampledSolutions(Section):
    """Rejection sampling: correct ones among the base model's own rollouts, as many as InT's filter may sample.

    So many are drawn for each problem as there may be interventions on its attempts, times the samples of the filter.
    """

    kind: Literal["sampled"]


SolutionsConfig = Annotated[
    ReferenceSolutions | WorldSolutions | ReplaySolutions | RefinedSolutions | SampledSolutions,
    Field(discriminator="kind"),
]
"""Whose solutions."""
