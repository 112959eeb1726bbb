"""The section ``companions``: other runs that the tables of this one stand beside."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from int_bench.config.section import Name, Section

CompanionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*$")]
"""It begins the names of the companion's rules."""


class CompanionConfig(Section):
    """Another run: this one with an ``override`` laid over it, or that of another file of configs/.

    A companion with another ``base`` model gives Table 2 its second half. One with another ``seed`` is the same
    experiment once more: claims and the table of seeds pool it with this run.
    """

    role: Literal["base", "seed"]
    config: Name | None = None
    override: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _either(self) -> CompanionConfig:
        if (self.config is None) == (not self.override):
            raise ValueError("give either config or override")
        return self
