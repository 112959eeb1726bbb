"""What a benchmark on the command line means: a row of the registry, a file, or a row that is read from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from int_bench.config import Columns, ConfigError, ProblemFile
from int_bench.problems.registry import entry

_FILE_BUDGET = 32768  # new tokens for a file that no row of the registry stands for; section 6.1's


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark by its name, where it is read from, and the largest number of new tokens a rollout may have."""

    name: str
    source: ProblemFile
    budget: int


def benchmarks_of(text: str) -> list[Benchmark]:
    """The benchmarks of a list with commas.

    Each is the name of a row of the registry; ``NAME=PATH``, the row with its problems read from a file or folder
    with the same columns; or the path of a file with the columns ``problem`` and ``answer``.

    >>> [(b.name, b.source.source) for b in benchmarks_of("olymmath-en-hard, aime-2025=data/aime25.jsonl")]
    [('olymmath-en-hard', 'bundled:OlymMATH-EN-HARD.jsonl'), ('aime-2025', 'data/aime25.jsonl')]

    Raises ConfigError for an unknown name, naming the most similar one, and for a name that occurs twice.
    """
    found: dict[str, Benchmark] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        benchmark = _benchmark(part)
        if benchmark.name in found:
            raise ConfigError(f"benchmark {benchmark.name!r} is named twice")
        found[benchmark.name] = benchmark
    if not found:
        raise ConfigError("no benchmark is named; `int-bench benchmarks` lists them")
    return list(found.values())


def _benchmark(part: str) -> Benchmark:
    name, equals, path = part.partition("=")
    if not equals and ("/" in part or Path(part).suffix):
        name = re.sub(r"[^a-z0-9]+", "-", Path(part).stem.lower()).strip("-") or "file"
        return Benchmark(name, ProblemFile(source=part, columns=Columns(reference=None)), _FILE_BUDGET)
    row = entry(name)
    if row.kind != "benchmark":
        raise ConfigError(f"{name} is a pool for training; `int-bench benchmarks` lists the benchmarks")
    given = {"registry": name, "source": path} if equals else {"registry": name}
    return Benchmark(name, ProblemFile.model_validate(given), row.budget)
