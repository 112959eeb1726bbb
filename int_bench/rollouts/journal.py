"""The journal of a sampling stage: completions on disk as soon as they are finished.

Each process that works on a stage appends to a file of its own in the stage's work folder and reads those of all
others: what was finished once is not sampled again, whatever was killed and however many jobs the stage is divided
into. The files are Arrow streams, of which everything before the place where a killed process stopped writing can be
read. They are mapped, not loaded, so a journal may be larger than the memory.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from int_bench.engines import Completion, Finished
from int_bench.records import Sampled, schema_of, table_of

_NAMES = ["key", "sample"]


class Journal:
    """What has been sampled so far for a stage whose work folder is ``folder``; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._found: dict[tuple[str, int], tuple[pa.RecordBatch, int]] = {}
        self._read: dict[Path, int] = {}
        self._file = _new_file(folder)
        self._writer = pa.ipc.new_stream(self._file, schema_of(Sampled))
        self.refresh()

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, asked: tuple[str, int]) -> bool:
        """Whether a sample, by its prompt's key and its number, was on disk at the last refresh."""
        return asked in self._found

    def __getitem__(self, asked: tuple[str, int]) -> Completion:
        batch, row = self._found[asked]
        text, reason = batch["text"][row].as_py(), batch["finish_reason"][row].as_py()
        token_ids, logprobs = (batch[name][row].values.to_numpy().tolist() for name in ("token_ids", "logprobs"))
        return Completion(tuple(token_ids), text, reason, tuple(logprobs))

    def append(self, finished: Sequence[Finished]) -> None:
        """Write what has finished; it is on disk, and outlives the process, when this returns."""
        rows = [
            Sampled(ask.prompt.key, ask.sample, done.text, [*done.token_ids], [*done.logprobs], done.finish_reason)
            for ask, done in finished
        ]
        for batch in table_of(rows, Sampled).to_batches():
            self._writer.write_batch(batch)
        self._file.flush()

    def refresh(self) -> None:
        """Take note of what has been written since, by this process or by another."""
        for path in sorted(self._folder.glob("*.arrows")):
            if self._read.get(path) != path.stat().st_size:
                self._read[path] = path.stat().st_size
                for batch in _batches(path):
                    names = zip(*(batch.column(name).to_pylist() for name in _NAMES), strict=True)
                    for row, asked in enumerate(names):
                        self._found.setdefault(asked, (batch, row))

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        self._file.close()


def _new_file(folder: Path) -> pa.PythonFile:
    for number in itertools.count():
        try:
            return (folder / f"{number:04d}.arrows").open("xb")
        except FileExistsError:
            continue
    raise AssertionError


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The batches of a file up to the place at which its writing stopped."""
    if not path.stat().st_size:
        return
    with pa.memory_map(str(path)) as mapped:
        try:
            stream = pa.ipc.open_stream(mapped)
            while True:
                yield stream.read_next_batch()
        except (StopIteration, pa.ArrowInvalid, OSError):
            return
