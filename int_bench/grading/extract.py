r"""Find the answers of a response: the contents of its balanced ``\boxed{...}`` and ``\fbox{...}``.

Only the text after the last ``</think>`` counts, if there is one, and of that only the boxes that the model completed
itself, after the text that was handed over to it. Braces are paired as TeX pairs them: ``\{`` and ``\}`` are characters
of the answer, not braces. One pass over the text with a stack of open braces takes linear time on any input; searching
for the partner of each brace would take quadratic time on a response that repeats an open brace.
"""

from __future__ import annotations

import re

# A box opens, a character is escaped, or a brace stands for itself. The second backslash of ``\\boxed`` still opens a
# box: models write it that way when they copy from JSON.
_TOKEN = re.compile(r"(?P<box>\\(?:boxed|fbox)\s*\{)|\\(?!\\(?:boxed|fbox))[\\{}]|(?P<open>\{)|(?P<close>\})")


def extract_answers(text: str, start: int = 0) -> list[str]:
    r"""Return the contents of the boxes that close at or after ``start``, stripped, in the order in which they open.

    Of nested boxes the outer one comes first, so that the last answer is the inner one.

    >>> extract_answers(r"<think>\boxed{1}?</think> So \boxed{2} or \boxed{\frac{1}{2}}.")
    ['2', '\\frac{1}{2}']
    >>> extract_answers(r"It is \boxed{\frac{1}{2}")
    []
    """
    opened: list[int | None] = []  # where the content of each open box starts; None for a plain brace
    found: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text, text.rfind("</think>") + 1):
        if token["box"]:
            opened.append(token.end())
        elif token["open"]:
            opened.append(None)
        elif token["close"] and opened:
            content = opened.pop()
            if content is not None and token.start() >= start:
                found.append((content, token.start()))
    return [text[slice(*span)].strip() for span in sorted(found)]


def extract_answer(text: str, start: int = 0) -> str | None:
    r"""Return the last of :func:`extract_answers`, or None if there is none.

    >>> extract_answer(r"\boxed{2}, I mean \boxed{3}")
    '3'
    """
    answers = extract_answers(text, start)
    return answers[-1] if answers else None
