"""The draw of IMO-AnswerBench: stated, fixed, and split in two."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import Draw, ProblemFile
from int_bench.errors import UserError
from int_bench.problems.choose import drawn, is_simple
from int_bench.problems.files import read_problems

ROWS = st.lists(
    st.fixed_dictionaries({"kind": st.sampled_from("ab"), "answer": st.sampled_from(["1", "1/2", "x"])}), max_size=30
)


def numbered(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**row, "id": str(i)} for i, row in enumerate(rows)]


@pytest.mark.parametrize(
    "answer", ["7", "-768", " 4\n", "$14625$", "3/4", "-1/2", r"$\dfrac{16}{27}$.", r"\frac{-1}{4}"]
)
def test_integers_and_fractions_are_simple(answer: str):
    assert is_simple(answer)


@pytest.mark.parametrize(
    "answer", ["", "x", "1, 2", "2^{10}", r"\sqrt{2}", r"$\frac{7}{18}", "1.5", r"\frac{x}{2}", "7 apples", "$7$ and 8"]
)
def test_all_else_is_not(answer: str):
    assert not is_simple(answer)


def test_the_40_are_ten_of_each_category_with_simple_answers_and_the_360_are_the_others():
    forty = read_problems("forty", ProblemFile.model_validate("imo-answerbench-40")).problems
    rest = read_problems("rest", ProblemFile.model_validate("imo-answerbench-360"), pool=True).problems
    categories = Counter(problem.problem_id.removeprefix("imo-bench-").rsplit("-", 1)[0] for problem in forty)
    assert categories == {"algebra": 10, "combinatorics": 10, "geometry": 10, "number_theory": 10}
    assert all(is_simple(problem.answer) for problem in forty)
    ids = [{problem.problem_id for problem in part} for part in (forty, rest)]
    assert (len(ids[0]), len(ids[1]), len(ids[0] | ids[1])) == (40, 360, 400)
    # Fixed for good: a change of the rule or the seed is a change of the benchmark.
    assert [problem.problem_id for problem in forty][:3] == [f"imo-bench-algebra-{n}" for n in ("021", "022", "030")]


@given(ROWS, st.integers(1, 3), st.integers(0, 5), st.randoms())
def test_a_draw_and_its_rest_share_out_the_rows_whatever_their_order(rows, each, seed, random):
    rows = numbered(rows)
    draw = Draw(by="kind", each=each, seed=seed)
    eligible = Counter(row["kind"] for row in rows if is_simple(row["answer"]))
    if any(count < each for count in eligible.values()):
        with pytest.raises(UserError, match="problems with a simple answer"):
            drawn(rows, draw, "id", "answer")
        return
    taken = drawn(rows, draw, "id", "answer")
    rest = drawn(rows, draw.model_copy(update={"rest": True}), "id", "answer")
    assert sorted(taken + rest) == list(range(len(rows)))
    assert Counter(rows[i]["kind"] for i in taken) == dict.fromkeys(eligible, each)
    assert all(is_simple(rows[i]["answer"]) for i in taken)
    shuffled = random.sample(rows, len(rows))
    again = drawn(shuffled, draw, "id", "answer")
    assert {shuffled[i]["id"] for i in again} == {rows[i]["id"] for i in taken}


def test_another_seed_draws_others():
    rows = numbered([{"kind": "a", "answer": "1"}] * 40)
    one, two = (drawn(rows, Draw(by="kind", each=10, seed=seed), "id", "answer") for seed in (0, 1))
    assert one != two
