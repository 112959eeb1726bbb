"""The section ``oracles``: who finds the first error of a failed attempt and writes the corrective step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from int_bench.config.chats import ChatConfig
from int_bench.config.section import Fraction, Name, Positive, Section

Style = Literal["two_turn", "single_turn", "compact"]
Given = Literal["solution", "answer", "nothing"]
Content = Literal["wrong", "swapped", "generic", "bare", "double", "sketch", "original"]


class ExactOracle(Section):
    """The world's verifier: finds the first uncorrected error and writes the right step."""

    kind: Literal["exact"]


class NoisyOracle(Section):
    """The exact oracle with a stated rate of wrong places and of wrong contents."""

    kind: Literal["noisy"]
    wrong_place: Fraction
    wrong_content: Fraction


class RandomOracle(Section):
    """Writes the right step at a place drawn at random: what an oracle is worth that does not find errors."""

    kind: Literal["random"]


class ReplayOracle(Section):
    """Interventions and solutions read from a JSONL file: ``problem_id, location, content, category``."""

    kind: Literal["replay"]
    source: str


class LanguageModelOracle(Section):
    """A language model: the run's base model itself, another one here, or one behind a server.

    ``style`` is how it is asked (``interventions/oracles/asking.py``); ``reference`` what it sees beside the problem:
    the reference solution, the answer alone, or nothing. It is asked ``proposals`` times about each attempt.
    """

    kind: Literal["language_model"]
    chat: ChatConfig = ChatConfig()
    style: Style = "two_turn"
    reference: Given = "solution"
    proposals: Positive = 1


class PeopleOracle(Section):
    """People, whose answers ``int-bench annotate`` saved under these names; each answer on an attempt is a proposal."""

    kind: Literal["people"]
    annotators: Annotated[tuple[Name, ...], Field(min_length=1)]


class Shift(Section):
    """So many ``steps`` later, or earlier if negative, and a ``share`` of the attempt's steps more."""

    steps: int = 0
    share: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.0


Place = Shift | Literal["first", "random"]


class AlteredOracle(Section):
    """Another oracle, by default the one in ``interventions``, of whose steps the ``place`` or ``content`` is altered.

    What each alteration does: ``interventions/oracles/altered.py``.
    """

    kind: Literal["altered"]
    of: Name | None = None
    place: Place | None = None
    content: Content | None = None

    @model_validator(mode="after")
    def _alters(self) -> AlteredOracle:
        if self.place is None and self.content is None:
            raise ValueError("alters nothing: give a place or a content")
        return self


class JudgeConfig(Section):
    """A language model that says of each error whether it is HIGH or EXECUTION (Appendix A)."""

    chat: ChatConfig = ChatConfig()
    style: Literal["full", "compact"] = "full"


OracleConfig = Annotated[
    ExactOracle | NoisyOracle | RandomOracle | ReplayOracle | LanguageModelOracle | PeopleOracle | AlteredOracle,
    Field(discriminator="kind"),
]
OF_THE_WORLD = ("exact", "noisy", "random")
"""Kinds that need the exact verifier of the synthetic world."""
OF_ITS_STEPS = ("wrong", "bare", "double", "sketch")
"""Contents that only a step of the synthetic world can be altered to."""
