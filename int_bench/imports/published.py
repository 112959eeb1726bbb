"""Read the data sets that the authors of InT published as problems, failed attempts and interventions.

| column | becomes |
|---|---|
| ``problem``, ``answer`` | a problem; both are needed |
| ``reference_solution``, ``source`` | its reference and its source, where they are given |
| ``incorrect_attempt`` | a rollout that is not correct |
| ``intervention`` | an intervention: ``content``, and ``location``, the number of the block before which it goes |
| ``intervention_guided_attempt`` | the content as it was trained on, where it is the prefix and then that content |
| ``problem_id`` or ``id`` | the problem's id; without either column it is a digest of the text |

Rows repeat a problem for each of its attempts, and an attempt for each of its interventions; each is kept once.

Blocks are numbered as in the authors' scripts: an attempt is split at each two newlines, so that more newlines in a row
make empty blocks, which count. Those scripts also double each newline of a content; this is why the content is taken
from the guided attempt, where there is one.

What the data do not say of an attempt has a neutral value: it has no tokens and no log-probabilities, it ended by
itself, no grader decided (method "none"), and its status is ``wrong`` if it has a boxed answer, else ``no_answer``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from int_bench.config import Columns, ProblemFile, digest
from int_bench.errors import UserError
from int_bench.grading.extract import extract_answer
from int_bench.imports.cells import Cells, location_of
from int_bench.interventions.oracles.base import Proposal
from int_bench.interventions.propose import record_of
from int_bench.problems.files import problem_of, read_rows
from int_bench.records import Intervention, Problem, Rollout

IDS = ("problem_id", "id")
GUIDED = "intervention_guided_attempt"
COLUMNS = ("problem", "answer", "reference_solution", "source", "incorrect_attempt", "intervention", GUIDED)
_BLANK = "\n\n"  # what the authors' scripts split an attempt at


@dataclass(slots=True)
class Published:
    """What was read, each by its id; how many attempts a problem has; and what was left out, with how often.

    ``unknown`` are the columns that nothing is made of.
    """

    rows: int
    revision: str | None
    unknown: list[str]
    problems: dict[str, Problem] = field(default_factory=dict)
    attempts: dict[str, Rollout] = field(default_factory=dict)
    interventions: dict[str, Intervention] = field(default_factory=dict)
    tried: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def read_published(source: ProblemFile, name: str) -> Published:
    """Read a data set of the hub, a file or a folder; ``name`` is the problems' source where no column says it.

    Raises UserError for a source that cannot be read, for a missing column, and naming row and column for a cell of the
    wrong type and an id that belongs to two problems.
    """
    rows, revision = read_rows(source)
    there = {column for row in rows for column in row}
    if missing := {"problem", "answer"} - there:
        raise UserError(f"{source.source}: no column {min(missing)!r}; it has {', '.join(sorted(there)) or 'no rows'}")
    identity = next((column for column in IDS if column in there), None)
    columns = Columns(reference="reference_solution", id=identity)
    found = Published(len(rows), revision, sorted(there - {identity, *COLUMNS}))
    for number, row in enumerate(rows, start=1):
        _add(found, Cells(source.source, number, row), columns, name)
    return found


def blocks(attempt: str) -> list[str]:
    r"""The blocks that locations count, each with the two newlines behind it.

    >>> blocks("a\n\nb\n\n\n\nc")
    ['a\n\n', 'b\n\n', '\n\n', 'c']
    """
    *all_but_last, last = attempt.split(_BLANK)
    return [*(block + _BLANK for block in all_but_last), last]


def _add(found: Published, cells: Cells, columns: Columns, name: str) -> None:
    """Take over one row."""
    problem = _problem(found, cells, columns, name)
    if problem is None:
        return
    attempt = _attempt(found, cells, problem, name)
    proposed, guided = cells.intervention(), cells.text(GUIDED)
    if proposed and attempt:
        _intervention(found, attempt, *proposed, guided)
    elif proposed:
        found.left_out["interventions without an attempt"] += 1
    elif guided.strip():
        found.left_out["guided attempts without an intervention"] += 1


def _problem(found: Published, cells: Cells, columns: Columns, name: str) -> Problem | None:
    """The problem of a row; None if the row says too little of it or contradicts an earlier one."""
    text, reference = cells.text("problem"), cells.text("reference_solution").strip()
    if isinstance(cells.row.get("answer"), dict):
        raise cells.error("answer", "is a mapping, where a text or a number was expected")
    problem = problem_of(cells.text("source").strip() or name, columns, digest(" ".join(text.split())), dict(cells.row))
    if not (problem.problem_id and problem.text and problem.answer):
        found.left_out["rows without a problem, an answer or an id"] += 1
        return None
    known = found.problems.setdefault(problem.problem_id, problem)
    if known.text.split() != problem.text.split():
        raise cells.error(str(columns.id), f"{problem.problem_id!r} belongs to two problems")
    if known.answer != problem.answer:
        found.left_out["rows with another answer than an earlier row of their problem"] += 1
        return None
    if known.reference is None and reference:
        found.problems[problem.problem_id] = replace(known, reference=reference)
    elif reference and reference != known.reference:
        found.left_out["references beside an earlier one of their problem"] += 1
    return problem


def _attempt(found: Published, cells: Cells, problem: Problem, name: str) -> Rollout | None:
    """The attempt of a row, if it has one."""
    text = cells.text("incorrect_attempt")
    if not text.strip():
        return None
    identity = digest(problem.problem_id, text)
    if identity not in found.attempts:
        found.attempts[identity] = _rollout(identity, problem, name, found.tried[problem.problem_id], text)
        found.tried[problem.problem_id] += 1
    return found.attempts[identity]


def _rollout(identity: str, problem: Problem, name: str, sample: int, text: str) -> Rollout:
    answer = extract_answer(text)
    return Rollout(
        rollout_id=identity,
        problem_id=problem.problem_id,
        problem_set=name,
        intervention_id=None,
        mode="naive",
        sample=sample,
        prefix="",
        text=text,
        token_ids=[],
        logprobs=[],
        finish_reason="stop",
        status="no_answer" if answer is None else "wrong",
        extracted=answer,
        method="none",
        correct=False,
        all_steps_right=None,
    )


def _intervention(found: Published, attempt: Rollout, content: str, place: object, guided: str) -> None:
    """Take over the intervention of a row."""
    location = location_of(place)
    identity = digest(attempt.rollout_id, location, content)
    if not content:
        # The oracle was told to leave the content empty where it finds no critical error.
        proposal = Proposal("no_error")
    elif location is None:
        found.left_out["interventions whose location is no single whole number"] += 1
        return
    else:
        proposal = Proposal("proposed", location - 1, None, content)
    if identity in found.interventions:
        found.left_out["interventions that repeat an earlier one"] += 1
        return
    problem = found.problems[attempt.problem_id]
    record = record_of(identity, problem, attempt.rollout_id, blocks(attempt.text), proposal)
    tail = guided.removeprefix(record.prefix)
    if record.status == "proposed" and guided.strip():
        if record.prefix + tail == guided and tail.split() == content.split():
            record = replace(record, content=tail.strip())
        else:
            found.left_out["guided attempts that are not prefix and content, so that the content stands"] += 1
    found.interventions[identity] = record
