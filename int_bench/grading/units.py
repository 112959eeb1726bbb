r"""Take the unit off the end of an answer: ``5\text{ cm}^2``, ``5.4 cents``, ``15 square inches``."""

from __future__ import annotations

import re

from int_bench.grading.latex import is_word

_MARKED = re.compile(r"(?<=[0-9A-Za-z}) ])\\text ?\{ ?([A-Za-z][A-Za-z ./]*?)\.? ?\}(?:\^\{?([23])\}?)?\Z")
_BARE = re.compile(r"(?<=[0-9}) ])((?: ?[A-Za-z]{2,}+\.?){1,3}+)(?:\^\{?([23])\}?)?\Z")
_RELATION = re.compile(r"[<>]|\\(?:le|ge|ne|in)(?![A-Za-z])")
_NAMES = {
    "in": "inch", "inches": "inch", "cm": "centimeter", "mm": "millimeter", "km": "kilometer", "m": "meter",
    "ft": "foot", "feet": "foot", "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour",
    "g": "gram", "kg": "kilogram", "mph": "miles per hour",
}  # fmt: skip
SYMBOLS = frozenset(_NAMES)
# Words behind a number that change its value, or say when it holds.
_NO_UNITS = frozenset(
    "if when otherwise only is are not no all any odd even prime composite squarefree where for with and or does fails "  # noqa: SIM905
    "million millions thousand thousands hundred hundreds dozen dozens billion billions trillion trillions pair pairs "
    "score scores squared cubed factorial half halves third thirds quarter quarters fourth fourths fifth fifths sixth "
    "sixths seventh sevenths eighth eighths ninth ninths tenth tenths hundredth hundredths thousandth thousandths root "
    "plus minus negative positive below above zero times over mod modulo to the th st nd rd pi".split()
)
_POWERS = {"square": "2", "sq": "2", "cubic": "3"}


def without_unit(text: str) -> tuple[str, str]:
    r"""Return normalised text without its unit, and the unit's name; without a unit, the text and nothing.

    >>> without_unit(r"5\text{cm}^2"), without_unit("15 square inches"), without_unit(r"5\text{ million}")
    (('5', 'centimeter^2'), ('15', 'inch^2'), ('5\\text{ million}', ''))
    """
    match = _MARKED.search(text) or _BARE.search(text)
    if not match:
        return text, ""
    head, words = text[: match.start()].strip(), re.split(r"[ .]+", match[1].lower().strip(" ."))
    if not re.search(r"[0-9]|\\pi", head) or _RELATION.search(head) or _NO_UNITS.intersection(words):
        return text, ""
    if any((len(word) == 1 or (match.re is _BARE and not is_word(word))) and word not in SYMBOLS for word in words):
        return text, ""
    power = match[2] or _POWERS.get(words[0], "")
    names = [_NAMES.get(word, word.removesuffix("s")) for word in words if word not in _POWERS]
    return head, " ".join(names) + (f"^{power}" if power else "")
