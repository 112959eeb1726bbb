"""Extraction: which box counts, how braces pair, and that no input makes it slow."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from int_bench.grading import extract_answer
from int_bench.grading.extract import extract_answers

# Balanced content: pieces without unescaped braces, groups of content, and no box inside.
pieces = st.sampled_from(["x", "7", " ", "\n", r"\{", r"\}", r"\\", r"\frac", r"\left\{", ",", "é", "\0"])
balanced = st.recursive(
    st.lists(pieces, max_size=6).map("".join),
    lambda inner: st.lists(inner.map(lambda content: f"{{{content}}}") | pieces, max_size=4).map("".join),
    max_leaves=20,
)


@settings(deadline=None)
@given(content=balanced, command=st.sampled_from([r"\boxed", r"\fbox", r"\boxed "]), before=balanced, after=balanced)
def test_any_balanced_content_comes_back_whole(content, command, before, after):
    assert extract_answer(f"{before} {command}{{{content}}} {after}") == content.strip()


@settings(deadline=None)
@given(st.text(alphabet=r"\{}bx oed", max_size=60))
def test_no_text_breaks_it_and_the_answer_is_balanced(text):
    answer = extract_answer(r"\boxed{1}" + text)
    if answer is not None:
        unescaped = answer.replace(r"\\", "").replace(r"\{", "").replace(r"\}", "")
        assert unescaped.count("{") == unescaped.count("}")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{1} then \boxed{2}", "2"),
        (r"\boxed{1} then \fbox{2}", "2"),
        (r"\boxed{1} then \boxed{2", "1"),
        (r"\boxed{1} then \boxed 2", "1"),
        (r"\boxed{x = \boxed{5}}", "5"),
        (r"a stray { before \boxed{5}", "5"),
        (r"a stray } before \boxed{5}", "5"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\left\{ x \right.}", r"\left\{ x \right."),
        ("a row\\\\\\boxed{5}", "5"),
        (r"as JSON \\boxed{5}", "5"),
        (r"\boxed{a \\{b}}", r"a \\{b}"),
        (r"\boxed{}", ""),
        (r"\boxedness{5}", None),
        (r"{5}", None),
        ("", None),
    ],
)
def test_which_box_counts(text, answer):
    assert extract_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"<think>\boxed{1}</think> so \boxed{2}", "2"),
        (r"<think>\boxed{1}</think> no box here", None),
        (r"<think>\boxed{1} and no end", "1"),
        (r"<think>a</think> b </think> \boxed{3}", "3"),
    ],
)
def test_only_what_follows_the_thinking_counts(text, answer):
    assert extract_answer(text) == answer


@pytest.mark.parametrize(
    ("handed_over", "own", "answers"),
    [
        (r"so \boxed{1}", " and on", []),
        (r"so \boxed{1}", r" or \boxed{2}", ["2"]),
        (r"so \boxed{1/", "2} then", ["1/2"]),
        (r"\boxed{1}</think>", r"\boxed{2}, \boxed{3}", ["2", "3"]),
    ],
)
def test_what_was_handed_over_counts_only_if_asked_for(handed_over, own, answers):
    assert extract_answers(handed_over + own, len(handed_over)) == answers
    boxes = 0 if "think" in handed_over else handed_over.count("boxed{1}")
    assert len(extract_answers(handed_over + own)) == len(answers) + boxes


@pytest.mark.parametrize(
    "unit", ["{", r"\boxed{", "\\", r"\boxed", r"\boxed ", "}", r"{\boxed{1}", r"\{", "</think>"], ids=repr
)
def test_time_is_linear(unit):
    started = time.perf_counter()
    extract_answer(unit * 100_000 + " " * 100_000)
    assert time.perf_counter() - started < 2.0
