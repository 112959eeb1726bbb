"""Which of a model's solutions are kept."""

from hypothesis import given
from hypothesis import strategies as st

from int_bench.solutions.choose import Written, choose

ROWS = st.lists(
    st.builds(
        lambda problem, text, status, ended: Written("s", problem, text, status, ended, status == "correct"),
        st.sampled_from("pq"),
        st.sampled_from("abc"),
        st.sampled_from(["correct", "correct", "wrong", "truncated"]),
        st.sampled_from(["stop", "stop", "length"]),
    ),
    max_size=12,
)


def one(text: str, status: str = "correct", ended: str = "stop", correct: bool | None = True) -> Written:
    return Written(text, "p", text, status, ended, correct)


def test_each_that_is_not_kept_has_its_reason():
    rows = [
        one("x", "wrong", correct=False),
        one("", "refused", correct=None),
        one("a", ended="length"),
        one("b"),
        one("b"),
        one("c"),
    ]
    reasons = ["wrong", "refused", "unfinished", "kept", "duplicate", "enough"]
    found = list(choose(rows, per_problem=1))
    assert [row.reason for row in found] == reasons
    assert [row.correct for row in found] == [False, None, True, True, True, True]
    assert [row.reason for row in choose(rows)] == [*reasons[:-1], "kept"]


@given(ROWS, st.sampled_from([None, 1, 2]))
def test_what_is_kept_is_correct_finished_different_and_first(rows, per_problem):
    found = list(choose(rows, per_problem))
    kept = [(row.problem_id, row.text) for row in found if row.kept]
    whole = [(row.problem_id, row.text) for row in rows if row.correct and row.finish_reason == "stop"]
    expected = []
    for pair in whole:
        if pair not in expected and (per_problem is None or [p for p, _ in expected].count(pair[0]) < per_problem):
            expected.append(pair)
    assert kept == expected
    assert all(row.kept == (row.reason == "kept") for row in found)
