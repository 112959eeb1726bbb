"""What is left of pools that overlap."""

from __future__ import annotations

import pytest

from int_bench.errors import UserError
from int_bench.problems.stage import distinct
from int_bench.records import Problem


def problem(identity: str, text: str) -> Problem:
    return Problem(identity, "pool", text, "1", None)


def test_a_text_is_kept_once_whatever_its_white_space():
    kept = distinct([problem("a", "Find  x.\n"), problem("b", "Find x."), problem("c", "Find y.")])
    assert [row.problem_id for row in kept] == ["a", "c"]


def test_an_id_of_two_problems_is_refused():
    with pytest.raises(UserError, match="'a' belongs to two problems"):
        distinct([problem("a", "Find x."), problem("a", "Find y.")])
