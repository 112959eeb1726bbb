"""Segment a trace into steps (section 4.1), so that joining the steps gives the trace back."""

from __future__ import annotations

import re

from int_bench.config import StepsConfig

SEPARATOR = "\n\n"
"""What stands between an intervention and the step that follows it."""

_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def split_steps(trace: str, config: StepsConfig) -> list[str]:
    r"""Steps of a trace, each with the white space that follows it.

    >>> split_steps("b=1\n\nc=2\n\nWait, c=3", StepsConfig())
    ['b=1\n\n', 'c=2\n\n', 'Wait, c=3']
    >>> split_steps("Try x=1. Wait, that fails.", StepsConfig(split="keywords"))
    ['Try x=1. ', 'Wait, that fails.']
    """
    cuts = [match.end() for match in _BLANK_LINE.finditer(trace)]
    if config.split == "keywords":
        words = "|".join(re.escape(word) for word in config.keywords)
        cuts += [match.start() for match in re.finditer(rf"(?<=\s)(?:{words})\b", trace)]
    ends = sorted({cut for cut in cuts if 0 < cut < len(trace)} | {len(trace)})
    return [trace[start:end] for start, end in zip([0, *ends], ends, strict=False) if trace[start:end].strip()]
