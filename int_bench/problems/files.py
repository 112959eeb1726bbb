"""Problems of local files, of data sets of the hub, and of the files that come with the package.

What is wrong with a source is an error, or a warning that is counted, in the facts that go into the manifest:

- a missing file or column is an error; so are an empty problem or answer in a benchmark, and two problems of one id;
- a pool loses its rows with an empty problem or answer, and they are counted;
- a benchmark keeps problems whose text is repeated, as published, and they are counted;
- another number of problems than the registry expects is counted as such.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from int_bench.config import Columns, ProblemFile, digest
from int_bench.errors import UserError
from int_bench.grading.extract import extract_answer
from int_bench.problems.choose import drawn, without
from int_bench.problems.registry import BUNDLED
from int_bench.records import Problem

Row = dict[str, Any]
FILES = (".csv", ".json", ".jsonl", ".parquet")


@dataclass(frozen=True, slots=True)
class ProblemSet:
    """Problems as they were read, and what a manifest says of them."""

    problems: list[Problem]
    facts: dict[str, Any]


def read_problems(name: str, source: ProblemFile, *, pool: bool = False) -> ProblemSet:
    """Read one pool or benchmark, called ``name``.

    Raises UserError naming the source for a missing file, a missing column (with those it has), an id that belongs to
    two problems, and in a benchmark an empty problem or answer; a pool loses such rows.
    """
    rows, revision = read_rows(source)
    _check_columns(source, rows)
    # A row's own number names it, whatever is left out before it.
    numbered = list(enumerate(rows))
    numbered = [numbered[i] for i in without(rows, source.without)]
    if source.draw:
        columns = source.columns
        kept = drawn([row for _, row in numbered], source.draw, columns.id or columns.problem, columns.answer)
        numbered = [numbered[i] for i in kept]
    facts: dict[str, Any] = {"source": source.source, "revision": revision, "rows": len(numbered)}
    if unexpected := _unexpected(source, len(numbered)):
        facts["expected"] = unexpected
        _warn(f"{name}: {len(numbered)} problems in {source.source}, {unexpected} were expected")
    made = [problem_of(name, source.columns, f"{name}-{number:04d}", row) for number, row in numbered[: source.limit]]
    problems = [problem for problem in made if problem.text and problem.answer]
    if len(problems) < len(made):
        empty = next(problem.problem_id for problem in made if not problem.text or not problem.answer)
        if not pool:
            raise UserError(f"{source.source}: problem {empty} has an empty text or answer")
        facts["empty"] = len(made) - len(problems)
        _warn(f"{name}: {facts['empty']} of {len(made)} problems have an empty text or answer and are left out")
    if not pool:
        _check_benchmark(name, source, problems, facts)
    facts |= {"problems": len(problems), "fingerprint": _fingerprint(problems)}
    return ProblemSet(problems, facts)


def read_rows(source: ProblemFile) -> tuple[list[Row], str | None]:
    """All rows of a source as they are, and the revision of a data set of the hub.

    Raises UserError naming the source if there is nothing or if it cannot be read.
    """
    if source.source.startswith(BUNDLED):
        with_package = files("int_bench.problems") / "data" / source.source.removeprefix(BUNDLED)
        return _read_file(Path(str(with_package))), None
    path = Path(source.source)
    if path.suffix in FILES:
        if not path.is_file():
            raise UserError(f"{source.source}: no such file of problems")
        return _read_file(path), None
    return _load(source, path.is_dir())


def _read_file(path: Path) -> list[Row]:
    """Rows of one file. Cells of a CSV file stay the text they are: a library that guesses would make 3 into 3.0."""
    try:
        if path.suffix == ".csv":
            import pandas as pd

            return pd.read_csv(path, dtype=str, keep_default_na=False).to_dict("records")
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.read_table(path).to_pylist()
        text = path.read_text(encoding="utf-8")
        rows = json.loads(text) if text.lstrip().startswith("[") else list(_json_lines(text))
    except ValueError as error:  # of json, pandas and pyarrow alike
        raise UserError(f"{path}: cannot be read as {path.suffix[1:]} ({str(error).splitlines()[0]})") from None
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise UserError(f"{path}: row {number} is no mapping of columns to values")
    return rows


def _json_lines(text: str) -> Iterator[Any]:
    # Not splitlines(): JSON allows U+2028 and the like inside a text, and a language model may write them.
    for number, line in enumerate(io.StringIO(text), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"row {number}: {error.msg}") from None


def _load(source: ProblemFile, local: bool) -> tuple[list[Row], str | None]:
    """Rows of a folder of files or a data set of the hub, which names the commit that was read."""
    import datasets

    revision = None if local else source.revision
    try:
        builder = datasets.load_dataset_builder(source.source, source.subset, revision=revision)
        builder.download_and_prepare()
        data = builder.as_dataset(split=source.split)
    # The library and its clients raise dozens of kinds for a wrong id, subset or split and for a missing network.
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        raise UserError(
            f"{source.source}: cannot be read ({said}); check id, subset and split, or download it and give the file "
            "(`source: PATH` in a configuration, NAME=PATH for `int-bench evaluate`, PATH for `int-bench import`)"
        ) from None
    return data.to_list(), None if local else builder.hash


def _check_columns(source: ProblemFile, rows: Sequence[Row]) -> None:
    if not rows:
        raise UserError(f"{source.source}: holds no problems")
    columns = source.columns
    wanted = [columns.problem, columns.answer, columns.reference, columns.id, *source.without]
    if source.draw:
        wanted.append(source.draw.by)
    for column in wanted:
        if column and column not in rows[0]:
            raise UserError(f"{source.source}: no column {column!r}; it has {', '.join(rows[0])}")


def problem_of(name: str, columns: Columns, identity: str, row: Row) -> Problem:
    """The problem of a row of the source ``name``; ``identity`` is its id where the columns name none."""
    identity = _text(row.get(columns.id)) if columns.id else identity
    reference = _text(row.get(columns.reference)) or None if columns.reference else None
    answer = _text(row.get(columns.answer))
    # Some data sets box their gold answers, or only have them in the box of a solution.
    return Problem(identity, name, _text(row.get(columns.problem)), extract_answer(answer) or answer, reference)


def _text(value: Any) -> str:
    """A cell as text; several answers of a list become one with commas."""
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return "" if value is None else str(value).strip()


def _unexpected(source: ProblemFile, count: int) -> str | None:
    """The expected number of problems, in words, if this is another one."""
    if source.expected is None:
        return None
    low, high = source.expected if isinstance(source.expected, tuple) else (source.expected, source.expected)
    return None if low <= count <= high else f"{low}" if low == high else f"{low} to {high}"


def _check_benchmark(name: str, source: ProblemFile, problems: Sequence[Problem], facts: dict[str, Any]) -> None:
    identity, count = Counter(problem.problem_id for problem in problems).most_common(1)[0]
    if count > 1:
        raise UserError(f"{source.source}: the id {identity!r} belongs to {count} problems")
    texts = {" ".join(problem.text.split()) for problem in problems}
    if len(texts) < len(problems):
        facts["repeated"] = len(problems) - len(texts)
        _warn(f"{name}: {facts['repeated']} of {len(problems)} problems repeat the text of another; they are kept")


def _fingerprint(problems: Sequence[Problem]) -> str:
    """A digest of what was read, the same for the same problems from the hub and from a file."""
    return digest([[row.problem_id, row.text, row.answer, row.reference] for row in problems])


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
