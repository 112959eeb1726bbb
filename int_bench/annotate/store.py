"""Answers of people on disk: a line of JSON each, that is only ever appended.

The last line on an attempt holds; a retraction takes the attempt's answer back. A line counts when its end is written,
so what a killed process leaves half written is no answer, and is cut off before the next one is appended.

The id of an attempt stays when another text is mined under it. So a line holds a digest of the steps that were shown,
and an answer counts only for an attempt of these steps.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from int_bench.config import digest
from int_bench.errors import UserError

Status = Literal["proposed", "no_error", "skipped", "retracted"]
Category = Literal["HIGH", "EXECUTION"]

_NAME = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said of one attempt; raises ValueError if its parts do not go together.

    ``location`` is the index, from 0, of the first wrong step and ``content`` the step to stand there; only a proposal
    has them and a category. ``attempt`` is the :func:`digest_of` the steps that were shown, and ``seconds`` the time
    for which they were in view.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    rollout_id: str
    problem_id: str
    attempt: str
    status: Status
    location: int | None
    content: str
    category: Category | None
    annotator: str
    seconds: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]

    def __post_init__(self) -> None:
        if self.status == "proposed":
            if self.location is None or self.location < 0:
                raise ValueError("no step is marked as the first wrong one")
            if not self.content.strip():
                raise ValueError("the replacement is empty")
            if self.category is None:
                raise ValueError("neither HIGH nor EXECUTION is marked")
        elif (self.location, self.content, self.category) != (None, "", None):
            raise ValueError(f"{self.status} goes without a step, a replacement and a category")


_ANSWER = TypeAdapter(Answer)


def digest_of(steps: Sequence[str]) -> str:
    """What tells an attempt from another of the same id: twelve hex digits for its steps.

    >>> digest_of(["a", "b"]) == digest_of(("a", "b")) != digest_of(["ab"])
    True
    """
    return digest(list(steps))


def answer_of(values: dict[str, Any]) -> Answer:
    """The answer with these values; raises UserError saying what is wrong with them."""
    try:
        return _ANSWER.validate_json(json.dumps(values))
    except ValidationError as error:
        raise UserError(_said(error)) from None


def check_name(annotator: str) -> None:
    """Raise UserError unless the name can be that of a file."""
    if not _NAME.fullmatch(annotator):
        raise UserError(f"{annotator!r} is no name of an annotator: add --as NAME, of a-z, 0-9, _ and -")


def read_lines(path: str | Path) -> list[Answer]:
    """All that was ever said in a file, in its order; without a half-written last line.

    Raises UserError naming the file, and the line if it is no answer.
    """
    try:
        complete = Path(path).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; `int-bench annotate` writes it") from None
    found = []
    for number, line in enumerate(complete, start=1):
        try:
            found.append(_ANSWER.validate_json(line))
        except ValidationError as error:
            raise UserError(f"{path}, line {number}: {_said(error)}") from None
    return found


def read_answers(path: str | Path) -> dict[str, Answer]:
    """What holds of a file by rollout, the latest answer last: the last line on each, unless that retracts it.

    Raises UserError as :func:`read_lines` does.
    """
    return standing(read_lines(path))


def standing(lines: Iterable[Answer]) -> dict[str, Answer]:
    """What holds after these lines; see :func:`read_answers`."""
    answers: dict[str, Answer] = {}
    for line in lines:
        answers.pop(line.rollout_id, None)
        if line.status != "retracted":
            answers[line.rollout_id] = line
    return answers


def about(attempts: Mapping[str, str], answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers, by rollout, that are about these attempts, which are digests of steps by rollout."""
    return {name: answer for name, answer in answers.items() if attempts.get(name) == answer.attempt}


class AnswerFile:
    """One annotator's file while they annotate; use as a context manager.

    On entry a half-written last line is cut off. Raises UserError if another process has the file open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def __enter__(self) -> AnswerFile:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise UserError(
                f"{self.path}: {self.path.stem} is annotating in another process; end it, or add --as NAME"
            ) from None
        self._file.truncate(self.path.read_bytes().rfind(b"\n") + 1)
        self.lines = read_lines(self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def answers(self) -> dict[str, Answer]:
        """What holds now; see :func:`read_answers`."""
        return standing(self.lines)

    def append(self, answer: Answer) -> None:
        """Write an answer: it is on the disk when this returns, and nothing of it if this raises OSError."""
        line = json.dumps(asdict(answer), ensure_ascii=False).encode() + b"\n"
        end = self.path.stat().st_size
        try:
            if self._file.write(line) != len(line):
                raise OSError(errno.ENOSPC, "no space left for the answer", str(self.path))
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(end)
            raise
        self.lines.append(answer)

    def undo(self) -> Answer | None:
        """Retract the latest answer that holds and return it; None if there is none."""
        answers = self.answers
        if not answers:
            return None
        last = next(reversed(answers.values()))
        self.append(replace(last, status="retracted", location=None, content="", category=None, seconds=0.0))
        return last


def _said(error: ValidationError) -> str:
    """The first thing that is wrong, in a line."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
