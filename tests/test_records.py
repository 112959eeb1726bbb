"""Parquet files of records: what is written comes back, whole or not at all, and nothing else is taken for it."""

import dataclasses
import json
import math
import shutil
import subprocess
import sys
import types
import typing
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from int_bench.errors import UserError
from int_bench.records import (
    Drift,
    Intervention,
    Problem,
    Record,
    RecordError,
    Rollout,
    Sampled,
    Selection,
    Solution,
    TraceLikelihood,
    TrainingExample,
    TrainingStep,
    Verdict,
    atomic_path,
    read_records,
    read_table,
    schema_of,
    write_json,
    write_jsonl,
    write_records,
    write_text,
)

KINDS: list[type[Record]] = [
    Problem,
    Sampled,
    Rollout,
    Intervention,
    Verdict,
    Selection,
    Solution,
    TrainingExample,
    TrainingStep,
    TraceLikelihood,
    Drift,
]
SCALARS = {
    str: st.text(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
}
LISTS = {int: st.integers(-(2**31), 2**31 - 1), float: st.floats(width=32, allow_nan=False)}
PROBLEMS = [Problem(f"p{i}", "pool", f"text {i}", "1", None) for i in range(5)]


def values_of(hint) -> st.SearchStrategy:
    if isinstance(hint, types.UnionType):
        return st.one_of([st.none() if option is type(None) else values_of(option) for option in typing.get_args(hint)])
    if typing.get_origin(hint) is typing.Literal:
        return st.sampled_from(typing.get_args(hint))
    if typing.get_origin(hint) is list:
        return st.lists(LISTS[typing.get_args(hint)[0]], max_size=4)
    return SCALARS[hint]


def records_of(kind: type[Record]) -> st.SearchStrategy:
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{field.name: values_of(hints[field.name]) for field in dataclasses.fields(kind)})


def test_every_kind_has_its_own_name():
    assert {kind.KIND for kind in Record.__subclasses__()} == {kind.KIND for kind in KINDS}
    assert len({kind.KIND for kind in [*KINDS, Record]}) == len(KINDS) + 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.KIND)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_records_come_back_as_they_were(kind: type[Record], data: st.DataObject, tmp_path: Path):
    rows = data.draw(st.lists(records_of(kind), max_size=4))
    path = tmp_path / "rows.parquet"
    write_records(path, rows, kind)
    assert read_records(path, kind) == rows


def test_nan_comes_back_as_nan(tmp_path: Path):
    row = TrainingStep(1, *[math.nan] * 12)
    write_records(tmp_path / "x.parquet", [row], TrainingStep)
    (back,) = read_records(tmp_path / "x.parquet", TrainingStep)
    assert all(math.isnan(value) for value in dataclasses.astuple(back)[1:])


def test_some_columns_can_be_read_alone(tmp_path: Path):
    write_records(tmp_path / "x.parquet", PROBLEMS, Problem)
    table = read_table(tmp_path / "x.parquet", Problem, ["problem_id"])
    assert table.to_pydict() == {"problem_id": ["p0", "p1", "p2", "p3", "p4"]}


def test_a_null_where_none_may_be_is_not_written(tmp_path: Path):
    path = tmp_path / "x.parquet"
    wrong = dataclasses.replace(PROBLEMS[0], answer=None)
    with pytest.raises(ValueError, match="null"):
        write_records(path, [wrong], Problem)
    assert not path.exists()


def whole(path: Path) -> None:
    write_records(path, PROBLEMS, Problem)


def cut(path: Path) -> None:
    whole(path)
    path.write_bytes(path.read_bytes()[:-30])


def cut_in_the_middle(path: Path) -> None:
    whole(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("problem_id,text\n1,2\n")


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), path)


def another_kind(path: Path) -> None:
    write_records(path, [], Selection)


def another_schema(path: Path) -> None:
    fields = [field.with_type(pa.int32()) if field.name == "answer" else field for field in schema_of(Problem)]
    columns = {field.name: pa.array([], field.type) for field in fields}
    pq.write_table(pa.table(columns, schema=pa.schema(fields, metadata=schema_of(Problem).metadata)), path)


def extra_column(path: Path) -> None:
    schema = schema_of(Problem).append(pa.field("more", pa.int64()))
    pq.write_table(schema.empty_table(), path)


def missing(path: Path) -> None:
    pass


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, "cut short or not a Parquet file"),
        (cut_in_the_middle, "cut short or not a Parquet file"),
        (empty, "cut short or not a Parquet file"),
        (text, "cut short or not a Parquet file"),
        (foreign, "holds foreign rows, expected problem rows"),
        (another_kind, "holds selection rows, expected problem rows"),
        (another_schema, "columns differ from the schema of problem: answer"),
        (extra_column, "columns differ from the schema of problem: extra ones"),
        (missing, "no such file"),
        (folder, ""),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_does_not_hold_the_records_is_refused_with_its_path(tmp_path: Path, damage, message: str):
    path = tmp_path / "rows.parquet"
    damage(path)
    with pytest.raises(RecordError) as caught:
        read_records(path, Problem)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, UserError)


def failing(path: Path, write: Callable[[Path], object]) -> None:
    """Write a path and fail before the block ends."""
    with atomic_path(path) as temporary:
        write(temporary)
        raise RuntimeError("midway")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "x.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="midway"):
        failing(path, lambda temporary: temporary.write_text("new, but only ha"))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_a_failed_write_of_a_folder_leaves_nothing_and_says_why(tmp_path: Path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "config.json").write_text("{}")
    with pytest.raises(RuntimeError, match="midway"):
        failing(tmp_path / "model", lambda temporary: shutil.copytree(tmp_path / "source", temporary))
    shutil.rmtree(tmp_path / "source")
    assert not list(tmp_path.iterdir())


def test_a_failed_link_leaves_what_it_points_to(tmp_path: Path):
    (tmp_path / "real").mkdir()
    with pytest.raises(RuntimeError, match="midway"):
        failing(tmp_path / "link", lambda temporary: temporary.symlink_to(tmp_path / "real"))
    assert [p.name for p in tmp_path.iterdir()] == ["real"]


def test_json_lines_are_lines_of_json_whatever_their_texts_hold(tmp_path: Path):
    rows = [{"b": "one\u2028two", "a": 1}, {"b": "é\n", "a": None}]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    with (tmp_path / "rows.jsonl").open(encoding="utf-8") as file:
        assert [json.loads(line) for line in file] == rows
    write_jsonl(tmp_path / "rows.jsonl", [])
    assert (tmp_path / "rows.jsonl").read_text() == ""


def test_a_written_file_replaces_the_old_one_and_makes_its_folder(tmp_path: Path):
    path = tmp_path / "deep" / "er" / "x.json"
    write_json(path, {"b": 1, "a": [2]})
    write_json(path, {"b": 2})
    assert path.read_text() == '{\n  "b": 2\n}\n'
    assert [p.name for p in path.parent.iterdir()] == ["x.json"]


def test_the_old_file_is_replaced_at_once_and_never_written_into(tmp_path: Path):
    path = tmp_path / "x.txt"
    write_text(path, "old")
    with path.open() as reader:
        write_text(path, "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


FULL_DISK = """
import resource, signal, sys
from int_bench.records import Problem, write_records
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write past the limit fails, as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
rows = [Problem(f"p{i}", "pool", str(hash(str(i))) * 20, "1", None) for i in range(5000)]
try:
    write_records(sys.argv[1], rows, Problem)
except OSError as error:
    sys.exit(f"failed: {error}")
"""


def test_a_full_disk_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "rows.parquet"
    write_records(path, PROBLEMS, Problem)
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "failed: " in done.stderr
    assert read_records(path, Problem) == PROBLEMS
    assert [p.name for p in tmp_path.iterdir()] == ["rows.parquet"]
