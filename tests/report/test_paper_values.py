"""The published numbers and claims: every one has a place, and every reference leads to a number."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from int_bench.report.paper import claims, number, paper_values, place, text_values


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{path}/{key}" if path else str(key))
    elif isinstance(node, int | float):
        yield path, node


def tables() -> dict[str, Any]:
    return {name: table for name, table in paper_values().items() if name not in ("text", "claims")}


def test_every_number_of_a_table_has_a_reference_and_a_place():
    found = dict(leaves(tables()))
    assert len(found) > 150
    for reference, value in found.items():
        assert number(reference) == value
        assert place(reference)


def test_every_number_of_the_text_says_where_it_stands_and_what_it_is_of():
    assert len(text_values()) == len(paper_values()["text"]) > 80
    allowed = {"id", "place", "value", "unit", "of", "low", "high", "source"}
    for name, entry in text_values().items():
        assert allowed >= set(entry) >= allowed - {"low", "high", "source"}
        assert number(f"text/{name}") == entry["value"]
        assert place(f"text/{name}") == entry["place"]
        assert ("low" in entry) == ("high" in entry)
        assert entry.get("source", "scripts") in ("scripts", "later version", "benchmark")


def test_scores_are_fractions_and_counts_are_whole():
    for reference, value in leaves(tables()):
        if "/scores/" in reference or reference.endswith(("/accuracy", "/average")):
            assert 0 < value < 1
        if reference.endswith(("/nonzero", "/problems", "/rl_data", "/samples", "/k")):
            assert value == int(value) > 0


def test_the_columns_of_tables_2_and_7_are_those_of_their_rows():
    two, seven = paper_values()["table2"], paper_values()["table7"]
    rows = [row for model in two["models"].values() for row in model.values()]
    assert all(list(row["scores"]) == list(two["columns"]) for row in rows)
    assert all(list(row["scores"]) == list(seven["columns"]) for row in seven["rows"].values())
    assert sum(row["scores"]["hard_test"] is not None for row in rows) == 1


def test_the_ids_of_claims_are_unique_and_their_references_resolve():
    ids = Counter(row["id"] for row in paper_values()["claims"])
    assert max(ids.values()) == 1
    assert len(ids) >= 22
    for claim in claims().values():
        assert claim.statement.endswith(".")
        assert claim.place
        assert all(number(reference) >= 0 for reference in claim.numbers)


@pytest.mark.parametrize("reference", ["table1", "table1/rows/int", "text/nothing", "nothing/at/all", "table1/place"])
def test_what_is_no_number_is_named(reference: str):
    with pytest.raises(ValueError, match=reference):
        number(reference)
