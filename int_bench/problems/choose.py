"""Choosing problems out of a file: leaving out by a column's value, and a fixed draw with its complement."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from int_bench.config import Draw
from int_bench.errors import UserError

# An integer or a quotient of two, perhaps within one pair of dollars.
_SIMPLE = re.compile(r"(\$?)-?(?:[0-9]+(?:/[0-9]+)?|\\[dt]?frac\{-?[0-9]+\}\{[0-9]+\})\1\.?")


def is_simple(answer: str) -> bool:
    r"""Whether an answer is an integer or a simple fraction, as the paper's hand-picked problems have (Appendix H).

    >>> [is_simple(answer) for answer in ("2026", r"$-\frac{3}{4}$", "1/2", r"\sqrt{2}-1", "3, 4", "even $n$")]
    [True, True, True, False, False, False]
    """
    return _SIMPLE.fullmatch(answer.strip()) is not None


def drawn(rows: Sequence[Mapping[str, Any]], draw: Draw, identity: str, answer: str) -> list[int]:
    """Indices of the drawn rows, or with ``draw.rest`` of all others, in their own order.

    Within each value of ``draw.by`` the rows whose ``answer`` is simple are ranked by a digest of the seed and their
    ``identity`` (both name columns): the same rows whatever their order, the machine or the library.

    Raises UserError if a value has simple answers, but too few.
    """
    ranked: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for index, row in enumerate(rows):
        if is_simple(str(row[answer])):
            rank = hashlib.sha256(f"{draw.seed}/{row[identity]}".encode()).hexdigest()
            ranked[str(row[draw.by])].append((rank, index))
    for value, found in ranked.items():
        if len(found) < draw.each:
            raise UserError(
                f"{draw.by} {value!r} has {len(found)} problems with a simple answer, {draw.each} are drawn"
            )
    taken = {index for found in ranked.values() for _, index in sorted(found)[: draw.each]}
    return [index for index in range(len(rows)) if (index in taken) != draw.rest]


def without(rows: Sequence[Mapping[str, Any]], dropped: Mapping[str, Sequence[str]]) -> list[int]:
    """Indices of the rows in which no column has one of the values that are left out.

    >>> without([{"type": "number"}, {"type": "description"}], {"type": ["description"]})
    [0]
    """
    return [
        i for i, row in enumerate(rows) if not any(str(row[column]) in values for column, values in dropped.items())
    ]
