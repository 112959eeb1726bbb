"""The records that pass between stages, and their Parquet files.

Each record is a frozen dataclass with an explicit Arrow schema. Files are written whole or not at all, and a file that
is truncated, foreign or of another kind is refused with its path and what is wrong with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from int_bench.errors import UserError

Mode = Literal["naive", "from_intervention", "with_intervention"]
Status = Literal["correct", "wrong", "no_answer", "truncated", "unparsable", "timed_out"]
Part = Literal["prefix", "intervention", "continuation", "solution", "end"]
R = TypeVar("R", bound="Record")

_ROW_GROUP = 2**25  # bytes, before compression
_SCANNED = 256  # rows that are gone through at a time


class RecordError(UserError):
    """A file that does not hold the records it should; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Record:
    """Base of all records; ``KIND`` is stored in the file and checked on reading."""

    KIND: ClassVar[str] = "record"


@dataclass(frozen=True, slots=True)
class Problem(Record):
    """A problem with its gold answer and, where there is one, a reference solution."""

    KIND: ClassVar[str] = "problem"
    problem_id: str
    source: str
    text: str
    answer: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Sampled(Record):
    """One continuation as an engine gave it: the ``sample``-th of the prompt called ``key``."""

    KIND: ClassVar[str] = "sampled"
    key: str
    sample: int
    text: str
    token_ids: list[int]
    logprobs: list[float]
    finish_reason: Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Rollout(Record):
    """One graded continuation.

    ``problem_set`` names the pool, split or benchmark that the problem was taken from. ``prefix`` is the text handed
    over before sampling began (empty for a naive rollout), ``text`` the continuation, ``logprobs`` the log-probability
    of each of its tokens under the model. ``all_steps_right`` is null where no exact verifier exists.
    """

    KIND: ClassVar[str] = "rollout"
    rollout_id: str
    problem_id: str
    problem_set: str
    intervention_id: str | None
    mode: Mode
    sample: int
    prefix: str
    text: str
    token_ids: list[int]
    logprobs: list[float]
    finish_reason: Literal["stop", "length"]
    status: Status
    extracted: str | None
    method: str
    correct: bool
    all_steps_right: bool | None


@dataclass(frozen=True, slots=True)
class Intervention(Record):
    """An oracle's answer for one failed attempt: either a corrective step, or the reason why there is none.

    ``location`` is the index, from 0, of the step at fault among ``steps`` steps of the attempt; ``before`` and
    ``prefix`` are the attempt up to there and what is handed to the model before the corrective step; ``truth_*`` is
    the verifier's own finding in a world that has one, and ``content_right`` what it says of the corrective step.
    ``leak`` says whether the step gives the answer away (``interventions/leakage.py``).
    """

    KIND: ClassVar[str] = "intervention"
    intervention_id: str
    problem_id: str
    rollout_id: str
    status: str
    location: int | None
    steps: int
    category: str | None
    before: str
    prefix: str
    content: str
    leak: str
    truth_location: int | None
    truth_category: str | None
    content_right: bool | None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from others: one with the same problem, prefix and content is a duplicate."""
        return self.problem_id, self.prefix, self.content


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """What a judge says of the error that an intervention corrects: HIGH or EXECUTION, or why it says neither."""

    KIND: ClassVar[str] = "verdict"
    intervention_id: str
    problem_id: str
    category: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Selection(Record):
    """What became of an intervention: how many of its guided rollouts were correct, and why it was kept or dropped."""

    KIND: ClassVar[str] = "selection"
    intervention_id: str
    problem_id: str
    samples: int
    correct: int
    kept: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Solution(Record):
    """A whole solution of a problem, and whether it is cloned: ``reason`` says why not.

    ``correct`` is null where nobody graded it, as with the reference solutions that come with the problems.
    """

    KIND: ClassVar[str] = "solution"
    solution_id: str
    problem_id: str
    text: str
    correct: bool | None
    kept: bool
    reason: str


@dataclass(frozen=True, slots=True)
class TrainingExample(Record):
    """Tokens of one training row; ``labels`` repeats the token where the loss counts and is -100 elsewhere.

    The row begins with ``prompt_tokens`` of the problem, then ``prefix_tokens`` of the model's own attempt and
    ``intervention_tokens`` of the corrective step; what follows is a continuation, or a whole solution.
    """

    KIND: ClassVar[str] = "training_example"
    example_id: str
    problem_id: str
    input_ids: list[int]
    labels: list[int]
    prompt_tokens: int
    prefix_tokens: int
    intervention_tokens: int


@dataclass(frozen=True, slots=True)
class TrainingStep(Record):
    """What was logged at one step of training; a quantity that the kind of training does not have is NaN."""

    KIND: ClassVar[str] = "training_step"
    step: int
    loss: float
    learning_rate: float
    grad_norm: float
    reward: float
    all_wrong: float
    all_right: float
    entropy: float
    kl: float
    clipped: float
    length: float
    truncated: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TraceLikelihood(Record):
    """How likely the base model finds a part of a training row, given all that stands before it.

    ``nll`` is the negative log-likelihood in nats, summed over the ``tokens`` of the part; a part without tokens has no
    record. The end-of-sequence token is a part of its own.
    """

    KIND: ClassVar[str] = "trace_likelihood"
    example_id: str
    problem_id: str
    part: Part
    tokens: int
    nll: float


@dataclass(frozen=True, slots=True)
class Drift(Record):
    """How far an arm's model is from the base model on one of the base model's rollouts.

    ``kl`` is KL(base, arm) of the next token, ``entropy`` and ``base_entropy`` are the entropies of the arm's and the
    base model's next token, in nats and summed over the ``tokens`` of the rollout.
    """

    KIND: ClassVar[str] = "drift"
    rollout_id: str
    problem_id: str
    tokens: int
    kl: float
    entropy: float
    base_entropy: float


def schema_of(kind: type[Record]) -> pa.Schema:
    """The Arrow schema of a record type.

    >>> schema_of(Selection).field("kept").type
    DataType(bool)
    """
    hints = typing.get_type_hints(kind)
    fields = [_field(field.name, hints[field.name]) for field in dataclasses.fields(kind)]
    return pa.schema(fields, metadata={"int_bench.kind": kind.KIND})


def write_records(path: str | Path, records: Iterable[R], kind: type[R]) -> None:
    """Write records to a Parquet file, atomically: the file appears complete or not at all."""
    write_tables(path, [table_of(records, kind)], kind)


def table_of(records: Iterable[R], kind: type[R]) -> pa.Table:
    """Records as an Arrow table."""
    names = [field.name for field in dataclasses.fields(kind)]
    rows = list(records)
    return pa.table({name: [getattr(row, name) for row in rows] for name in names}, schema=schema_of(kind))


def write_tables(
    path: str | Path,
    tables: Iterable[pa.Table],
    kind: type[Record],
    about: Callable[[], Mapping[str, str]] = dict,
) -> None:
    """Write rows that arrive in tables of any size, atomically and holding little more than 32 MiB of them at a time.

    Row groups end where their rows have that size, so the same rows make the same file however they are divided.
    ``about`` is asked, once the last row is written, what else the file says of itself; see :func:`read_about`.
    """
    schema = schema_of(kind)
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        pending = schema.empty_table()
        for table in tables:
            pending = pa.concat_tables([pending, table])
            while rows := _full_group(pending):
                writer.write_table(pending.slice(0, rows), row_group_size=rows)
                pending = pending.slice(rows)
        if pending.num_rows:
            writer.write_table(pending, row_group_size=pending.num_rows)
        if said := about():
            writer.add_key_value_metadata(dict(said))


def _full_group(table: pa.Table) -> int:
    """How many rows at the beginning fill a row group; 0 if all of them do not."""
    size = np.zeros(table.num_rows, dtype=np.int64)
    for column in table.columns:
        if pa.types.is_list(column.type):
            size += 4 * pc.fill_null(pc.list_value_length(column), 0).to_numpy()
        elif pa.types.is_string(column.type):
            size += pc.fill_null(pc.binary_length(column), 0).to_numpy()
        else:
            size += 8
    place = int(np.searchsorted(size.cumsum(), _ROW_GROUP))
    return place + 1 if place < len(size) else 0


def read_table(path: str | Path, kind: type[Record], columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet file as an Arrow table after checking that it holds records of this kind.

    Raises RecordError naming the file if it is missing, cut short, not Parquet, or of another kind or schema.
    """
    with _opened(path, kind) as file:
        return file.read(columns=columns)


def read_about(path: str | Path, kind: type[Record], name: str) -> str | None:
    """What a Parquet file says of itself under a name; None if nothing. See read_table for what is refused."""
    with _opened(path, kind) as file:
        found = (file.metadata.metadata or {}).get(name.encode())
        return None if found is None else found.decode()


def scan_tables(path: str | Path, kind: type[Record], columns: list[str] | None = None) -> Iterator[pa.Table]:
    """Read a Parquet file in tables of few rows, so that a file of any size can be gone through; see read_table."""
    with _opened(path, kind) as file:
        for batch in file.iter_batches(_SCANNED, columns=columns):
            yield pa.Table.from_batches([batch])


@contextlib.contextmanager
def _opened(path: str | Path, kind: type[Record]) -> Iterator[pq.ParquetFile]:
    path = Path(path)
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            found = (schema.metadata or {}).get(b"int_bench.kind", b"").decode()
            if found != kind.KIND:
                raise RecordError(f"{path}: holds {found or 'foreign'} rows, expected {kind.KIND} rows")
            expected = schema_of(kind)
            if not schema.equals(expected):
                wrong = [f.name for f in expected if f.name not in schema.names or schema.field(f.name).type != f.type]
                raise RecordError(
                    f"{path}: columns differ from the schema of {kind.KIND}: {', '.join(wrong) or 'extra ones'}"
                )
            yield file
    except FileNotFoundError:
        raise RecordError(f"{path}: no such file") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise RecordError(f"{path}: cut short or not a Parquet file ({str(error).splitlines()[0]})") from None


def read_records(path: str | Path, kind: type[R]) -> list[R]:
    """Read a Parquet file into records; see :func:`read_table` for what is refused."""
    return records_of(read_table(path, kind), kind)


def records_of(table: pa.Table, kind: type[R]) -> list[R]:
    """The rows of an Arrow table as records."""
    columns = table.to_pydict()
    names = [field.name for field in dataclasses.fields(kind)]
    return [kind(*row) for row in zip(*(columns[name] for name in names), strict=True)]


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that replaces it when the block ends well and vanishes when it does not."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        if temporary.is_file():
            with temporary.open("rb") as handle:
                os.fsync(handle.fileno())
        os.replace(temporary, path)
    finally:
        if temporary.is_dir() and not temporary.is_symlink():
            shutil.rmtree(temporary)
        else:
            temporary.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: str | Path, value: Any) -> None:
    """Write a JSON file atomically, keys sorted."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def write_jsonl(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of JSON lines atomically."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_LISTS = {int: pa.list_(pa.int32()), float: pa.list_(pa.float32())}


def _field(name: str, hint: Any) -> pa.Field:
    nullable = False
    if isinstance(hint, types.UnionType):
        (hint,) = [option for option in typing.get_args(hint) if option is not type(None)]
        nullable = True
    if typing.get_origin(hint) is Literal:
        hint = str
    if typing.get_origin(hint) is list:
        return pa.field(name, _LISTS[typing.get_args(hint)[0]], nullable=nullable)
    return pa.field(name, _ARROW[hint], nullable=nullable)
