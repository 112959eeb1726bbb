"""What all sections of a configuration are made of: kinds of values, the base class, and the error for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from int_bench.errors import UserError

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Interval = tuple[Count, Count]


class ConfigError(UserError):
    """A configuration that cannot be used; the message names the key and what is wrong with it."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the known one most like it, if any is.

    >>> nearest("steps_", ["steps", "seed"])
    "; did you mean 'steps'?"
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


class Section(BaseModel):
    """Base of all sections: frozen, and closed to unknown keys and to numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def without_null(given: Any) -> Any:
    """A mapping without its null entries, so that an override can take an entry away; anything else as it is.

    >>> without_null({"int": {}, "suffix": None})
    {'int': {}}
    """
    return {key: value for key, value in given.items() if value is not None} if isinstance(given, dict) else given
