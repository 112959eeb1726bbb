"""Replies of every kind are read as they were meant, or refused, in little time."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from int_bench.interventions.loose_json import double_backslashes
from int_bench.interventions.parse import Parsed, Status, parse_category, parse_reply

CORPUS = yaml.safe_load((Path(__file__).parents[1] / "data" / "malformed_replies.yaml").read_text(encoding="utf-8"))


def outcomes_by_status() -> Counter[str]:
    """How many candidates of the corpus have each status; printed by ``python -m tests.interventions.test_parse``."""
    return Counter(parsed.status for case in CORPUS for parsed in parse_reply(case["raw"]))


def wanted(entry: list) -> Parsed:
    if isinstance(entry[0], str):
        return Parsed(entry[0], entry[1], entry[2])
    return Parsed("parsed", *entry)


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case["name"])
def test_malformed_replies_are_read_as_they_were_meant(case: dict):
    want = case["want"]
    assert parse_reply(case["raw"]) == ([Parsed(want)] if isinstance(want, str) else [wanted(entry) for entry in want])


def test_the_corpus_has_every_status():
    assert len({case["name"] for case in CORPUS}) == len(CORPUS) >= 60
    assert outcomes_by_status().keys() == set(get_args(Status))


# Well-formed replies

words = st.sampled_from(
    [
        *("So ", "x = 2", "\n", "\n\n", '"odd"', "it's", "{", "}", "[", "], ", "```", "🙂", "é", "\u2028", "\\"),
        *(r"\frac{1}{2}", r"\theta", r"\neq", r"\beta", r"\rho", r"\\ ", r"\(", r"\{", "$", ": ", ", ", "</", "#"),
    ]
)
contents = st.one_of(st.text(max_size=60), st.lists(words, max_size=12).map("".join)).map(str.strip)
candidates = st.fixed_dictionaries(
    {"location": st.integers(-5, 10_000), "content": contents.filter(bool)},
    optional={"category": st.sampled_from(["HIGH", "EXECUTION", None]), "why": st.text(max_size=5)},
)


def is_plain(text: str) -> bool:
    """Whether a text that was escaped as it should be cannot be mistaken for LaTeX that was not."""
    return double_backslashes(text) == text and not re.search(
        r"<\s*/?\s*(intervention|replacement)|</think", text, re.I
    )


@given(
    st.lists(candidates, min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from([None, 2]),
    st.sampled_from(["{}", "```json\n{}\n```", "Here: {}", "\n{}\n"]),
    st.sampled_from(["replacement", "Intervention"]),
    st.sampled_from(["", "Some words.\n", "<think>{[</think>\n"]),
)
def test_what_is_well_formed_comes_back_exactly(found, ascii_only, indent, frame, tag, before):
    text = json.dumps(found, ensure_ascii=ascii_only, indent=indent)
    if not is_plain(text):
        return
    reply = f"{before}<{tag}>{frame.replace('{}', text)}</{tag}>\n{before}"
    assert parse_reply(reply) == [
        Parsed("parsed", each["location"], each["content"], each.get("category")) for each in found
    ]
    if before != "<think>{[</think>\n":
        assert parse_reply(reply.replace(f"</{tag}>", "")) == parse_reply(reply)


@given(candidates, st.booleans())
def test_one_object_with_a_trailing_comma_comes_back(found, ascii_only):
    found["content"] = re.sub(r"[\"'{}\[\]`,:/#]", "", found["content"]).strip() or "a"
    text = json.dumps(found, ensure_ascii=ascii_only)
    if is_plain(text):
        (parsed,) = parse_reply(f"<intervention>{text[:-1]},}}</intervention>")
        assert (parsed.location, parsed.content) == (found["location"], found["content"])


# Garbage

scraps = st.sampled_from(
    [
        "<intervention>",
        "</intervention>",
        "<replacement>",
        "</think>",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "“",
        "\\",
        "\\u",
        ",",
        ":",
        "location",
        "content",
        "category",
        "12",
        "1e999",
        "-",
        "null",
        "None",
        "//",
        "/*",
        "```",
        "\n",
        " ",
        "(",
        "\ud800",
        '{"location": 1, "content": "',
        '"}',
        "HIGH",
        "execution",
        "not ",
        "Infinity",
        "9" * 5000,
    ]
)


@given(st.one_of(st.text(), st.lists(scraps, max_size=40).map("".join)))
def test_no_text_makes_it_fail(text):
    for reply in (
        text,
        f"<intervention>{text}</intervention>",
        f'<replacement>[{{"location": {text}, "content": "{text}',
    ):
        parsed = parse_reply(reply)
        assert parsed
        assert {each.status for each in parsed} <= set(get_args(Status))
        for each in parsed:
            assert (each.status == "parsed") <= (each.location is not None and bool(each.content))
            each.content.encode()
    assert parse_category(text) in ("HIGH", "EXECUTION", None)


PIECES = [
    "<intervention>",
    "</think>",
    "<intervention>{",
    "{",
    "[",
    "(",
    "\\",
    '"',
    "'",
    "“",
    "`",
    "< ",
    "-",
    "9",
    " ",
    "\n",
    '{"',
    '["',
    "['",
    '{"a":',
    '{"a":"',
    "}",
    "},",
    '"},{"',
    "\\n",
    "\\\\ ",
    "//",
    "/*",
    "not ",
    "HIGH ",
    "high-level ",
    '{"location": 3, "content": "a",}',
    '<intervention>{"location": 3, "content": "',
    "no error ",
    "</",
    "a ",
    '": r"',
]


@pytest.mark.parametrize("length", [11_900, 1_000_000])
@pytest.mark.parametrize("piece", PIECES)
def test_garbage_takes_little_time(piece: str, length: int):
    garbage = (piece * (length // len(piece) + 1))[:length]
    for reply in (
        garbage,
        f"<intervention>{garbage}</intervention>",
        f'<intervention>{{"location": 3, "content": "{garbage}, </intervention>',
        f'<intervention>{{"content": "{garbage}',
    ):
        start = time.process_time()
        parse_reply(reply)
        parse_category(reply)
        assert time.process_time() - start < 2, reply[:80]


@pytest.mark.parametrize("depth", [50, 900, 5000])
def test_deep_nesting_is_unreadable(depth: int):
    nested = '{"a":' * depth + "1" + "}" * depth
    for value in (nested, "[" * depth + "]" * depth, '{"intervention":' * depth + "1" + "}" * depth):
        assert parse_reply(f"<intervention>{value}</intervention>")[0].status in ("unreadable", "no_location")
    assert parse_reply(f'<intervention>{{"location": {nested}, "content": {nested}}}</intervention>')[0].status in (
        "unreadable",
        "no_location",
    )


# Categories


@pytest.mark.parametrize(
    ("reply", "category"),
    [
        ("HIGH", "HIGH"),
        ("execution", "EXECUTION"),
        ("**HIGH**", "HIGH"),
        ("'EXECUTION'.", "EXECUTION"),
        ("Answer: execution", "EXECUTION"),
        ("High-Level Mistake", "HIGH"),
        ("Execution-Level Mistake (Flawed Application)", "EXECUTION"),
        ("**Execution-Level** mistake", "EXECUTION"),
        ("HIGH_LEVEL", "HIGH"),
        (r"\boxed{HIGH}", "HIGH"),
        ('{"category": "EXECUTION"}', "EXECUTION"),
        ("<think>HIGH or EXECUTION? I say HIGH.</think>\n\nEXECUTION", "EXECUTION"),
        ("<think>It is HIGH.</think>", "HIGH"),
        ("The student chose a high-level plan that works. EXECUTION", "EXECUTION"),
        ("EXECUTION. The high-level approach was right.", "EXECUTION"),
        ("Execution. The high-level approach was right.", "EXECUTION"),
        ("EXECUTION - the HIGH-level plan was right", "EXECUTION"),
        ("It is not HIGH but EXECUTION.", "EXECUTION"),
        ("This is a high-level mistake, though its execution was neat.", None),
        ("This is a high-level mistake. Its execution was neat.", "HIGH"),
        ("I'd say HIGH. On reflection: EXECUTION", "EXECUTION"),
        ("HIGH or EXECUTION? EXECUTION", "EXECUTION"),
        ("HIGH/EXECUTION", None),
        ("HIGH or EXECUTION", None),
        ("Both the high-level plan and its execution failed.", None),
        ("highly executional", None),
        ("LOW", None),
        ("", None),
    ],
)
def test_categories_are_read(reply: str, category: str | None):
    assert parse_category(reply) == category


@given(
    st.sampled_from(["HIGH", "EXECUTION"]),
    st.sampled_from(["{}", "**{}**", "Answer: {}", "`{}`.", "<think>x</think>{}"]),
)
def test_a_category_in_a_frame_comes_back(category: str, frame: str):
    for written in (category, category.lower(), category.title(), f"{category.title()}-Level Mistake"):
        assert parse_category(frame.format(written)) == category


if __name__ == "__main__":
    print("parser outcomes on the malformed corpus:", dict(outcomes_by_status()), f"of {len(CORPUS)} replies")
