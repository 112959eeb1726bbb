"""The rounds in which a request that may stop early is sampled."""

from __future__ import annotations

import math


def growing(first: int, most: int) -> list[int]:
    """How many samples there are after each round: twice as many as after the last.

    >>> growing(4, 50)
    [4, 8, 16, 32, 50]
    """
    return [min(first * 2**i, most) for i in range(1 + max(0, math.ceil(math.log2(most / first))))]
