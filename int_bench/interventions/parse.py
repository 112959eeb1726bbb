"""Find the proposals in a language model's reply, and the category in a judge's.

Two forms are read alike: ``<replacement> [{"location": N, "content": "..."}, ...] </replacement>`` (Appendix A) and
``<intervention> {"location": N, "content": "..."} </intervention>`` (the paper's final version). What counts is

1. what follows the last ``</think>``, if there is a block in it, for a thought may hold drafts;
2. of the blocks there the last that can be read, for a reply may revise itself;
3. of a block that is not closed (the reply was cut off) the objects that are complete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from int_bench.interventions.loose_json import read_values

Status = Literal["parsed", "no_error", "no_block", "unreadable", "no_location", "no_content"]
Category = Literal["HIGH", "EXECUTION"]

_THOUGHT_END = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_TAG = re.compile(r"<\s{0,9}(/?)\s{0,9}(?:intervention|replacement)s?\b[^<>]{0,200}>", re.IGNORECASE)
_FENCE = re.compile(r"```\w{0,20}")
_NOTHING = re.compile(r"(?:null|none|n/a|no (?:\w{1,20} ){0,2}errors?(?: (?:was |were )?found)?|)\.?", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.,/])(?:(?<!\w)[-\u2212])?\d{1,9}(?:\.0{1,9})?(?![.,/]?\d)")
_BLOCKS = 4
_WRAPPERS = ("intervention", "interventions", "replacement", "replacements")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Parsed:
    """One candidate of a reply, or why there is none.

    ``location`` is the number as the model wrote it (from 1, and perhaps outside the trace). The status is

    - ``parsed``: location and content were found;
    - ``no_error``: the model says that nothing is wrong (``null``, ``{}`` or ``[]``);
    - ``no_block``: the reply has no tags of an intervention;
    - ``unreadable``: no block holds an object or a list, or none that is complete;
    - ``no_location``: the candidate has no whole number as its location;
    - ``no_content``: it has no text.
    """

    status: Status
    location: int | None = None
    content: str = ""
    category: Category | None = None


def parse_reply(text: str) -> list[Parsed]:
    r"""The candidates of a reply in order, one at least; never raises.

    >>> parse_reply('<replacement> [{"location": "Step 3", "content": "So $\\frac{1}{2}$"},] </replacement>')
    [Parsed(status='parsed', location=3, content='So $\\frac{1}{2}$', category=None)]
    >>> parse_reply("<intervention> {} </intervention>")[0].status
    'no_error'
    """
    blocks = _blocks(_verdict(text)) or _blocks(text)
    if not blocks:
        return [Parsed("no_block")]
    filled = [(block, closed) for block, closed in blocks if block.strip()]
    # A reply has a draft or two: more blocks are garbage, on which no time is spent.
    for block, closed in reversed(filled[-_BLOCKS:]):
        try:
            return _candidates(block, closed)
        except ValueError:
            continue
    return [Parsed("unreadable")]


def _verdict(text: str) -> str:
    """What follows the last thought."""
    return text[max((match.end() for match in _THOUGHT_END.finditer(text)), default=0) :]


def _blocks(text: str) -> list[tuple[str, bool]]:
    """What follows each opening tag up to the next tag, and whether that closes it."""
    tags = list(_TAG.finditer(text))
    ends = [(tag.start(), bool(tag[1])) for tag in tags[1:]] + [(len(text), False)]
    return [(text[tag.end() : end], closed) for tag, (end, closed) in zip(tags, ends, strict=False) if not tag[1]]


def _candidates(block: str, closed: bool) -> list[Parsed]:
    """The candidates of one block; raises ValueError if it holds neither an object nor a list of them."""
    if closed and _says_nothing(_FENCE.sub("", block)):
        return [Parsed("no_error")]
    items = [item for item in _flat(read_values(block, cut_off=not closed), _DEEPEST) if item not in (None, {})]
    if not items:
        return [Parsed("no_error")]
    objects = [item for item in items if isinstance(item, dict)]
    if not objects:
        raise ValueError("no object")
    return [_candidate({str(key).strip().lower(): value for key, value in item.items()}) for item in objects]


def _flat(value: object, depth: int) -> list[object]:
    """The candidates in lists and wrappers, ``{"intervention": {...}}``; raises ValueError if nested deep."""
    if depth < 0:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [item for inner in value for item in _flat(inner, depth - 1)]
    if isinstance(value, dict) and len(value) == 1:
        ((key, inner),) = value.items()
        if str(key).strip().lower() in _WRAPPERS:
            return _flat(inner, depth - 1)
    return [value]


def _candidate(fields: dict[str, object]) -> Parsed:
    location, content = _location(fields.get("location")), _content(fields.get("content"))
    label = fields.get("category")
    category = parse_category(label) if isinstance(label, str) else None
    if location is None and not content and _says_nothing(fields.get("location", "?")):
        return Parsed("no_error")
    if location is None:
        return Parsed("no_location", None, content, category)
    return Parsed("parsed" if content else "no_content", location, content, category)


def _says_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and _NOTHING.fullmatch(value.strip(" \n\t\r\"'`")) is not None)


def _location(value: object) -> int | None:
    """The first whole number of what stands for a location: "12", "Substep 12.", [12], 12.0."""
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    number = _NUMBER.search(value) if isinstance(value, str) else None
    return int(number[0].split(".")[0].replace("\u2212", "-")) if number else None


def _content(value: object) -> str:
    """The text of a content; "" for what is neither a text, a number, nor a list of them."""
    if isinstance(value, list):
        return "\n".join(filter(None, (_content(line) for line in value if not isinstance(line, list))))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # Halves of surrogate pairs are joined, and lone ones replaced: no file could hold them.
    return str(value).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").strip()


_LONGEST_VERDICT = 20_000
_WORD = re.compile(r"(?<![A-Za-z])(high|execution)(?![A-Za-z])", re.IGNORECASE)
_CAPITALS = re.compile(r"(?<![A-Za-z])(HIGH|EXECUTION)(?![A-Za-z])")
_DENIED = re.compile(
    r"\b(?:not|than|instead of|isn['\u2019]t)[\s*_`\"']{1,5}(?:an? )?[*_`\"']{0,3}(?:high|execution)\b", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[\n.!?;:()\u2013\u2014]|\s-\s")
_ALONE = re.compile(r"[\W_]*(?:an? )?(?:high|execution)(?:[- _]level)?(?:[- _](?:mistake|error))?[\W_]*", re.IGNORECASE)
_NAMED = re.compile(r"(?:high|execution)(?:[- _]level)?[- _](?:mistake|error)", re.IGNORECASE)


def parse_category(text: str) -> Category | None:
    """The category in a judge's reply, or None if it names none or both alike; never raises.

    A sentence that holds nothing else decides; else one with the word in capitals, as the prompt asks for; else one
    that names the mistake ("a high-level mistake"). Of several such the last one decides, and it must name one category
    only. Failing all these the whole reply must name one only.

    >>> [parse_category(text) for text in ("**HIGH**", "Execution. The high-level plan is right.", "HIGH/EXECUTION")]
    ['HIGH', 'EXECUTION', None]
    """
    verdict = _verdict(text)[-_LONGEST_VERDICT:]
    said = _DENIED.sub("", verdict if _WORD.search(verdict) else text[-_LONGEST_VERDICT:])
    sentences = [sentence for sentence in _SENTENCE_END.split(said) if _WORD.search(sentence)]
    for decides, word in ((_ALONE.fullmatch, _WORD), (_CAPITALS.search, _CAPITALS), (_NAMED.search, _WORD)):
        verdicts = [sentence for sentence in sentences if decides(sentence)]
        if verdicts:
            return _only(verdicts[-1], word)
    return _only(said, _WORD)


def _only(text: str, word: re.Pattern[str]) -> Category | None:
    found = {name.upper() for name in word.findall(text)}
    if found == {"HIGH"}:
        return "HIGH"
    return "EXECUTION" if found == {"EXECUTION"} else None
