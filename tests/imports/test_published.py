"""Data sets with the columns of InT's authors: which records they become, what is left out, and what is an error."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import ProblemFile, StepsConfig
from int_bench.errors import UserError
from int_bench.imports.published import blocks, read_published
from int_bench.imports.write import import_published
from int_bench.interventions.oracles.files import Replay, read_replay
from int_bench.interventions.propose import chosen_attempts, propose_interventions
from int_bench.records import Intervention, Problem, Rollout, read_records
from tests.test_cli import one_line, run

APPLES = "Ann has 3 apples and twice as many pears. How many fruits are there?"
TILES = "A floor of 4 by 5 tiles loses its border. How many tiles are left?"
ATTEMPT = "There are 3 apples.\n\nTwice 3 is 5.\n\nSo 3 + 5 = 8.\n\nThe answer is \\boxed{8}."
CONTENT = "Twice 3 is 6,\nso there are 6 pears."
GUIDED = "There are 3 apples.\n\nTwice 3 is 6,\n\nso there are 6 pears."  # as the authors' scripts put it together


def row(**changes: object) -> dict[str, object]:
    """A row with all columns."""
    return {
        "problem": APPLES,
        "answer": "9",
        "reference_solution": "3 + 6 = 9.",
        "incorrect_attempt": ATTEMPT,
        "source": "fruit",
        "intervention": {"content": CONTENT, "location": 2},
        "intervention_guided_attempt": GUIDED,
        **changes,
    }


@pytest.fixture
def read(tmp_path: Path) -> Callable:
    """Read rows from a file."""

    def read(*rows: dict[str, object]):
        path = tmp_path / "rows.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in rows))
        return read_published(ProblemFile(source=str(path)), "rows")

    return read


def test_a_row_becomes_a_problem_an_attempt_and_an_intervention(read: Callable):
    found = read(row())
    (problem,), (attempt,), (intervention,) = (
        found.problems.values(),
        found.attempts.values(),
        found.interventions.values(),
    )
    assert (problem.source, problem.text, problem.answer, problem.reference) == ("fruit", APPLES, "9", "3 + 6 = 9.")
    assert (attempt.problem_id, attempt.problem_set, attempt.text) == (problem.problem_id, "rows", ATTEMPT)
    assert (attempt.correct, attempt.status, attempt.extracted, attempt.method) == (False, "wrong", "8", "none")
    assert (attempt.token_ids, attempt.logprobs, attempt.all_steps_right, attempt.sample) == ([], [], None, 0)
    assert (intervention.problem_id, intervention.rollout_id) == (problem.problem_id, attempt.rollout_id)
    assert (intervention.status, intervention.location, intervention.steps) == ("proposed", 1, 4)
    assert intervention.before == intervention.prefix == "There are 3 apples.\n\n"
    # Prefix and content are what the authors trained on, with their doubled newline.
    assert intervention.prefix + intervention.content == GUIDED
    assert found.left_out == Counter()


def test_a_content_stands_where_no_guided_attempt_says_otherwise(read: Callable):
    alone = row()
    del alone["intervention_guided_attempt"]
    (intervention,) = read(alone).interventions.values()
    assert intervention.content == CONTENT
    found = read(row(intervention_guided_attempt="Something else."))
    (intervention,) = found.interventions.values()
    assert intervention.content == CONTENT
    (left_out,) = found.left_out
    assert left_out.startswith("guided attempts that are not prefix and content")


@pytest.mark.parametrize("location", [2, 2.0, "2", "Substep 2", " **Substep 2:** "])
def test_a_location_may_be_written_down_in_words(read: Callable, location: object):
    (found,) = read(row(intervention={"content": CONTENT, "location": location})).interventions.values()
    assert found.prefix == "There are 3 apples.\n\n"


@pytest.mark.parametrize("location", [0, -1, 5, 99])
def test_a_location_that_does_not_exist_is_outside_the_trace(read: Callable, location: int):
    found = read(row(intervention={"content": CONTENT, "location": location}))
    (intervention,) = found.interventions.values()
    assert (intervention.status, intervention.location, intervention.prefix) == ("outside_trace", None, "")
    assert found.left_out == Counter()


@given(
    attempt=st.lists(st.sampled_from(["a", "\n", "\n\n", " ", "b c"]), max_size=12).map("".join),
    place=st.integers(1, 14),
)
def test_prefixes_are_the_authors_own(attempt: str, place: int):
    # parse_interventions.ipynb of the authors: how a guided attempt is put together.
    pieces = blocks(attempt)
    assert "".join(pieces) == attempt
    assert len(pieces) == len(attempt.split("\n\n"))
    if 1 < place <= len(pieces):
        assert "".join(pieces[: place - 1]) == "\n\n".join(attempt.split("\n\n")[: place - 1]) + "\n\n"


def test_an_empty_content_and_a_boxed_one_are_told_apart(read: Callable):
    found = read(
        row(intervention={"content": " ", "location": 2}, intervention_guided_attempt=None),
        row(intervention={"content": "It is \\boxed{9}.", "location": 2}, intervention_guided_attempt=None),
        row(intervention={"content": "", "location": None}, problem=TILES, intervention_guided_attempt=None),
    )
    assert [one.status for one in found.interventions.values()] == ["no_error", "boxed_answer", "no_error"]


def test_what_rows_repeat_is_kept_once(read: Callable):
    other = {"content": "Twice means times two.", "location": 2}
    found = read(
        row(),
        row(problem=f" {APPLES.replace(' ', '  ')}", intervention=other, intervention_guided_attempt=None),
        row(incorrect_attempt="I do not know.", intervention=None, intervention_guided_attempt=None),
        row(),
    )
    assert (len(found.problems), len(found.attempts), len(found.interventions)) == (1, 2, 2)
    assert [(one.sample, one.status) for one in found.attempts.values()] == [(0, "wrong"), (1, "no_answer")]
    assert found.left_out == {"interventions that repeat an earlier one": 1}


def test_ids_are_those_of_the_texts_in_whatever_order_they_come(read: Callable):
    rows = [row(), row(problem=TILES, answer="6"), row(incorrect_attempt="I do not know.\n\nOr do I?")]
    forth, back = read(*rows), read(*reversed(rows), row(problem="Another one?", intervention=None))
    for kind in ("problems", "attempts", "interventions"):
        assert set(getattr(forth, kind)) <= set(getattr(back, kind))
        assert len(getattr(forth, kind)) == (2 if kind == "problems" else 3)


@pytest.mark.parametrize("column", ["problem_id", "id"])
def test_an_id_column_names_the_problems(read: Callable, column: str):
    found = read({**row(), column: 17}, {**row(problem=TILES), column: 18})
    assert list(found.problems) == ["17", "18"]
    with pytest.raises(UserError, match=rf"rows\.jsonl: row 2, column {column}: '17' belongs to two problems"):
        read({**row(), column: 17}, {**row(problem=TILES), column: 17})


@pytest.mark.parametrize(
    ("changes", "reason", "left"),
    [
        ({"problem": None}, "rows without a problem, an answer or an id", (0, 0, 0)),
        ({"answer": " "}, "rows without a problem, an answer or an id", (0, 0, 0)),
        ({"incorrect_attempt": None}, "interventions without an attempt", (1, 0, 0)),
        ({"incorrect_attempt": "\n"}, "interventions without an attempt", (1, 0, 0)),
        ({"intervention": None}, "guided attempts without an intervention", (1, 1, 0)),
        (
            {"intervention": {"content": "c", "location": "somewhere"}},
            "interventions whose location is no single whole number",
            (1, 1, 0),
        ),
    ],
)
def test_what_is_left_out_is_counted_with_its_reason(read: Callable, changes: dict, reason: str, left: tuple):
    found = read(row(**changes))
    assert (len(found.problems), len(found.attempts), len(found.interventions)) == left
    assert found.left_out == {reason: 1}


def test_rows_that_contradict_their_problem_s_first_are_left_out(read: Callable):
    found = read(
        row(reference_solution=None),
        row(answer="8"),
        row(reference_solution="Count them."),
        row(reference_solution="Count them again."),
    )
    (problem,) = found.problems.values()
    assert (problem.answer, problem.reference) == ("9", "Count them.")
    assert found.left_out["rows with another answer than an earlier row of their problem"] == 1
    assert found.left_out["references beside an earlier one of their problem"] == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problem": 3}, "row 2, column problem: is int, where a text was expected"),
        ({"answer": {"value": 3}}, "row 2, column answer: is a mapping, where a text or a number was expected"),
        ({"incorrect_attempt": ["a"]}, "row 2, column incorrect_attempt: is list, where a text was expected"),
        ({"intervention": "Substep 12"}, "row 2, column intervention: is no mapping of content and location"),
        ({"intervention_guided_attempt": 1}, "row 2, column intervention_guided_attempt: is int, where"),
    ],
)
def test_bad_input_names_file_row_and_column(read: Callable, tmp_path: Path, changes: dict, message: str):
    with pytest.raises(UserError) as caught:
        read(row(), row(**changes))
    assert str(caught.value).startswith(f"{tmp_path / 'rows.jsonl'}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"problem": "P"}], "no column 'answer'; it has problem"),
        ([{"question": "P", "answer": "1"}], "no column 'problem'; it has answer, question"),
        ([], "no column 'answer'; it has no rows"),
    ],
)
def test_a_missing_column_is_named_with_those_there_are(read: Callable, rows: list, message: str):
    with pytest.raises(UserError, match=message):
        read(*rows)


@pytest.mark.parametrize("kind", ["jsonl", "json", "parquet", "folder"])
def test_every_kind_of_source_gives_the_same_records(tmp_path: Path, kind: str):
    rows = [row(), row(problem=TILES, answer="6", incorrect_attempt=None, intervention=None)]
    rows[1]["intervention_guided_attempt"] = None
    path = tmp_path / f"rows.{kind}"
    match kind:
        case "jsonl":
            path.write_text("".join(json.dumps(one) + "\n" for one in rows))
        case "json":
            path.write_text(json.dumps(rows))
        case "parquet":
            pq.write_table(pa.Table.from_pylist(rows), path)
        case "folder":
            path.mkdir()
            pq.write_table(pa.Table.from_pylist(rows), path / "train-00000-of-00001.parquet")
    said = import_published(str(path), tmp_path / "there", "train")
    assert said[:4] == [
        f"{path}: 2 rows",
        "problems: 2",
        "attempts: 1 (1 wrong)",
        "interventions: 1 (1 proposed)",
    ]
    problems = read_records(tmp_path / "there" / "problems.parquet", Problem)
    assert [(one.text, one.answer, one.source) for one in problems] == [(APPLES, "9", "fruit"), (TILES, "6", "fruit")]
    assert len(read_records(tmp_path / "there" / "attempts.parquet", Rollout)) == 1
    (intervention,) = read_records(tmp_path / "there" / "interventions.parquet", Intervention)
    assert intervention.prefix + intervention.content == GUIDED


# Empty blocks, which the authors count and a run does not.
ODD = "There are 3 apples.\n\n\n\nTwice 3 is 5.\n\nSo 8."


@pytest.mark.parametrize(("attempt", "location"), [(ATTEMPT, 2), (ATTEMPT, 1), (ATTEMPT, 4), (ODD, 3), (ODD, 4)])
def test_a_replayed_oracle_gives_back_what_was_published(tmp_path: Path, attempt: str, location: int):
    one = row(incorrect_attempt=attempt, intervention={"content": CONTENT, "location": location})
    (tmp_path / "rows.jsonl").write_text(json.dumps({**one, "intervention_guided_attempt": None}))
    import_published(str(tmp_path / "rows.jsonl"), tmp_path / "there", "train")
    problems = read_records(tmp_path / "there" / "problems.parquet", Problem)
    attempts = read_records(tmp_path / "there" / "attempts.parquet", Rollout)
    (published,) = read_records(tmp_path / "there" / "interventions.parquet", Intervention)
    oracle = Replay(read_replay(tmp_path / "there" / "interventions.jsonl"))
    chosen = chosen_attempts(problems, attempts, 1, 0)
    (replayed,) = propose_interventions(chosen, oracle, "replace", StepsConfig(), None, 0)
    assert replayed.status == published.status == "proposed"
    assert (replayed.prefix, replayed.content) == (published.prefix, published.content)
    assert published.prefix + published.content == "".join(blocks(attempt)[: location - 1]) + CONTENT


def test_the_command_prints_counts_of_everything(tmp_path: Path):
    rows = [
        {**row(), "self_verify_output": "..."},
        row(intervention={"content": CONTENT, "location": "Substep 12"}, intervention_guided_attempt=None),
        row(problem=TILES, answer=None),
    ]
    (tmp_path / "InT.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    done = run("import", "InT.jsonl", "--to", "there", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "InT.jsonl: 3 rows",
        "problems: 1",
        "attempts: 1 (1 wrong)",
        "interventions: 2 (1 proposed, 1 outside_trace)",
        "left out: 1 rows without a problem, an answer or an id",
        "left out: column self_verify_output",
        "there/problems.parquet",
        "there/attempts.parquet",
        "there/interventions.parquet",
        "there/interventions.jsonl",
    ]
    assert (
        one_line(run("import", "nowhere.jsonl", "--to", "x", cwd=tmp_path)) == "nowhere.jsonl: no such file of problems"
    )
    assert not (tmp_path / "x").exists()
