"""Prompts from template files."""

import pytest

from int_bench.errors import UserError
from int_bench.prompts import render


def test_parts_are_put_in_as_they_are():
    told = render("compact_verify", problem="a=1\nFind a mod 10.", reference=r"Answer: \boxed{1}", attempt="1:$5 ${x}")
    assert told == "a=1\nFind a mod 10.\nAnswer: \\boxed{1}\n1:$5 ${x}\nCheck."


def test_a_missing_part_is_named():
    with pytest.raises(UserError, match=r"compact_verify: nothing given for \$\{reference\}"):
        render("compact_verify", problem="a=1", attempt="")


def test_a_missing_prompt_is_named():
    with pytest.raises(UserError, match="no prompt 'verify_compactly'"):
        render("verify_compactly")
