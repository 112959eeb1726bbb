"""Whether an oracle finds the place of errors more often than places drawn at random."""

from dataclasses import replace

import numpy as np
import pytest

from int_bench.config import CalibrationConfig
from int_bench.records import Intervention
from int_bench.synthetic.calibration import Calibration, Places, places_of

STEPS = 8


def said(problem: int, location: int | None, truth: int | None = 3) -> Intervention:
    status = "no_error" if location is None else "proposed"
    ids = (f"p{problem}/0", f"p{problem}", f"r{problem}")
    return Intervention(*ids, status, location, STEPS, None, "", "", "", "none", truth, "HIGH", None)


def lead(proposals: list[Intervention]) -> Places:
    return places_of("self", proposals, np.random.default_rng(0))


def test_places_are_compared_with_what_is_named_for_other_problems():
    found = lead([said(i, i % STEPS, i % STEPS) for i in range(40)])
    assert (found.exact, found.n) == (1.0, 40)
    assert found.lead == pytest.approx(1 - 4 / 39)  # four others have the same place
    assert 0.7 < found.low < found.lead < found.high < 1.0


@pytest.mark.parametrize("constant", range(3))
def test_naming_the_same_place_always_leads_by_nothing(constant: int):
    # Errors crowd at one place, as they do in traces.
    found = lead([said(i, constant, (1, 1, 1, 2, 3)[i % 5]) for i in range(60)])
    assert found.lead == 0.0
    assert not found.low > 0.0


def test_what_names_no_place_is_a_miss_and_an_attempt_without_an_error_is_left_out():
    found = lead([said(0, 3), said(1, None), said(2, 5, truth=None)])
    assert (found.exact, found.n, found.lead) == (0.5, 2, 0.0)


def test_problems_count_alike_however_many_proposals_they_have():
    assert lead([said(0, 3)] * 9 + [said(1, 4)]).exact == 0.5


def test_an_oracle_no_better_than_chance_misses_its_mark():
    marks = CalibrationConfig(easy_benchmark="easy", oracle="self")
    good = Calibration(0.9, 10, 0.0, 10, 1.0, 10, lead([said(i, i % STEPS, i % STEPS) for i in range(40)]))
    assert good.misses(marks) == []
    rng = np.random.default_rng(1)
    guessed = lead([said(i, int(rng.integers(STEPS)), i % STEPS) for i in range(40)])
    (miss,) = replace(good, places=guessed).misses(marks)
    assert miss.startswith("oracle self names the place of ")
    assert "n = 40" in miss
