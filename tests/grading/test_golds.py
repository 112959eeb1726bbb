r"""Every gold answer of five real benchmarks, written in five ways and changed in several.

The rates are printed with ``pytest -s``; ``docs/grading.md`` shows them. What no parser can decide is listed there,
and the list is tested here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from int_bench.config import ProblemFile
from int_bench.grading import Grader, is_decidable
from int_bench.problems.files import read_problems
from int_bench.problems.registry import entry
from tests.grading.forms import changed, written_forms

DATA = Path(__file__).parents[1] / "data"
BUNDLED = ("olymmath-en-easy", "olymmath-en-hard", "imo-answerbench-v1", "imo-answerbench-v2")


def golds(name: str) -> list[str]:
    if name in BUNDLED:
        source = ProblemFile(**entry(name).source_fields())
        return [problem.answer for problem in read_problems(name, source).problems]
    return json.loads((DATA / "golds.json").read_text())[name]


@pytest.fixture(scope="module")
def grader():
    with Grader() as grader:
        yield grader


@pytest.mark.parametrize("name", [*BUNDLED, "math500", "aime2025"])
def test_written_otherwise_they_are_correct_and_changed_they_are_wrong(name, grader):
    right = [(form, gold) for gold in golds(name) for form in written_forms(gold)]
    wrong = [(form, gold) for gold in golds(name) for form in changed(gold)]
    grades = grader.grade_many((rf"\boxed{{{answer}}}", "stop", gold) for answer, gold in right + wrong)
    missed = [pair for pair, grade in zip(right, grades, strict=False) if not grade.correct]
    passed = [pair for pair, grade in zip(wrong, grades[len(right) :], strict=True) if grade.correct]
    print(f"\n{name}, {len(golds(name))} golds: {len(right) - len(missed)} of {len(right)} written forms are correct,")
    print(f"{len(wrong) - len(passed)} of {len(wrong)} changed answers wrong; {Counter(g.method for g in grades)}")
    assert missed == []
    assert passed == []
    assert "timed_out" not in {grade.status for grade in grades}


def test_the_list_of_golds_that_no_parser_can_decide_is_complete():
    text = (Path(__file__).parents[2] / "docs" / "grading.md").read_text()
    listed = set(re.findall(r"^\| `` (.*) `` \|", text, re.MULTILINE))
    names = (*BUNDLED, "math500", "aime2025")
    found = {" ".join(gold.split()) for name in names for gold in golds(name) if not is_decidable(gold)}
    assert found == listed
