"""Records in Parquet files, each kind with an explicit Arrow schema.

A file that is truncated, foreign or of another kind is refused with its path and what is wrong with it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from int_bench.errors import UserError
from int_bench.records.kinds import Record
from int_bench.records.whole import atomic_path

R = TypeVar("R", bound=Record)

_ROW_GROUP = 2**25  # bytes, before compression
_SCANNED = 256  # rows that are gone through at a time


class RecordError(UserError):
    """A file that does not hold the records it should; the message names the file and what is wrong."""


def schema_of(kind: type[Record]) -> pa.Schema:
    """The Arrow schema of a record type.

    >>> from int_bench.records.kinds import Selection
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
