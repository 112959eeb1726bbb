"""The audit of the paper: recomputed from the file of its numbers, and from nothing else."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.report.paper import number, paper_values
from int_bench.report.paper_checks import averages, chance, guided, making, sets
from int_bench.report.paper_checks.finding import VERDICTS, Check, Finding
from int_bench.report.tables.paper_audit import CHECKS, audit, paper_audit

NAMES = [f"{check.make.__name__}-{i}" for i, check in enumerate(CHECKS)]


def found(make: Callable[..., Finding], **of: str) -> list[Finding]:
    checks = [check for check in CHECKS if check.make is make and all(getattr(check, k) == v for k, v in of.items())]
    assert checks
    return [check.find(number) for check in checks]


def changed(reference: str) -> Callable[[str], float]:
    """The published numbers, one of them another."""

    def lookup(asked: str) -> float:
        value = number(asked)
        if asked != reference:
            return value
        return value * 1.1 if 0 < value < 1 else value + 1

    return lookup


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_another_number_gives_another_row(check: Check):
    before = check.find(number)
    for reference in check.reads:
        assert check.find(changed(reference)) != before, reference


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_a_row_reads_something_and_says_where_it_stands(check: Check):
    assert len(set(check.reads)) == len(check.reads) > 1
    assert check.where
    assert check.matters.endswith(".")


def test_the_table_is_that_of_the_numbers_and_reads_no_run(tmp_path: Path):
    table = paper_audit(tmp_path / "nowhere")
    assert len(table) == len(CHECKS)
    assert list(table) == ["where", "what is said", "what follows", "difference", "finding", "why it matters"]
    pd.testing.assert_frame_equal(table, audit(number))
    assert not table.equals(audit(changed("table2/models/e3-1.7B/base_easier/average")))
    words = [word for pair in VERDICTS.values() for word in pair]
    assert set(table["finding"]) <= set(words)
    bad = table["finding"].isin([pair[1] for pair in VERDICTS.values()])
    assert bad.is_monotonic_decreasing
    assert not table.map(str).apply(lambda column: column.str.contains("nan")).to_numpy().any()


def test_a_mended_number_agrees():
    check = next(check for check in CHECKS if check.make is averages.average and "base_easier" in check.row)
    assert not check.find(number).agrees
    mended = {"table2/models/e3-1.7B/base_easier/average": 0.2788}
    assert check.find(lambda reference: mended.get(reference, number(reference))).agrees


def test_averages_are_recomputed_exactly():
    for check in (check for check in CHECKS if check.make is averages.average):
        printed, *row = (Fraction(str(number(reference))) for reference in check.reads)
        exact = sum(row) / len(row)
        result = check.find(number)
        assert result.recomputed == pytest.approx(float(exact), abs=1e-12)
        assert result.agrees == (abs(printed - exact) <= Fraction(1, 10_000))
    off = {check.row: check.find(number) for check in CHECKS if check.make is averages.average}
    wrong = {row: f"{100 * result.recomputed:.2f}" for row, result in off.items() if not result.agrees}
    assert wrong == {"e3-1.7B, base_easier": "27.88", "e3-1.7B, distill_easier": "27.53"}


def test_the_text_is_recomputed():
    assert f"{100 * found(averages.average_gain)[0].recomputed:.2f}" == "1.78"
    assert found(averages.one_benchmark)[0].recomputed == pytest.approx(0.602, abs=0.001)
    assert found(sets.hard_set)[0].difference == pytest.approx(128 - 75.52)
    assert found(guided.least_rollouts)[0].recomputed == 43
    assert [round(row.recomputed, 1) for row in found(making.interventions_a_problem)] == [7.5, 2.6]
    assert found(averages.lead_final)[0].recomputed == pytest.approx(0.0298)
    assert found(averages.ahead_on)[0].recomputed == 1
    assert [row.agrees for row in found(averages.best_average)] == [True, False]
    assert found(making.guided_rollouts)[0].difference == -6 * 32


def test_fewer_rollouts_than_the_least_cannot_have_solved_so_many():
    problems, solved, accuracy = (
        number(f"table1/{key}") for key in ("problems", "rows/naive/nonzero", "rows/naive/accuracy")
    )
    least = found(guided.least_rollouts)[0].recomputed
    assert solved / (problems * (least - 1)) > accuracy + 0.00005
    assert solved / (problems * least) <= accuracy + 0.00005


@given(st.integers(2, 60), st.data())
def test_the_ends_of_mcnemars_statistic_hold_every_table(problems: int, data: st.DataObject):
    one = data.draw(st.lists(st.booleans(), min_size=problems, max_size=problems))
    two = data.draw(st.lists(st.booleans(), min_size=problems, max_size=problems))
    before, after = sum(one), sum(two)
    if after <= before:
        return
    gained = sum(b and not a for a, b in zip(one, two, strict=True))
    lost = sum(a and not b for a, b in zip(one, two, strict=True))
    statistic = (gained - lost) / (gained + lost) ** 0.5
    text = guided.more_solved(problems, before, after)
    assert text.stated <= statistic + 1e-9
    assert statistic <= (after - before) ** 0.5 + 1e-9


def test_printed_scores_are_those_of_whole_rollouts():
    assert [row.recomputed for row in found(chance.whole_counts)] == [0, 0]
    odd = chance.whole_counts(8, 30, 0.2251)
    assert odd.recomputed == 1
    assert not odd.agrees


@given(st.lists(st.integers(0, 240), min_size=1, max_size=5))
def test_every_count_passes_as_one(correct: list[int]):
    rounded = [round(c / 240, 4) for c in correct]
    assert all(chance.whole_counts(8, 30, score).agrees for score in rounded)


def test_chance_is_that_of_the_formula():
    """Two scores of one half over 100 problems, 8 samples each: by hand."""
    row = chance.lead_and_chance(8, 0.5, 0.5, 100)
    assert row.recomputed == pytest.approx(NormalDist().inv_cdf(0.975) * (2 * 0.25 / 800) ** 0.5)
    assert not row.agrees


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 1), st.sampled_from(["equal", "at least", "at most"]))
def test_a_finding_agrees_as_its_relation_says(stated: float, recomputed: float, tolerance: float, relation: str):
    result = Finding("", "", stated, recomputed, "", relation, tolerance)
    expected = {
        "equal": abs(stated - recomputed) <= tolerance,
        "at least": stated - recomputed >= -tolerance,
        "at most": stated - recomputed <= tolerance,
    }
    assert result.agrees == expected[relation]


def test_the_audit_covers_both_models_and_all_tables():
    places = " ".join(check.where for check in CHECKS)
    for table in (1, 2, 4, 5, 6, 7):
        assert f"Table {table}" in places
    assert {model for model in paper_values()["table2"]["models"] if model in places} == {
        "e3-1.7B",
        "Qwen3-4B-Instruct",
    }
