"""How often places would be right that say nothing of the attempt they are named for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence


def shuffled_hits(named: Sequence[int | None], true: Sequence[int], problems: Sequence[Hashable]) -> list[float]:
    """For each attempt the chance that its true place is the one named for an attempt at another problem.

    So an oracle that always names the same place, or places drawn from whatever distribution without a look at the
    attempt, has no lead over this, as it would have over places drawn evenly. None names no place. NaN if there is no
    other problem.

    >>> shuffled_hits([1, 1, 1, 1], [1, 2, 1, 3], "abcd")
    [1.0, 0.0, 1.0, 0.0]
    >>> shuffled_hits([0, 3, None], [0, 3, 3], "abc")
    [0.0, 0.0, 0.5]
    """
    everywhere: Counter[int | None] = Counter(named)
    own: dict[Hashable, Counter[int | None]] = defaultdict(Counter)
    for place, problem in zip(named, problems, strict=True):
        own[problem][place] += 1
    chances = []
    for place, problem in zip(true, problems, strict=True):
        others = len(named) - own[problem].total()
        chances.append((everywhere[place] - own[problem][place]) / others if others else float("nan"))
    return chances
