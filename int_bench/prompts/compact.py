"""What the taught model is shown and what it says as its own oracle, in as few tokens as it can."""

from __future__ import annotations

import json
from collections.abc import Sequence


def numbered(steps: Sequence[str]) -> str:
    r"""The steps of an attempt, one a line, counted from 1.

    >>> numbered(["b=3-6=7\n\n", "\\boxed{7}"])
    '1:b=3-6=7\n2:\\boxed{7}'
    """
    return "\n".join(f"{number}:{step.strip()}" for number, step in enumerate(steps, start=1))


def shown_reference(reference: str) -> str:
    """A reference solution."""
    return f"Reference: {reference}"


def shown_answer(answer: str) -> str:
    r"""The answer alone.

    >>> shown_answer("(7,2,4)")
    'Answer: \\boxed{7,2,4}'
    """
    return f"Answer: \\boxed{{{answer.strip('()')}}}"


def intervention(location: int | None, content: str = "") -> str:
    """The object of a reply, with the location counted from 0 here and from 1 there; None: there is no error.

    >>> intervention(1, "c=9-7=2")
    '<intervention>{"location": 2, "content": "c=9-7=2"}</intervention>'
    >>> intervention(None)
    '<intervention>null</intervention>'
    """
    found = None if location is None else {"location": location + 1, "content": content}
    return f"<intervention>{json.dumps(found)}</intervention>"
