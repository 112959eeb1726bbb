r"""Decide equality without a computer algebra system: by structure, and inside it by exact arithmetic.

Most answers end here, in a tenth of a millisecond. A decision is exact in both directions: 0.333 is not 1/3, and
a set that lacks an element is wrong whatever its elements are. What cannot be decided is left to math-verify, which
``verify`` asks about single expressions within the same structure.

Conventions, the same on both sides:

- Tuples are ordered. A bare list has no order, but stands for a tuple if the other side is one.
- A unit, a base, a name (``x = 5``) or a percent sign may be left out on one side; if both sides have one, they agree.
  ``50\%`` is 50 as well as 1/2.
- Of functions the names of the arguments do not matter.
- ``x > 3`` is the interval ``(3, \infty)``; ``1 \pm \sqrt 2`` are two elements.
- Words are compared without regard to case; nothing else is known of them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence

from int_bench.grading.closed_form import Algebra, ClosedForm, constant
from int_bench.grading.findings import Finding, Method
from int_bench.grading.latex import read
from int_bench.grading.spelling import normalise, plain_words
from int_bench.grading.structure import (
    Answer,
    Equation,
    Leaf,
    Matrix,
    Named,
    Ordered,
    Unordered,
    Words,
    read_answer,
    renamed,
)
from int_bench.grading.sums import TooHard

Truth = bool | None
_UNKNOWN = (TooHard, ArithmeticError)  # arithmetic: a value that no float holds
_INTEGER = re.compile(r"-?[0-9]{1,400}")
_BARE_DIGITS = re.compile(r"[0-9](?:,[0-9])+")
_DIGITS = re.compile(rf"\({_BARE_DIGITS.pattern}\)")
_MOST_ELEMENTS = 64  # of an unordered list: pairing takes the square of it


def compare_exactly(answer: str, gold: str) -> Finding | None:
    r"""Return the verdict and what decided it, or None if that takes more than exact arithmetic.

    >>> compare_exactly(r"\frac{1}{2}", "0.5")
    ('correct', 'rational')
    >>> compare_exactly("(3, 1, 8)", "(3,8,1)")
    ('wrong', 'structure')
    >>> compare_exactly(r"\log_2 8", "3") is None
    True
    """
    if finding := _compare_digits(answer, gold):
        return finding
    plain = plain_words(normalise(answer))
    if not plain:
        return "unparsable", "string"
    if plain == plain_words(normalise(gold)):
        return "correct", "string"
    comparison = Comparison()
    truth = comparison.of(answer, gold)
    return None if truth is None else ("correct" if truth else "wrong", comparison.method)


def is_decidable(gold: str) -> bool:
    r"""Whether other ways to write a gold answer can be recognised: all of it is read, and none of it is words.

    >>> [is_decidable(gold) for gold in (r"\frac{\pi}{2}", "all powers of 2", "(2k-1)!!")]
    [True, False, False]
    """
    return any(Comparison().reads(reading) for reading in read_answer(gold))


def _compare_digits(answer: str, gold: str) -> Finding | None:
    """Shortcut for whole numbers and tuples of digits, which take a microsecond and are most of all answers."""
    if _INTEGER.fullmatch(answer) and _INTEGER.fullmatch(gold):
        return ("correct" if int(answer) == int(gold) else "wrong"), "integer"
    if _DIGITS.fullmatch(gold) and (digits := _DIGITS.fullmatch(answer) or _BARE_DIGITS.fullmatch(answer)):
        return ("correct" if digits[0].strip("()") == gold.strip("()") else "wrong"), "structure"
    return None


class Comparison:
    """One comparison of two answers, with the method that it took.

    ``decide`` is asked about two expressions which exact arithmetic cannot tell apart or together.
    """

    def __init__(self, decide: Callable[[str, str], Truth] = lambda answer, gold: None) -> None:
        self.method: Method = "string"
        self._decide = decide
        self._algebra = Algebra()
        self._forms: dict[str, ClosedForm | None] = {}

    def of(self, answer: str, gold: str) -> Truth:
        """Whether any reading of the answer equals any of the gold answer; None if nobody can tell."""
        return _any(self._readings(a, g) for a in read_answer(answer) for g in read_answer(gold))

    def _readings(self, answer: Answer, gold: Answer) -> Truth:
        self.method = "string"  # the last reading decides
        return self._equal(answer, gold)

    def _equal(self, answer: Answer, gold: Answer) -> Truth:
        if isinstance(answer, Named) or isinstance(gold, Named):
            return self._named(answer, gold)
        if isinstance(answer, Leaf) and isinstance(gold, Leaf):
            return self._leaves(answer, gold)
        self.method = "structure"
        if isinstance(answer, Words) and isinstance(gold, Words):
            return answer.text == gold.text
        if isinstance(answer, Equation) and isinstance(gold, Equation):
            return self._equations(answer, gold)
        if isinstance(answer, Matrix) and isinstance(gold, Matrix):
            return [len(row) for row in answer.rows] == [len(row) for row in gold.rows] and _all(
                self._equal(a, g)
                for rows in zip(answer.rows, gold.rows, strict=True)
                for a, g in zip(*rows, strict=True)
            )
        return self._collections(answer, gold)

    def reads(self, answer: Answer) -> bool:
        """Whether every expression in an answer can be read."""
        if isinstance(answer, Leaf):
            return self._form(answer.text) is not None or answer.unit.startswith("base")
        if isinstance(answer, Named):
            return self.reads(answer.value)
        if isinstance(answer, Equation):
            return self._form(answer.left) is not None and self._form(answer.right) is not None
        if isinstance(answer, Matrix):
            return all(self.reads(cell) for row in answer.rows for cell in row)
        return not isinstance(answer, Words) and all(self.reads(item) for item in answer.items)

    def _named(self, answer: Answer, gold: Answer) -> Truth:
        if not (isinstance(answer, Named) and isinstance(gold, Named)):
            sides = (_beside(answer, gold), _beside(gold, answer))
            return self._equal(*sides)
        if len(answer.arguments) != len(gold.arguments) or answer.name != gold.name:
            self.method = "structure"
            return False
        names = dict(zip(answer.arguments, gold.arguments, strict=True))
        return self._equal(renamed(answer.value, names), gold.value)

    def _collections(self, answer: Answer, gold: Answer) -> Truth:
        """Whether two tuples, sets or lists are equal, of which one may be a single element."""
        if isinstance(answer, Unordered) and isinstance(gold, Unordered):
            return self._unordered(answer, gold)
        for side, other in ((answer, gold), (gold, answer)):
            if (
                isinstance(side, Ordered | Unordered)
                and len(side.items) == 1
                and not isinstance(other, Ordered | Unordered)
            ):
                return self._equal(*((side.items[0], other) if side is answer else (other, side.items[0])))
        if isinstance(answer, Ordered | Unordered) and isinstance(gold, Ordered | Unordered):
            unions = any(isinstance(side, Unordered) and side.kind == "union" for side in (answer, gold))
            return None if unions else self._ordered(answer, gold)
        # Of two kinds: different, unless one side could not be read at all.
        return (
            None if any(isinstance(side, Leaf) and self._form(side.text) is None for side in (answer, gold)) else False
        )

    def _ordered(self, answer: Ordered | Unordered, gold: Ordered | Unordered) -> Truth:
        if len(answer.items) != len(gold.items):
            return False
        if isinstance(answer, Ordered) and isinstance(gold, Ordered):
            # The ends of an interval matter; of longer tuples brackets are a matter of taste.
            if len(gold.items) == 2 and (answer.opening, answer.closing) != (gold.opening, gold.closing):
                return False
        elif any(isinstance(side, Unordered) and side.kind != "list" for side in (answer, gold)):
            return False
        elif any(
            isinstance(side, Ordered) and "[" in side.opening + side.closing.replace("]", "[")
            for side in (answer, gold)
        ):
            return False  # an interval
        return _all(self._equal(a, g) for a, g in zip(answer.items, gold.items, strict=True))

    def _unordered(self, answer: Unordered, gold: Unordered) -> Truth:
        """Whether each element has its partner; what repeats in a set counts once."""
        if max(len(answer.items), len(gold.items)) > _MOST_ELEMENTS:
            return None
        if "union" in (answer.kind, gold.kind) and len(answer.items) != len(gold.items):
            return None  # intervals may touch
        if (_assigns(answer) and not _names(gold)) or (_assigns(gold) and not _names(answer)):
            # "x=5, y=3" beside "5, 3": the names are gone, so the order tells which is which.
            return self._ordered(answer, gold)
        truths = [[self._equal(a, g) for g in gold.items] for a in answer.items]
        if "set" in (answer.kind, gold.kind):
            truth = _all(_any(line) for line in (*truths, *map(list, zip(*truths, strict=True))))
        else:
            truth = _matched(truths, len(gold.items))
        return None if truth is False and "union" in (answer.kind, gold.kind) else truth

    def _equations(self, answer: Equation, gold: Equation) -> Truth:
        self.method = "structure"
        forms = [self._form(f"{side.left}-({side.right})") for side in (answer, gold)]
        truth = None if forms[0] is None or forms[1] is None else self._algebra.same_equation(forms[0], forms[1])
        if truth is not None:
            return truth
        self.method = "math_verify"
        return self._decide(f"{answer.left}={answer.right}", f"{gold.left}={gold.right}")

    def _leaves(self, answer: Leaf, gold: Leaf) -> Truth:
        if answer.unit and gold.unit and answer.unit != gold.unit:
            self.method = "structure"
            return False
        if answer.text == gold.text and answer.percent == gold.percent:
            return True
        if answer.unit.startswith("base") or gold.unit.startswith("base"):
            self.method = "structure"
            return answer.text == gold.text
        texts = [(answer.text, gold.text)]
        if answer.percent and not gold.percent:
            texts.append((f"({answer.text})/100", gold.text))
        elif gold.percent and not answer.percent:
            texts.append((answer.text, f"({gold.text})/100"))
        return _any(self._expressions(*pair) for pair in texts)

    def _expressions(self, answer: str, gold: str) -> Truth:
        given, expected = self._form(answer), self._form(gold)
        truth: Truth = None
        if given is not None and expected is not None:
            with contextlib.suppress(*_UNKNOWN):
                truth = self._algebra.equal(given, expected)
            if self.method == "string":
                self.method = _kind(given, expected)
        if truth is None:
            self.method = "math_verify"
            return self._decide(answer, gold)
        return truth

    def _form(self, text: str) -> ClosedForm | None:
        if text not in self._forms:
            self._forms[text] = None
            with contextlib.suppress(*_UNKNOWN):
                self._forms[text] = read(text, self._algebra)
        return self._forms[text]


def _matched(truths: Sequence[Sequence[Truth]], count: int) -> Truth:
    """Whether each row has a column of its own, of ``count``. Equality is transitive, so the first partner will do."""
    if len(truths) != count:
        return False
    free, unknown = list(range(count)), False
    for row in truths:
        partner = next((j for j in free if row[j]), None)
        if partner is not None:
            free.remove(partner)
        elif any(row[j] is None for j in free):
            unknown = True
        else:
            return False
    return None if unknown else True


def _names(answer: Unordered) -> list[str]:
    return [item.name for item in answer.items if isinstance(item, Named) and not item.arguments]


def _assigns(answer: Unordered) -> bool:
    """Whether a list gives each of several variables its value."""
    names = _names(answer)
    return len(set(names)) == len(answer.items) > 1


def _beside(side: Answer, other: Answer) -> Answer:
    """A side without the name that the other side lacks; beside an equation, ``y = 2x`` is one too."""
    if not isinstance(side, Named):
        return side
    if isinstance(other, Equation) and isinstance(side.value, Leaf):
        return Equation(side.name, side.value.text)
    return side.value


def _kind(*forms: ClosedForm) -> Method:
    numbers = [number for form in forms if (number := constant(form)) is not None]
    if len(numbers) < len(forms):
        return "closed_form"
    return "integer" if all(number.denominator == 1 for number in numbers) else "rational"


def _any(truths: Iterable[Truth]) -> Truth:
    """True if one is true (the rest is not looked at), else None if one is unknown, else False."""
    unknown = False
    for truth in truths:
        if truth:
            return True
        unknown |= truth is None
    return None if unknown else False


def _all(truths: Iterable[Truth]) -> Truth:
    """False if one is false (the rest is not looked at), else None if one is unknown, else True."""
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown |= truth is None
    return None if unknown else True
