"""The section ``oracles``: who finds the first error of a failed attempt and writes the corrective step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from int_bench.config.section import Fraction, Section


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


OracleConfig = Annotated[ExactOracle | NoisyOracle | RandomOracle | ReplayOracle, Field(discriminator="kind")]
OF_THE_WORLD = ("exact", "noisy", "random")
"""Kinds that need the exact verifier of the synthetic world."""
