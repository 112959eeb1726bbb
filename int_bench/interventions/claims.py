"""Phrases with which a text claims a value as the final answer, or arrives at one.

They stand before a value ("so the final answer is", "Answer:", "the sum we were asked for equals") or behind it ("is
our answer", "which is what the problem asks for"). A denial or a bound ("the answer is not", "is at most") is no claim,
for nothing but adverbs may stand between the phrase and the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from int_bench.interventions.expressions import Expression

_I = re.IGNORECASE
_KIND = r"(?:(?:final|correct|overall|desired|required|requested|numerical|exact|only)\s+)*"
_ANSWER = (
    rf"(?:(?<!to )(?<!wrong )(?<!false )(?<!incorrect )\b{_KIND}answers?"
    r"|\bans(?:\.|(?=\s?[:=]))|\bfinal\s+(?:numerical\s+)?(?:result|solution|value|count|total)s?"
    r"|\bsolutions?\s+(?:to|of)\s+(?:the|this|our)\s+(?:original\s+|given\s+)?(?:problem|question|exercise)"
    r"|\bask(?:ed|s|ing)\s+for(?=[^.;\n]{0,80}=))"
)
_ABOUT = r"(?:\s+(?:to|for|of|in)\s+[^.;:\n=]{1,60}?|,\s+as\s+[^,.;:\n=]{1,40},)"
_WANTED = (
    r"(?:we|you|I)(?:(?:\s+are|\s+were|\s+was|\s+am|['\u2019]re|['\u2019]m)\s+"
    r"(?:asked|looking|after|seeking|trying|supposed)|\s+(?:want(?:ed)?|seek|sought|need\s+to\s+(?:find|compute|report)))"
    r"(?:\s+(?:to\s+[a-z]+|for))?"
)
_DESCRIBED = (
    r"(?:\b(?:desired|requested|sought(?:-after)?|required|wanted)(?:\s+(?:\$[^$\n]{1,60}\$|[\w'()+-]+)){1,7}?"
    rf"|[\w$+)'-]\s+(?:(?:that|which)\s+)?{_WANTED})"
)
_ADVERBS = (
    r"(?:[\s,]+(?:therefore|thus|hence|then|indeed|simply|just|exactly|precisely|only|now|also|clearly|equal\s+to|"
    r"given\s+by|the\s+(?:number|value|integer|fraction|tuple|pair|triple|set|interval))(?![A-Za-z]))*,?"
)
_IS = (
    r"(?:(?:is|are|was|be|equals?|becomes?|comes?\s+(?:out\s+)?(?:to|as)(?:\s+be)?|turns?\s+out\s+to\s+be|"
    r"works?\s+out\s+to(?:\s+be)?|ends?\s+up\s+(?:as|being)|being)(?![A-Za-z])|=|:|\u2192)"
)
_VERB = rf"{_ADVERBS}[\s*_]*(?:(?:would|will|should|must|has\s+to|have\s+to|to|can\s+only)\s+)?{_IS}"
_GLUE = r"(?:[\s*_`$:=~&(]|\\[(\[,;!]){0,12}"
_BEFORE = re.compile(
    rf"(?:{_ANSWER}(?:{_ABOUT}?{_VERB}|\s+(?:of|as)(?![A-Za-z]))?|{_DESCRIBED}{_VERB}){_ADVERBS}[\s*_`:]*", _I
)
_DETOUR = re.compile(
    r"(?:(?!\bnot\b)[^.;\n]){1,80}?,?\s(?:(?:which|that|this)\s+(?:is|equals|gives|comes\s+to|evaluates\s+to)|"
    r"namely|i\.e\.,?|that\s+is,?)\s+",
    _I,
)
_BEHIND = re.compile(
    rf"(?:[\s$*_`)]|\\[)\]]){{0,8}}(?:[,\u2014\u2013-]?\s*|[.;]\s+(?=(?:(?:and|so)\s+)?(?:this|that|it)\s))(?:"
    r"(?:(?:(?:and|so)\s+)?(?:which|this|that|it)\s+)?(?:(?:must|will|would|should|has\s+to)\s+)?"
    rf"(?:is|are|be|as|being|becomes)(?![A-Za-z]){_ADVERBS}\s+(?:(?:the|our|your|my)\s+{_KIND}"
    r"(?:answers?|final\s+(?:result|value|solution))"
    rf"|what\s+(?:{_WANTED}|(?:the|this)\s+(?:problem|question)\s+(?:wants|asks(?:\s+for)?))"
    rf"|the\s+(?:\w+\s+){{1,3}}{_WANTED}|the\s+(?:desired|requested|required|sought)\s+\w+)"
    rf"|\(?(?:the|our|my)\s+{_KIND}answers?\s*(?:[.,;)!]|\Z)"
    r")(?!\s*(?:=|:|(?:is|are|will|must|should|would|of|to|for|that)(?![A-Za-z])))",
    _I,
)
_CONTINUED = re.compile(
    r"(?:[\s$*_`)]|\\[)\]]){0,8}(?:times|more|less|fewer|plus|minus|divided|multiplied|over|factorial|hundred|thousand|"
    r"million|billion|dozens?|squared|cubed|and\s+a\s+(?:half|third|quarter))(?![A-Za-z])",
    _I,
)
_ARRIVES = re.compile(
    r"(?<![A-Za-z])(?<!not )(?<!n't )(?:is|are|be|equals?|giv(?:e|es|ing)|yield(?:s|ing)?|get(?:s|ting)?|"
    r"obtain(?:s|ing)?|becomes?|"
    rf"leav(?:e|es|ing)|makes?|total\s+of|amounts?\s+to|sums?\s+to)(?![A-Za-z]){_ADVERBS}(?:\s+a\s+total\s+of)?{_GLUE}\Z",
    _I,
)
_TO_VALUE = re.compile(_GLUE)
_CLAUSE, _SENTENCE = re.compile(r"[,.;:](?=[\s*$]|\Z)|\n"), re.compile(r"[.;?](?=[\s*$]|\Z)|\n\s*\n")
_LONGEST = 1_000  # characters of a claimed answer
_NEAR = 80  # characters in which a verb and its adverbs end before a value


def claimed(content: str, lists: list[list[Expression]]) -> Iterator[str]:
    r"""Every text that the content may claim as the final answer.

    >>> from int_bench.interventions.expressions import expressions
    >>> text = "Hence 3+4=7 is our answer."
    >>> list(claimed(text, expressions(text)))
    ['3+4=7', '3+4', '7']
    """
    for phrase in _BEFORE.finditer(content):
        yield from _claimed_at(content, phrase.end(), lists)
        if detour := _DETOUR.match(content, phrase.end()):
            yield from _claimed_at(content, detour.end(), lists)
    for joined in lists:
        for i, e in enumerate(joined):
            if _BEHIND.match(content, e.end):
                yield from _meant(content, joined, i, joined[: i + 1])


def arrives_at(content: str, expression: Expression) -> bool:
    """Whether a verb leads to the expression: "is", "gives", "equals"."""
    return bool(_ARRIVES.search(content, max(0, expression.start - _NEAR), expression.start))


def is_continued(content: str, end: int) -> bool:
    """Whether words go on with the expression that ends there, so that it is not whole: "7 times as many"."""
    return bool(_CONTINUED.match(content, end))


def _claimed_at(content: str, start: int, lists: list[list[Expression]]) -> Iterator[str]:
    """What is claimed from there on: the rest of the clause or sentence, words or not, or the expression."""
    for pattern in (_CLAUSE, _SENTENCE):
        end = pattern.search(content, start, start + _LONGEST)
        rest = content[start : end.start() if end else start + _LONGEST].strip(" \n\t*_`!")
        if rest and not _CONTINUED.search(rest):
            yield rest
    for joined in lists:
        for i, e in enumerate(joined):
            if e.end > start:
                if _TO_VALUE.fullmatch(content, start, max(start, e.start)):
                    yield from _meant(content, joined, i, joined[i:])
                return


def _meant(content: str, joined: list[Expression], i: int, together: list[Expression]) -> Iterator[str]:
    """The list that a claim is about; or the expression beside the claim, unless it is one of several values."""
    e = joined[i]
    if len(together) > 1:
        yield ", ".join(part.text for part in together)
    if not is_continued(content, e.end) and (e.relation or all(part.relation for part in joined if part is not e)):
        yield e.text
        yield from e.sides if e.relation else ()
