r"""Find the answer of a response: the content of its last balanced ``\boxed{...}`` or ``\fbox{...}``.

Only the text after the last ``</think>`` counts, if there is one. "Last" means the box that opens last, so of nested
boxes the inner one is the answer. Braces are paired as TeX pairs them: ``\{`` and ``\}`` are characters of the
answer, not braces. One pass over the text with a stack of open braces takes linear time on any input; searching for
the partner of each brace would take quadratic time on a response that repeats an open brace.
"""

from __future__ import annotations

import re

# A box opens, a character is escaped, or a brace stands for itself. The second backslash of ``\\boxed`` still opens a
# box: models write it that way when they copy from JSON.
_TOKEN = re.compile(r"(?P<box>\\(?:boxed|fbox)\s*\{)|\\(?!\\(?:boxed|fbox))[\\{}]|(?P<open>\{)|(?P<close>\})")


def extract_answer(text: str) -> str | None:
    r"""Return the content of the last balanced box after the think part, stripped, or None if there is no such box.

    >>> extract_answer(r"<think>\boxed{1}?</think> So \boxed{2} or rather \boxed{\frac{1}{2}}.")
    '\\frac{1}{2}'
    >>> extract_answer(r"It is \boxed{\frac{1}{2}") is None
    True
    """
    text = text.rpartition("</think>")[2]
    opened: list[int | None] = []  # where the content of each open box starts; None for a plain brace
    last: tuple[int, int] | None = None
    for token in _TOKEN.finditer(text):
        if token["box"]:
            opened.append(token.end())
        elif token["open"]:
            opened.append(None)
        elif token["close"] and opened:
            start = opened.pop()
            if start is not None and (last is None or start > last[0]):
                last = start, token.start()
    return text[slice(*last)].strip() if last else None
