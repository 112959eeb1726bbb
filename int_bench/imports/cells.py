"""The cells of one row of a published data set: of the right type, or an error that names source, row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from int_bench.errors import UserError

# One number among words, such as "Substep 12". A minus before it would change it.
_PLACE = re.compile(r"[^0-9-]*([0-9]{1,9})[^0-9]*")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row with its number, from 1, in the source that it is from."""

    source: str
    number: int
    row: Mapping[str, Any]

    def text(self, column: str) -> str:
        """A text; empty for a missing one."""
        return self._text(column, self.row.get(column))

    def intervention(self) -> tuple[str, Any] | None:
        """The content without white space around it, and the location as it is; None where there is neither."""
        value = self.row.get("intervention")
        if value is None:
            return None
        if not isinstance(value, Mapping) or not {"content", "location"} <= set(value):
            raise self.error("intervention", "is no mapping of content and location")
        if value["content"] is None and value["location"] is None:  # how some files write that there is none
            return None
        return self._text("intervention.content", value["content"]).strip(), value["location"]

    def error(self, column: str, what: str) -> UserError:
        """The error that a cell is."""
        return UserError(f"{self.source}: row {self.number}, column {column}: {what}")

    def _text(self, column: str, value: Any) -> str:
        if value is not None and not isinstance(value, str):
            raise self.error(column, f"is {type(value).__name__}, where a text was expected")
        return value or ""


def location_of(value: Any) -> int | None:
    """The number of a step in whatever form it was written down; None where there is no single whole number.

    >>> [location_of(value) for value in (12, 3.0, "12", "Substep 12", "**Substep 12:**")]
    [12, 3, 12, 12, 12]
    >>> [location_of(value) for value in (None, 3.5, "", "Substep", "Substeps 3-4", "3.5", "-1")]
    [None, None, None, None, None, None, None]
    """
    if isinstance(value, str):
        found = _PLACE.fullmatch(value)
        return int(found[1]) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value == value // 1 else None
