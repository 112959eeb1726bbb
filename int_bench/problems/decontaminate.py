r"""Decontamination: problems of a pool that are, or nearly are, problems of a benchmark.

Two rules, on the words and numbers of the texts; case, punctuation and LaTeX that only sets type do not count:

1. *exact*: both texts have the same words;
2. *overlap*: of the runs of eight words of the shorter text, at least half occur in the other one as well.

To remove on any single run in common, as open-r1 and s1 do, takes the phrases of contests for contamination. Of the 500
problems of MATH-500 that rule removes six against the bundled benchmarks, and none of them is a benchmark's: no overlap
is above 0.42. Of IMO-AnswerBench's 400 problems, 24 were reworded in its second version; both rules together find all
but two of the 400 in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from int_bench.config import DecontaminationConfig
from int_bench.records import Problem

_LEAST = 4  # runs that the shorter text must have for its share to mean anything; below, only the exact rule decides
_TYPESETTING = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?|(?:display|text)style|q?quad|text(?:bf|it|rm)?|math(?:rm|bf|it)|operatorname)(?![a-zA-Z])"
    r"|\\(?:begin|end)\s*\{[^}]*\}|\\[,;:!> ]"
)
_FRACTION = re.compile(r"\\[cdt]frac(?![a-zA-Z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")

Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A problem of a pool and the benchmark's problem that it is taken for.

    ``overlap`` is the share of the shorter text's runs that occur in the other one; 1 under the rule "exact".
    """

    problem: Problem
    benchmark: str
    found: Problem
    rule: Literal["exact", "overlap"]
    overlap: float


def words(text: str) -> list[str]:
    r"""The words and numbers of a problem, in lower case and without LaTeX that only sets type.

    >>> words(r"Find $\displaystyle \dfrac{x}{12}$, if\, $x>3$.")
    ['find', 'frac', 'x', '12', 'if', 'x', '3']
    """
    text = _TYPESETTING.sub(" ", unicodedata.normalize("NFKC", text))
    return _WORD.findall(_FRACTION.sub(r"\\frac", text).lower())


def runs(text: Sequence[str], length: int) -> set[Run]:
    """All runs of ``length`` words in a row.

    >>> sorted(runs(["a", "b", "c"], 2))
    [('a', 'b'), ('b', 'c')]
    """
    return {tuple(text[start : start + length]) for start in range(len(text) - length + 1)}


class TestSet:
    """The benchmarks' problems, indexed by their words and runs."""

    __test__ = False  # it is no class of tests

    def __init__(self, benchmarks: Mapping[str, Iterable[Problem]], rule: DecontaminationConfig) -> None:
        self.rule = rule
        self._problems = [(name, problem) for name, problems in benchmarks.items() for problem in problems]
        self._exact: dict[Run, int] = {}
        self._sizes: list[int] = []
        self._holders: dict[Run, list[int]] = defaultdict(list)
        for index, (_, problem) in enumerate(self._problems):
            text = words(problem.text)
            self._exact.setdefault(tuple(text), index)
            found = runs(text, rule.words)
            self._sizes.append(len(found))
            for run in found:
                self._holders[run].append(index)

    def match(self, problem: Problem) -> Match | None:
        """The benchmark's problem that this one is taken for, the most alike if there are several."""
        text = words(problem.text)
        exact = self._exact.get(tuple(text))
        if exact is not None:
            return Match(problem, *self._problems[exact], "exact", 1.0)
        found = runs(text, self.rule.words)
        shared = Counter(index for run in found for index in self._holders.get(run, ()))
        shares = {
            index: count / size
            for index, count in shared.items()
            if (size := min(len(found), self._sizes[index])) >= _LEAST
        }
        if not shares:
            return None
        index = max(shares, key=lambda i: (shares[i], -i))
        if shares[index] < self.rule.overlap:
            return None
        return Match(problem, *self._problems[index], "overlap", shares[index])


def decontaminate(
    pool: Sequence[Problem], benchmarks: Mapping[str, Iterable[Problem]], rule: DecontaminationConfig
) -> tuple[list[Problem], list[Match]]:
    """Split a pool into what may be trained on, in its order, and what is in a benchmark."""
    tests = TestSet(benchmarks, rule)
    matches = {problem.problem_id: tests.match(problem) for problem in pool}
    kept = [problem for problem in pool if matches[problem.problem_id] is None]
    return kept, [match for match in matches.values() if match is not None]
