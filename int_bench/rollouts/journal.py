"""The journal of a sampling stage: completions on disk as soon as they are finished.

Each process that works on a stage appends to a file of its own in the stage's work folder and reads those of all
others: what was finished once is not sampled again, whatever was killed and however many jobs the stage is divided
into. The files are Arrow streams, of which everything before the place where a killed process stopped writing can be
read. They are mapped, not loaded, and a process remembers only where the samples are that it is asked for, in 24 bytes
each: a journal may be larger than the memory, though most of its batches hold a single row.
"""

from __future__ import annotations

import contextlib
import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

import pyarrow as pa

from int_bench.engines import Completion, Finished
from int_bench.records import Sampled, schema_of, table_of

_NAMES = ["key", "sample"]
_SCHEMA = schema_of(Sampled)


class Journal:
    """What has been sampled so far for a stage whose work folder is ``folder``; use as a context manager.

    Of what others wrote, the samples of the prompts called ``keys`` are looked for.
    """

    def __init__(self, folder: Path, keys: Iterable[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        # Of each key three numbers a sample: its file (-1 if there is none), its batch's offset there, its row in that.
        self._places = {key: array("q") for key in keys}
        self._streams: list[Stream] = []
        self._file = _new_file(folder)
        self._writer = pa.ipc.new_stream(self._file, _SCHEMA)
        self.refresh()

    def __contains__(self, asked: tuple[str, int]) -> bool:
        """Whether a sample, by its prompt's key and its number, was on disk at the last refresh."""
        key, sample = asked
        places = self._places.get(key, ())
        return 3 * sample < len(places) and places[3 * sample] >= 0

    def __getitem__(self, asked: tuple[str, int]) -> Completion:
        if asked not in self:
            raise KeyError(asked)
        key, sample = asked
        file, offset, row = self._places[key][3 * sample : 3 * sample + 3]
        batch = self._streams[file].batch(offset)
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
        known = {stream.path for stream in self._streams}
        self._streams += [Stream(path) for path in sorted(self._folder.glob("*.arrows")) if path not in known]
        for file, stream in enumerate(self._streams):
            for offset, batch in stream.added():
                names = zip(*(batch.column(name).to_pylist() for name in _NAMES), strict=True)
                for row, (key, sample) in enumerate(names):
                    if key in self._places and (key, sample) not in self:
                        self._note(self._places[key], sample, (file, offset, row))

    @staticmethod
    def _note(places: array[int], sample: int, place: tuple[int, int, int]) -> None:
        places.extend([-1] * (3 * (sample + 1) - len(places)))
        places[3 * sample : 3 * sample + 3] = array("q", place)

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


class Stream:
    """A file of batches that a process is writing, or was when it ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mapped: pa.MemoryMappedFile | None = None
        self._end = 0  # of what has been read

    def added(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The batches that are complete and were not given before, each with its offset."""
        size = self.path.stat().st_size
        if size == (self._mapped.size() if self._mapped else 0):
            return
        self._mapped = pa.memory_map(str(self.path))
        with contextlib.suppress(EOFError, pa.ArrowInvalid, OSError):
            while True:
                message = self._message(self._end)
                after = self._mapped.tell()
                if message.type == "record batch":
                    yield self._end, pa.ipc.read_record_batch(message, _SCHEMA)
                self._end = after

    def batch(self, offset: int) -> pa.RecordBatch:
        """The batch at an offset that :meth:`added` gave."""
        return pa.ipc.read_record_batch(self._message(offset), _SCHEMA)

    def _message(self, offset: int) -> pa.Message:
        assert self._mapped
        self._mapped.seek(offset)
        return pa.ipc.read_message(self._mapped)
