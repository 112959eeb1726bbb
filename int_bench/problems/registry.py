"""The registry: where each pool and benchmark of the paper comes from, read from ``registry.yaml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import Field

from int_bench.config.problems import Columns, Draw
from int_bench.config.section import ConfigError, Positive, Section, nearest

BUNDLED = "bundled:"


class Row(Section):
    """One pool or benchmark.

    The first fields are those of a configuration's :class:`~int_bench.config.ProblemFile`. ``budget`` is the largest
    number of new tokens a rollout may have. ``checked`` says how id and columns are known: "bundled" (the file is here
    and is read by the tests), "card" (the data set's card says so), "code" (public code loads it so), or "no".
    """

    kind: Literal["benchmark", "pool"]
    source: str
    subset: str | None = None
    split: str = "train"
    revision: str | None = None
    columns: Columns = Columns(reference=None)
    without: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    draw: Draw | None = None
    expected: Positive | tuple[Positive, Positive] | None = None
    budget: Positive = 32768
    licence: str
    checked: Literal["bundled", "card", "code", "no"]
    note: str = ""

    @property
    def bundled(self) -> bool:
        """Whether the problems come with the package."""
        return self.source.startswith(BUNDLED)

    @property
    def size(self) -> str:
        """The expected number of problems in words; empty if it is not known."""
        bounds = self.expected if isinstance(self.expected, tuple) else (self.expected,)
        return " to ".join(str(bound) for bound in bounds if bound)

    def source_fields(self) -> dict[str, Any]:
        """What a configuration takes over from this row."""
        return self.model_dump(exclude={"kind", "budget", "licence", "checked", "note"})


@cache
def registry() -> dict[str, Row]:
    """All rows by name, in the order of the file."""
    text = (files("int_bench.problems") / "registry.yaml").read_text(encoding="utf-8")
    return {name: Row.model_validate(row) for name, row in yaml.safe_load(text).items()}


def entry(name: str) -> Row:
    """The row of that name.

    >>> entry("olymmath-en-easy").expected
    100

    Raises ConfigError naming the most similar row for an unknown name.
    """
    if name not in registry():
        near = nearest(name, registry()) or "; `int-bench benchmarks` lists them"
        raise ConfigError(f"no pool or benchmark {name!r} in the registry{near}")
    return registry()[name]
