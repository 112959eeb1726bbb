"""The section ``problems``: those of the synthetic world, or pools and benchmarks of files and of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from int_bench.config.section import Fraction, Interval, Name, Positive, Section


class FamilyConfig(Section):
    """Problems drawn from the synthetic world; ranges include both ends.

    Their operations are of the ``kinds`` that are named (``+4`` is x+4, ``9-`` is 9-x), by default of all.
    """

    size: Positive
    operations: tuple[Positive, Positive]
    misconceived: Interval = (0, 0)
    fan_out: Fraction = 0.0
    kinds: tuple[str, ...] | None = None


class StudentConfig(Section):
    """The flawed student whose traces the base model learns from (see ``synthetic/student.py``)."""

    rules: dict[str, int]
    reads_backwards: bool
    slip: Fraction
    slip_growth: Fraction
    notice: Fraction


class CalibrationConfig(Section):
    """What the base model alone must show before any method runs; a miss fails the run with its figures.

    The ``oracle`` that is named must find the place of errors more often than what it says of other problems does.
    """

    easy_benchmark: str
    easy_accuracy: Fraction = 0.80
    null_accuracy: Fraction = 0.005
    all_wrong: Fraction = 0.95
    oracle: Name | None = None


class SyntheticProblems(Section):
    """Problems made by the synthetic world: the pools in which hard problems are mined, and the benchmarks.

    ``easier`` are the problems that RL may add to the hard training set; they are not mined.
    """

    kind: Literal["synthetic"]
    seed: int = 0
    student: StudentConfig
    pools: dict[Name, FamilyConfig]
    benchmarks: dict[Name, FamilyConfig]
    easier: FamilyConfig | None = None
    calibration: CalibrationConfig | None = None


class Columns(Section):
    """Which columns of a data file hold what."""

    problem: str = "problem"
    answer: str = "answer"
    reference: str | None = "solution"
    id: str | None = None


class Draw(Section):
    """``each`` problems of every value of the column ``by``, or with ``rest`` all the others.

    They are drawn among those whose answer is an integer or a simple fraction, and always the same for a ``seed``.
    """

    by: str
    each: Positive
    seed: int = 0
    rest: bool = False


class ProblemFile(Section):
    """A row of the registry by its name, or a source with its column names; what is written here beside a name wins.

    ``source`` is a data set of the hub, a local file (JSONL, CSV, Parquet), a folder of such files, or a file that the
    package brings, ``bundled:FILE``. ``without`` leaves out rows by the values of a column; ``expected`` is the number
    of problems, or its bounds.
    """

    registry: Name | None = None
    source: str
    split: str = "train"
    revision: str | None = None
    subset: str | None = None
    columns: Columns = Columns()
    without: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    draw: Draw | None = None
    expected: Positive | tuple[Positive, Positive] | None = None
    limit: Positive | None = None

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """Lay what is given over the row that it names, so that a resolved configuration says all that decides."""
        given = {"registry": given} if isinstance(given, str) else given
        if not isinstance(given, Mapping) or not isinstance(given.get("registry"), str):
            return given
        # Imported here because the registry is itself made of this module's sections.
        from int_bench.problems.registry import entry

        row = entry(given["registry"]).source_fields()
        return {**row, **given, "columns": {**row["columns"], **dict(given.get("columns", {}))}}


class DecontaminationConfig(Section):
    """When a problem of a pool counts as one of a benchmark (see ``problems/decontaminate.py``).

    It does if at least the share ``overlap`` of the runs of ``words`` words of the shorter text occur in the other one.
    """

    words: Positive = 8
    overlap: Annotated[float, Field(gt=0.0, le=1.0)] = 0.5


class FileProblems(Section):
    """Real problems: pools in which hard problems are mined, each with its own number of rollouts, and benchmarks.

    ``easier`` are the problems that RL may add to the hard training set; they are not mined. What a pool or they share
    with a benchmark is left out, unless ``decontamination`` is null. Where the hub is out of reach, ``local`` is a
    folder in which what the registry calls NAME lies as NAME.jsonl. ``limit`` takes only the first problems of each. A
    limit on the easier ones is on what is left of them.
    """

    kind: Literal["files"]
    local: str | None = None
    limit: Positive | None = None
    pools: dict[Name, ProblemFile]
    benchmarks: dict[Name, ProblemFile]
    easier: ProblemFile | None = None
    decontamination: DecontaminationConfig | None = DecontaminationConfig()

    @model_validator(mode="after")
    def _resolved(self) -> FileProblems:
        """Let each entry say itself where it is read from and how many problems of it are taken."""
        from int_bench.problems.registry import BUNDLED

        def resolved(entry: ProblemFile) -> ProblemFile:
            found: dict[str, Any] = {}
            here = entry.source.startswith(BUNDLED) or Path(entry.source).exists()
            if self.local and entry.registry and not here:
                found["source"] = f"{self.local}/{entry.registry}.jsonl"
            if self.limit:
                found["limit"] = min(self.limit, entry.limit or self.limit)
            return entry.model_copy(update=found)

        for entries in (self.pools, self.benchmarks):
            entries.update({name: resolved(entry) for name, entry in entries.items()})
        easier = resolved(self.easier) if self.easier else None
        return self if easier == self.easier else self.model_copy(update={"easier": easier})

    @property
    def sources(self) -> list[str]:
        """Where all problems are read from: those of the pools, of the benchmarks, and the easier ones."""
        entries = [*self.pools.values(), *self.benchmarks.values(), *([self.easier] if self.easier else [])]
        return list(dict.fromkeys(entry.source for entry in entries))

    @property
    def local_sources(self) -> list[str]:
        """Files and folders of problems on this machine."""
        return sorted(source for source in self.sources if Path(source).exists())
