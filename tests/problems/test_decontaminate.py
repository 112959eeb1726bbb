"""Decontamination: the same problem is found however it is set, and contest phrases are no sign of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from int_bench.config import DecontaminationConfig, ProblemFile
from int_bench.problems.decontaminate import TestSet, decontaminate, runs, words
from int_bench.problems.files import read_problems
from int_bench.records import Problem

RULE = DecontaminationConfig()
TEXT = (
    r"Let $a,b,c$ be positive real numbers such that $abc = 1$. Find the minimum value of "
    r"\[\frac{a+b+c}{ab+bc+ca} + 5.\]"
)
SENTENCES = st.lists(st.sampled_from([f"w{i}" for i in range(40)]), min_size=20, max_size=60)


def one(identity: str, text: str, source: str = "pool") -> Problem:
    return Problem(identity, source, text, "1", None)


def bundled(name: str) -> list[Problem]:
    return read_problems(name, ProblemFile.model_validate(name)).problems


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.upper().replace("FRAC", "frac"),
        TEXT.replace("$", r"\(").replace(r"\frac", r"\dfrac").replace("  ", "\n"),
        r"Let $a,\, b,\, c$ be positive real numbers such that $a b c=1$. Find the minimum value of "
        r"$$\displaystyle\frac{a+b+c}{ab+bc+ca}+5.$$",
    ],
)
def test_the_same_words_are_the_same_problem_however_they_are_set(text: str):
    # "a b c" and "abc" are different words: only the second rule forgives that.
    match = TestSet({"test": [one("t", TEXT)]}, RULE).match(one("p", text))
    assert match is not None
    assert (match.benchmark, match.found.problem_id) == ("test", "t")
    assert match.rule == ("exact" if words(text) == words(TEXT) else "overlap")
    assert RULE.overlap <= match.overlap <= 1.0


def test_a_problem_with_more_around_it_is_found():
    longer = f"Problem 3. {TEXT} Give your answer as a fraction in lowest terms, and box it."
    match = TestSet({"test": [one("t", TEXT)]}, RULE).match(one("p", longer))
    assert match is not None
    assert match.overlap == 1.0


def test_a_phrase_of_contests_is_no_sign():
    phrase = "Find the number of positive integers n such that"
    tests = [one("t", f"{phrase} the sum of the digits of n squared is a multiple of 25 and n is at most 2025.")]
    clean = one("p", f"{phrase} n divides the sum of the first n prime numbers that end in the digit seven.")
    assert words(phrase)[:8] == words(clean.text)[:8]
    assert TestSet({"test": tests}, RULE).match(clean) is None


def test_a_text_too_short_for_runs_is_only_matched_whole():
    tests = TestSet({"test": [one("t", "What is the sum of the first ten prime numbers?")]}, RULE)
    assert tests.match(one("p", "What is the sum of the first ten prime numbers")) is not None
    assert tests.match(one("p", "What is the sum of the first ten prime powers?")) is None


def test_the_most_alike_problem_is_named():
    tests = TestSet({"one": [one("a", TEXT.replace("minimum", "maximum"))], "two": [one("b", TEXT)]}, RULE)
    match = tests.match(one("p", TEXT + " Explain."))
    assert match is not None
    assert (match.benchmark, match.found.problem_id) == ("two", "b")


def test_no_bundled_benchmark_is_taken_for_another():
    easy, hard, imo = (bundled(name) for name in ("olymmath-en-easy", "olymmath-en-hard", "imo-answerbench-v2"))
    assert decontaminate(easy, {"hard": hard, "imo": imo}, RULE) == (easy, [])
    assert decontaminate(hard, {"imo": imo}, RULE) == (hard, [])


def test_the_two_parts_of_imo_answerbench_share_nothing():
    rest = bundled("imo-answerbench-360")
    assert decontaminate(rest, {"forty": bundled("imo-answerbench-40")}, RULE) == (rest, [])


def test_reworded_problems_are_found():
    kept, removed = decontaminate(bundled("imo-answerbench-v1"), {"v2": bundled("imo-answerbench-v2")}, RULE)
    assert all(match.problem.problem_id == match.found.problem_id for match in removed)
    assert (len(kept), sum(match.rule == "overlap" for match in removed)) == (2, 22)


@given(st.lists(SENTENCES, max_size=8), st.lists(SENTENCES, max_size=4), st.floats(0.1, 1.0))
def test_what_is_kept_and_what_is_removed_make_up_the_pool(pool, tests, overlap):
    rule = DecontaminationConfig(overlap=overlap)
    problems = [one(f"p{i}", " ".join(text)) for i, text in enumerate(pool)]
    benchmark = [one(f"t{i}", " ".join(text), "test") for i, text in enumerate(tests)]
    kept, removed = decontaminate(problems, {"test": benchmark}, rule)
    assert sorted(p.problem_id for p in [*kept, *(m.problem for m in removed)]) == [p.problem_id for p in problems]
    assert decontaminate(kept, {"test": benchmark}, rule) == (kept, [])
    for match in removed:
        mine, theirs = (runs(words(p.text), 8) for p in (match.problem, match.found))
        share = len(mine & theirs) / min(len(mine), len(theirs))
        assert match.rule == "exact" or share == pytest.approx(match.overlap)
        assert match.overlap >= overlap
    # A stricter rule removes no more.
    stricter = DecontaminationConfig(overlap=min(1.0, overlap + 0.2))
    assert len(decontaminate(problems, {"test": benchmark}, stricter)[1]) <= len(removed)


@given(SENTENCES, SENTENCES)
def test_a_match_does_not_depend_on_which_side_is_the_test(left, right):
    assume(left != right)
    sides = [one("l", " ".join(left)), one("r", " ".join(right))]
    found = [TestSet({"test": [b]}, RULE).match(a) for a, b in (sides, sides[::-1])]
    assert (found[0] is None) == (found[1] is None)
    if found[0] and found[1]:
        assert found[0].overlap == found[1].overlap


def test_a_problem_is_always_found_in_itself(problem: Callable):
    for text in ("", "x", "a b c", TEXT):
        assert TestSet({"test": [problem("t", text)]}, RULE).match(problem("p", text)) is not None
