"""Reading problems: the columns, the text of cells, and what is an error, a loss or a counted warning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from int_bench.config import Columns, ProblemFile
from int_bench.errors import UserError
from int_bench.problems.files import read_problems


def write(rows: list[dict[str, object]], folder: Path, kind: str) -> str:
    """Write rows to a file, or for "folder" to a folder with a Parquet file; returns what `source` is to be."""
    path = folder / f"rows.{kind}"
    match kind:
        case "jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        case "json":
            path.write_text(json.dumps(rows))
        case "csv":
            pd.DataFrame(rows).to_csv(path, index=False)
        case "parquet":
            pd.DataFrame(rows).to_parquet(path)
        case "folder":
            path.mkdir()
            pd.DataFrame(rows).to_parquet(path / "train-00000-of-00001.parquet")
    return str(path)


@pytest.mark.parametrize("kind", ["jsonl", "json", "csv", "parquet", "folder"])
def test_every_kind_of_file_gives_the_same_problems(tmp_path: Path, kind: str):
    rows = [
        {"problem": "What is 1 + 1?", "answer": "2", "solution": "Count."},
        # Text that a reader who guesses would turn into a number or into nothing.
        {"problem": "How many solutions?", "answer": "None", "solution": "There is none."},
        {"problem": "Write it out.", "answer": "0010", "solution": "As asked."},
    ]
    found = read_problems("set", ProblemFile(source=write(rows, tmp_path, kind)))
    assert [(p.problem_id, p.source, p.text, p.answer, p.reference) for p in found.problems] == [
        (f"set-{i:04d}", "set", row["problem"], row["answer"], row["solution"]) for i, row in enumerate(rows)
    ]


def test_numbers_of_a_csv_file_stay_as_they_are_written(tmp_path: Path):
    path = tmp_path / "numbers.csv"
    path.write_text("problem,answer\nP,3\nQ,0.50\nR,007\nS,12345678901234567890\n")
    found = read_problems("set", ProblemFile(source=str(path), columns=Columns(reference=None)))
    assert [problem.answer for problem in found.problems] == ["3", "0.50", "007", "12345678901234567890"]


def test_the_fingerprint_is_that_of_the_problems_and_not_of_the_file(tmp_path: Path):
    rows = [{"problem": "What is 1 + 1?", "answer": "2", "solution": "Count."}]
    prints = {
        kind: read_problems("set", ProblemFile(source=write(rows, tmp_path, kind))).facts["fingerprint"]
        for kind in ("jsonl", "csv", "parquet", "folder")
    }
    assert len(set(prints.values())) == 1
    changed = write([{**rows[0], "answer": "3"}], tmp_path, "json")
    assert read_problems("set", ProblemFile(source=changed)).facts["fingerprint"] not in prints.values()


def test_cells_become_text(rows: list, jsonl: Callable):
    found = read_problems("set", ProblemFile(source=jsonl(rows))).problems
    assert [problem.answer for problem in found] == ["2", "a triangle", "-2, 2"]
    assert [problem.reference for problem in found] == ["Count.", None, "Take roots."]


@pytest.mark.parametrize("answer", ["7", r"\boxed{7}", r"$\boxed{7}$", r"It is 3 + 4, so the answer is \boxed{7}."])
def test_a_gold_answer_leaves_its_box(jsonl: Callable, answer: str):
    (found,) = read_problems(
        "set", ProblemFile(source=jsonl([{"problem": "P", "answer": answer, "solution": ""}]))
    ).problems
    assert found.answer == "7"


def test_the_column_map_is_followed(jsonl: Callable):
    source = jsonl([{"Problem": " P ", "Short Answer": "7", "Problem ID": 5}])
    columns = Columns(problem="Problem", answer="Short Answer", reference=None, id="Problem ID")
    (found,) = read_problems("set", ProblemFile(source=source, columns=columns)).problems
    assert (found.problem_id, found.text, found.answer, found.reference) == ("5", "P", "7", None)


def test_rows_are_left_out_by_a_column_and_keep_their_numbers(rows: list, jsonl: Callable):
    source = ProblemFile(source=jsonl(rows), without={"kind": ("description",)})
    assert [p.problem_id for p in read_problems("set", source).problems] == ["set-0000", "set-0002"]


def test_a_limit_takes_the_first(rows: list, jsonl: Callable):
    assert len(read_problems("set", ProblemFile(source=jsonl(rows), limit=2)).problems) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": Columns(problem="question")}, "no column 'question'; it has problem, answer, solution, kind"),
        ({"columns": Columns(id="uid")}, "no column 'uid'"),
        ({"without": {"answer_type": ("description",)}}, "no column 'answer_type'"),
        ({"draw": {"by": "Category", "each": 1}}, "no column 'Category'"),
    ],
)
def test_a_wrong_column_is_named_with_those_there_are(rows: list, jsonl: Callable, changes: dict, message: str):
    source = jsonl(rows)
    with pytest.raises(UserError) as caught:
        read_problems("set", ProblemFile.model_validate({"source": source, **changes}))
    assert str(caught.value).startswith(f"{source}: {message}")


@pytest.mark.parametrize("empty", [None, "", "  ", []])
@pytest.mark.parametrize("column", ["problem", "answer"])
def test_an_empty_cell_is_an_error_in_a_benchmark_and_a_counted_loss_in_a_pool(
    rows: list, jsonl: Callable, capsys: pytest.CaptureFixture[str], column: str, empty: object
):
    source = ProblemFile(source=jsonl([*rows, {**rows[0], column: empty}]))
    with pytest.raises(UserError, match="problem set-0003 has an empty text or answer"):
        read_problems("set", source)
    found = read_problems("set", source, pool=True)
    assert (len(found.problems), found.facts["empty"]) == (3, 1)
    assert "1 of 4 problems have an empty text or answer" in capsys.readouterr().err


def test_repeats_in_a_benchmark_are_kept_and_counted(rows: list, jsonl: Callable, capsys: pytest.CaptureFixture[str]):
    found = read_problems("set", ProblemFile(source=jsonl([*rows, {**rows[0], "problem": " What is\n1 + 1?"}])))
    assert (len(found.problems), found.facts["repeated"]) == (4, 1)
    assert "set: 1 of 4 problems repeat the text of another" in capsys.readouterr().err


def test_an_id_of_two_problems_is_refused(rows: list, jsonl: Callable):
    source = jsonl([{**row, "uid": "a"} for row in rows])
    with pytest.raises(UserError, match="the id 'a' belongs to 3 problems"):
        read_problems("set", ProblemFile(source=source, columns=Columns(id="uid")))


@pytest.mark.parametrize(("expected", "said"), [(4, "4"), ((5, 7), "5 to 7"), (3, None), ((1, 3), None)])
def test_another_number_than_expected_is_counted(
    rows: list, jsonl: Callable, capsys: pytest.CaptureFixture[str], expected: object, said: str | None
):
    # A limit is no difference: what counts is what the source holds.
    source = ProblemFile.model_validate({"source": jsonl(rows), "expected": expected, "limit": 1})
    assert read_problems("set", source).facts.get("expected") == said
    assert ("were expected" in capsys.readouterr().err) == (said is not None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"problem": ', "cannot be read as jsonl"),
        ("a.json", "[{}, 2]", "row 2 is no mapping"),
        ("a.jsonl", '{"problem": "P"}\n{"problem', "cannot be read as jsonl .row 2: "),
        ("a.parquet", "PAR1", "cannot be read as parquet"),
        ("a.jsonl", "", "holds no problems"),
        ("a.csv", "", "cannot be read as csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: str, message: str):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message) as caught:
        read_problems("set", ProblemFile(source=str(tmp_path / name)))
    assert str(caught.value).startswith(str(tmp_path / name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("character", ["\u2028", "\x85"])
def test_only_a_newline_ends_a_row(tmp_path: Path, character: str):
    row = {"problem": f"one{character}two", "answer": "1", "solution": ""}
    (tmp_path / "a.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    (found,) = read_problems("set", ProblemFile(source=str(tmp_path / "a.jsonl"))).problems
    assert found.text == f"one{character}two"


def test_a_missing_file_is_named():
    with pytest.raises(UserError, match=r"nowhere\.jsonl: no such file of problems"):
        read_problems("set", ProblemFile(source="nowhere.jsonl"))


def test_without_the_hub_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    import datasets
    import huggingface_hub.constants

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match=r"MathArena/no_such_set: cannot be read .*give the file") as caught:
        read_problems("set", ProblemFile(source="MathArena/no_such_set"))
    assert "\n" not in str(caught.value)


class Builder:
    """Stands for the library's builder of a data set of the hub, which cannot be reached from a test."""

    hash = "0123456789abcdef0123456789abcdef01234567"  # for a data set of the hub, the commit that was resolved
    asked: tuple[object, ...] = ()

    def __init__(self, source: str, subset: str | None, revision: str | None) -> None:
        type(self).asked = (source, subset, revision)

    def download_and_prepare(self) -> None:
        pass

    def as_dataset(self, split: str):
        import datasets

        assert split == "test"
        return datasets.Dataset.from_list([{"problem": "P", "answer": "1", "solution": "S"}])


def test_the_commit_of_a_data_set_of_the_hub_is_recorded(monkeypatch: pytest.MonkeyPatch):
    import datasets

    monkeypatch.setattr(datasets, "load_dataset_builder", Builder)
    source = ProblemFile(source="owner/name", subset="en", split="test", revision="v1")
    found = read_problems("set", source)
    assert Builder.asked == ("owner/name", "en", "v1")
    assert found.facts["revision"] == Builder.hash
    assert len(found.problems) == 1
