"""Solutions that were written before."""

import json
from pathlib import Path

import pytest

from int_bench.errors import UserError
from int_bench.records import Problem
from int_bench.solutions.written import references, replayed

PROBLEMS = [Problem("p0", "pool", "x", "1", "It is 1."), Problem("p1", "pool", "y", "2", None)]


def written(path: Path, *lines: str) -> str:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def test_a_problem_without_a_reference_has_no_solution():
    assert [(row.problem_id, row.text, row.correct, row.kept) for row in references(PROBLEMS)] == [
        ("p0", "It is 1.", None, True)
    ]


def test_a_file_may_hold_several_of_a_problem_and_those_of_others(tmp_path: Path):
    rows = [("p1", "a"), ("elsewhere", "b"), ("p1", "  c\u2028d ")]
    path = written(tmp_path / "s.jsonl", *(json.dumps({"problem_id": name, "text": text}) for name, text in rows))
    found = list(replayed(path, PROBLEMS))
    assert [(row.solution_id, row.problem_id, row.text) for row in found] == [
        ("p1-1", "p1", "a"),
        ("p1-3", "p1", "c\u2028d"),
    ]
    assert all(row.kept and row.correct is None for row in found)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", r"s\.jsonl:2: not JSON"),
        ('{"problem_id": "p0"}', r"s\.jsonl:2: a solution needs problem_id and text; got 'text'"),
        ('["p0", "x"]', r"s\.jsonl:2: a solution needs problem_id and text"),
        ('{"problem_id": "p0", "text": 7}', r"s\.jsonl:2: text must be a text that is not empty"),
        ('{"problem_id": "elsewhere", "text": " "}', r"s\.jsonl:2: text must be a text that is not empty"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, line: str, said: str):
    path = written(tmp_path / "s.jsonl", '{"problem_id": "p0", "text": "a"}', line)
    with pytest.raises(UserError, match=said):
        list(replayed(path, PROBLEMS))


def test_a_missing_file_is_named():
    with pytest.raises(UserError, match=r"nowhere\.jsonl: no such file of solutions"):
        list(replayed("nowhere.jsonl", PROBLEMS))
