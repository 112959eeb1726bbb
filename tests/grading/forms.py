r"""Other ways to write a gold answer, and answers that are near it and wrong.

Everything works on the text alone, apart from the grader's own reading of it, so that a mistake of the grader cannot
hide in both.
"""

from __future__ import annotations

import re

_OPEN, _CLOSE = "([{", ")]}"
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.\\])[0-9]+(?:\.[0-9]+)?")


def written_forms(gold: str) -> list[str]:
    """Five forms of a gold answer: as it is, dressed up, respelled, reordered, and calculated."""
    gold = gold.strip()
    return [gold, _dressed(gold), _respelled(gold), _reordered(gold), _calculated(gold)]


def changed(gold: str) -> list[str]:
    """Wrong answers: another sign, another digit, an element less, ends of an interval swapped."""
    core = bare(gold)
    answers = [_negated(core), _another_digit(core)]
    if is_words(gold):
        return []
    opening, closing = _brackets(core)
    elements = split(_inner(core), grouped=not opening)
    if len(elements) > 1:
        shorter = opening + ",".join(elements[:-1]) + closing
        answers.append(shorter)
    if len(elements) == 2 and elements[0] != elements[1] and core[:1] in "([" and core[-1:] in ")]":
        answers.append({"(": "[", "[": "("}[core[0]] + core[1:-1] + core[-1])
        answers.append(f"{core[0]}{elements[1]},{elements[0]}{core[-1]}")
    return [answer for answer in dict.fromkeys(answers) if answer and answer != core]


def bare(gold: str) -> str:
    """The gold answer without dollars, final stop, sizes and line ends."""
    gold = re.sub(r"\\(?:left|right)(?![A-Za-z])", "", re.sub(r"\\?\$", "", gold))
    return " ".join(gold.split()).rstrip(". ")


def split(text: str, grouped: bool = True) -> list[str]:
    """Cut at commas outside of brackets; where they may be grouped, thousands stay together."""
    if grouped and re.fullmatch(r"[0-9]{1,3}(,(\\!)? ?[0-9]{3})+", text):
        return [text]
    parts, depth, start = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if sign == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [*parts, text[start:].strip()]


def is_words(gold: str) -> bool:
    """Whether a gold answer holds words or dots: what no rewriting of formulas may touch."""
    plain = re.sub(r"\\(?!text|mbox)[A-Za-z]+", " ", gold)
    return (
        bool(re.search("[A-Za-z]{3,}|(?<![A-Za-z])(?:odd|all|if|is|no|and|for|or)(?![A-Za-z])", plain))
        or "dots" in gold
    )


def _brackets(core: str) -> tuple[str, str]:
    for opening, closing in ((r"\{", r"\}"), ("(", ")"), ("[", "]"), ("(", "]"), ("[", ")")):
        inner = core[len(opening) : len(core) - len(closing)]
        if core.startswith(opening) and core.endswith(closing) and _whole(inner):
            return opening, closing
    return "", ""


def _whole(inner: str) -> bool:
    depth = 0
    for sign in inner:
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth < 0:
            return False
    return depth == 0


def _inner(core: str) -> str:
    opening, closing = _brackets(core)
    return core[len(opening) : len(core) - len(closing)]


def _dressed(gold: str) -> str:
    return f"$ {bare(gold)} $.".replace(r"\frac", r"\dfrac").replace("(", r"\left( ").replace(")", r" \right)")


def _respelled(gold: str) -> str:
    core = re.sub(r"\\frac\{([0-9]+)\}\{([0-9]+)\}(?![A-Za-z0-9({\\])", r"\1/\2", bare(gold))
    core = re.sub(r"(?<=[0-9)}])(\\frac)", r"\1", core) if core == bare(gold) else _safe(core, gold)
    core = re.sub(r"\\sqrt\{([0-9])\}", r"\\sqrt\1", core)
    core = (
        re.sub(r"(?<![0-9.{^_,!])([0-9]{1,3})([0-9]{3})(?![0-9.,\\}_^!])", r"\1{,}\2", core) if core.isdigit() else core
    )
    return core.replace(r"\le ", r"\leq ")


def _safe(core: str, gold: str) -> str:
    r"""A slash only where no factor stands before the fraction: ``2\frac12`` must not become ``21/2``."""
    return bare(gold) if re.search(r"[0-9A-Za-z)}]\\frac", bare(gold)) or "^" in gold else core


def _reordered(gold: str) -> str:
    core = bare(gold)
    opening, closing = _brackets(core)
    elements = split(_inner(core), grouped=not opening)
    if len(elements) > 1 and (opening, closing) in (("", ""), (r"\{", r"\}")) and not is_words(gold):
        return opening + ", ".join(reversed(elements)) + closing
    terms = re.fullmatch(
        r"((?:[^-+(){}\[\],=\\]|\\[A-Za-z]+\{[^{}]*\}|\\[a-z]+)+)\+((?:[^-+(){}\[\],=\\]|\\[A-Za-z]+\{[^{}]*\})+)",
        core.replace(" ", ""),
    )
    if terms and not is_words(gold) and "text" not in core:
        return f"{terms[2]} + {terms[1]}"
    return core if len(elements) > 1 or is_words(gold) or re.search(r"[=<>_]|\\(?:le|ge|in)", core) else f"x = {core}"


def _calculated(gold: str) -> str:
    """The answer, or the elements of a tuple or list, doubled and halved."""
    core = bare(gold)
    if is_words(gold) or re.search(
        r"=|\\(?:text|mbox|cup|in|leq?|geq?|begin|pm|circ|\$|%|!|\{)(?![A-Za-z])|[<>_:]|infty", core
    ):
        return core
    opening, closing = _brackets(core)
    elements = split(_inner(core), grouped=not opening)
    if len(elements) == 1:
        opening = closing = ""
        elements = [core]
    doubled = [rf"\frac{{2({element.replace(',', '')})}}{{2}}" for element in elements]
    return opening + ",".join(doubled) + closing


def _negated(core: str) -> str:
    if (
        is_words(core)
        or "=" in core
        or re.search(r"\\(?:text\{\(|cup|in(?![A-Za-z])|le|ge|begin|pm|\{)|[<>]", core)
        or core == "0"
    ):
        return ""
    opening, closing = _brackets(core)
    elements = split(_inner(core), grouped=not opening)
    if len(elements) == 1:
        return core[1:] if core.startswith("-") and not re.search("[-+]", core[1:]) else f"-({core})"
    first = elements[0]
    negated = first[1:].strip() if first.startswith("-") else f"-{first}"
    if not re.fullmatch(r"-?[0-9.]+|-?\\frac\{[0-9]+\}\{[0-9]+\}", first) or first == "0" or negated in elements:
        return ""
    return opening + ",".join([negated, *elements[1:]]) + closing


def _another_digit(core: str) -> str:
    if is_words(core):
        return ""
    numbers = list(_NUMBER.finditer(core))
    if not numbers:
        return ""
    last = numbers[-1]
    number = last[0]
    other = number[:-1] + str((int(number[-1]) + 1) % 10 or 1)
    return core[: last.start()] + other + core[last.end() :] if other != number else ""
