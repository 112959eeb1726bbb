"""Solutions that were written before: those that come with the problems, and those of a file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from int_bench.errors import UserError
from int_bench.records import Problem, Solution


def references(problems: Iterable[Problem]) -> Iterator[Solution]:
    """The reference solution of each problem that has one; nobody grades them."""
    for problem in problems:
        if problem.reference:
            yield Solution(problem.problem_id, problem.problem_id, problem.reference, None, True, "kept")


def replayed(source: str, problems: Iterable[Problem]) -> Iterator[Solution]:
    """The solutions of a JSONL file with the keys ``problem_id, text``, those of other problems left out.

    Raises UserError naming file, line and key for anything that is missing or of the wrong type.
    """
    if not Path(source).is_file():
        raise UserError(f"{source}: no such file of solutions")
    known = {problem.problem_id for problem in problems}
    # Not splitlines(): JSON allows U+2028 and the like inside a text, and a language model may write them.
    for number, line in enumerate(io.StringIO(Path(source).read_text(encoding="utf-8")), start=1):
        try:
            row = json.loads(line)
            problem, text = row["problem_id"], row["text"]
        except json.JSONDecodeError as error:
            raise UserError(f"{source}:{number}: not JSON ({error.msg})") from None
        except (KeyError, TypeError) as error:
            raise UserError(f"{source}:{number}: a solution needs problem_id and text; got {error}") from None
        if not isinstance(text, str) or not text.strip():
            raise UserError(f"{source}:{number}: text must be a text that is not empty")
        if str(problem) in known:
            yield Solution(f"{problem}-{number}", str(problem), text.strip(), None, True, "kept")
