"""Locations in every form that they are written down in, and cells of the wrong type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.errors import UserError
from int_bench.imports.cells import Cells, location_of

NUMBERS = st.integers(0, 10**9 - 1)
WORDS = st.text(st.characters(blacklist_categories=["Nd"], blacklist_characters="-"), max_size=12)


@given(number=NUMBERS, before=WORDS, after=WORDS)
def test_one_number_among_words_is_the_location(number: int, before: str, after: str):
    assert location_of(number) == location_of(float(number)) == number
    assert location_of(f"{before}{number}{after}") == number


@given(number=NUMBERS, zeros=st.integers(0, 3))
def test_leading_zeros_do_not_matter(number: int, zeros: int):
    text = "0" * zeros + str(number)
    assert location_of(text) == (number if len(text) <= 9 else None)


@given(one=NUMBERS, other=NUMBERS, between=WORDS.filter(bool))
def test_of_two_numbers_none_is_chosen(one: int, other: int, between: str):
    assert location_of(f"Substeps {one}{between}{other}") is None


@given(st.integers(-(10**6), -1))
def test_a_minus_is_never_lost(number: int):
    assert location_of(number) == number
    assert location_of(str(number)) is None


@given(
    st.none()
    | st.booleans()
    | WORDS
    | st.floats().filter(lambda x: not x.is_integer())
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.integers())
)
def test_what_holds_no_whole_number_is_no_location(value: object):
    assert location_of(value) is None


@given(st.text(max_size=20) | st.integers() | st.floats(allow_nan=True))
def test_a_location_is_a_whole_number_or_nothing(value: object):
    found = location_of(value)
    assert found is None or (type(found) is int and str(found) in str(value).replace(".0", "")) or found == value


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"problem": 3}, "column problem: is int, where a text was expected"),
        ({"problem": ["a"]}, "column problem: is list, where a text was expected"),
    ],
)
def test_a_cell_of_the_wrong_type_is_named(row: dict, message: str):
    with pytest.raises(UserError) as caught:
        Cells("a.jsonl", 7, row).text("problem")
    assert str(caught.value) == f"a.jsonl: row 7, {message}"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Substep 12", "column intervention: is no mapping of content and location"),
        ({"content": "c"}, "column intervention: is no mapping of content and location"),
        ({"content": 3, "location": 1}, "column intervention.content: is int, where a text was expected"),
    ],
)
def test_an_intervention_of_another_form_is_named(value: object, message: str):
    with pytest.raises(UserError) as caught:
        Cells("a.jsonl", 7, {"intervention": value}).intervention()
    assert str(caught.value) == f"a.jsonl: row 7, {message}"


def test_a_missing_intervention_is_none():
    for value in ({}, {"intervention": None}, {"intervention": {"content": None, "location": None}}):
        assert Cells("a.jsonl", 1, value).intervention() is None
    assert Cells("a.jsonl", 1, {"intervention": {"content": " c\n", "location": "2"}}).intervention() == ("c", "2")
