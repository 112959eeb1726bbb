"""Grade stored rollouts again, and say what changes: over time with one grader, or between several graders."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from tabulate import tabulate

from int_bench.errors import UserError
from int_bench.grading.grade import Grade, Response
from int_bench.grading.graders import grader_names, open_grader
from int_bench.grading.stored import Stored, read_stored, rollout_files, write_regraded
from int_bench.progress import track
from int_bench.records import Status

_EXAMPLES = 10
_AT_ONCE = 500  # responses handed to the workers between two looks at the clock
_WIDTH = 40  # characters of an answer in a table


def regrade(sources: Sequence[str], problems: Sequence[Path], grader: str, output: Path | None) -> str:
    """Grade stored rollouts again; returns tables of what changed. Writes them with the new grades if told where.

    Raises UserError for an unknown grader or source, gold answers not found, or an output for several files.
    """
    files = rollout_files(sources)
    if output and len(files) > 1:
        raise UserError(f"{output}: one file can be written, and {len(files)} files of rollouts were named")
    by_file = [read_stored(path, problems) for path in files]
    rows = list(itertools.chain(*by_file))
    grades = _grade(rows, grader)
    if output:
        write_regraded(files[0], output, grades)
    return _changes(rows, grades, grader)


def compare_graders(sources: Sequence[str], problems: Sequence[Path]) -> str:
    """Grade stored rollouts with every grader; returns tables of what each finds and of where they disagree.

    Raises UserError for an unknown source or gold answers not found.
    """
    rows = [row for path in rollout_files(sources) for row in read_stored(path, problems)]
    grades = {name: _grade(rows, name) for name in grader_names()}
    return "\n\n".join([_accuracies(grades), _pairs(grades), _disagreements(rows, grades)])


def _grade(rows: Sequence[Stored], name: str) -> list[Grade]:
    grades: list[Grade] = []
    with open_grader(name) as grade_many, track(f"grading with {name}", len(rows)) as progress:
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE]
            grades += grade_many(Response(row.response, row.finish_reason, row.gold, row.handed_over) for row in part)
            progress.advance(len(part))
    return grades


def _changes(rows: Sequence[Stored], grades: Sequence[Grade], name: str) -> str:
    changed = [(row, grade) for row, grade in zip(rows, grades, strict=True) if row.status != grade.status]
    parts = [f"{len(rows):,} rollouts graded again with {name}: {len(changed):,} changed"]
    if changed:
        counts = Counter((row.status, grade.status) for row, grade in changed)
        parts.append(_table(["old", "new", "rollouts"], [[*pair, f"{n:,}"] for pair, n in counts.most_common()]))
        examples = [
            [row.rollout_id, _shown(row.gold), _shown(grade.extracted), row.status, grade.status]
            for row, grade in changed[:_EXAMPLES]
        ]
        parts.append(_table(["rollout", "gold", "extracted", "old", "new"], examples, len(changed)))
    return "\n\n".join(parts)


def _accuracies(grades: dict[str, list[Grade]]) -> str:
    lines = []
    for name, of_grader in grades.items():
        counts = Counter(grade.status for grade in of_grader)
        accuracy = counts["correct"] / max(1, len(of_grader))
        lines.append([name, f"{accuracy:.2%}", *(f"{counts[status]:,}" for status in get_args(Status))])
    return _table(["grader", "accuracy", *get_args(Status)], lines)


def _pairs(grades: dict[str, list[Grade]]) -> str:
    lines = []
    for left, right in itertools.combinations(grades, 2):
        both = Counter((a.correct, b.correct) for a, b in zip(grades[left], grades[right], strict=True))
        lines.append([left, right, *(f"{both[pair]:,}" for pair in ((True, False), (False, True)))])
    return _table(["first", "second", "only first: correct", "only second: correct"], lines)


def _disagreements(rows: Sequence[Stored], grades: dict[str, list[Grade]]) -> str:
    split = [
        (row, of_row)
        for row, *of_row in zip(rows, *grades.values(), strict=True)
        if len({grade.correct for grade in of_row}) > 1
    ]
    if not split:
        return "The graders agree on which rollouts are correct."
    lines = [
        [row.rollout_id, _shown(row.gold), _shown(of_row[0].extracted), *(grade.status for grade in of_row)]
        for row, of_row in split[:_EXAMPLES]
    ]
    return _table(["rollout", "gold", "extracted", *grades], lines, len(split))


def _table(header: list[str], lines: list[list[str]], of: int = 0) -> str:
    text = tabulate(lines, header, disable_numparse=True)
    return text + (f"\n... and {of - len(lines):,} more" if of > len(lines) else "")


def _shown(text: str | None) -> str:
    """A text in a cell: cut, and without what would move the cursor or turn the line around."""
    if text is None:
        return "-"
    cut = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in cut)
