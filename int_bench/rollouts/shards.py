"""Parts of a sampling stage that are jobs of their own, and the one file that they are joined to."""

from __future__ import annotations

import bisect
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from int_bench.errors import UserError
from int_bench.manifest import ABOUT, command, finish
from int_bench.records import Rollout, read_about, scan_tables, write_tables


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` parts of a sampling stage, counted from 1."""

    number: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that a text such as ``2-of-4`` names.

        >>> Shard.parse("2-of-4")
        Shard(number=2, count=4)

        Raises UserError for anything else.
        """
        match = re.fullmatch(r"([1-9][0-9]*)-of-([1-9][0-9]*)", text)
        if not match or int(match[1]) > int(match[2]):
            raise UserError(f"{text!r} is no shard, such as 2-of-4")
        return cls(int(match[1]), int(match[2]))

    def of(self, path: str) -> str:
        """Where this part of what becomes the file ``path`` is written: beside it, or to it if there is but one part.

        >>> Shard(2, 4).of("rollouts/mining.parquet"), Shard().of("rollouts/mining.parquet")
        ('rollouts/mining.2-of-4.parquet', 'rollouts/mining.parquet')
        """
        if self.count == 1:
            return path
        return f"{path.removesuffix('.parquet')}.{self.number}-of-{self.count}.parquet"

    def cut(self, weights: Sequence[int]) -> slice:
        """The run of items that is this shard's, such that all shards have about the same weight.

        >>> [Shard(i, 3).cut([4, 1, 1, 4, 1, 1]) for i in (1, 2, 3)]
        [slice(0, 1, None), slice(1, 4, None), slice(4, 6, None)]
        """
        ends = [0, *itertools.accumulate(weights)]
        starts = [bisect.bisect_left(ends, ends[-1] * number / self.count) for number in (self.number - 1, self.number)]
        return slice(*(min(start, len(weights)) for start in starts))


def join(output: str, shards: Sequence[str]) -> str:
    """Join the files of all shards, in their order, to the file that one job alone would have written.

    Its manifest is the first shard's with the facts and seconds of all, so it says how long one job would have taken.
    Nothing of the shards is removed: joining them again gives the same.

    Raises UserError for a shard that does not say how it was made.
    """
    manifests = [_manifest(shard) for shard in shards]
    write_tables(output, (table for shard in shards for table in scan_tables(shard, Rollout)), Rollout)
    finish(output, {**manifests[0], **_together(manifests), "output": output, "command": command()})
    return output


def _manifest(shard: str) -> dict[str, Any]:
    found = read_about(shard, Rollout, ABOUT)
    if found is None:
        raise UserError(f"{shard}: is no shard of this version's; sample it again with --shard")
    manifest: dict[str, Any] = json.loads(found)
    return manifest


def _together(manifests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first = manifests[0]["facts"]
    facts = {name: sum(one["facts"][name] for one in manifests) for name in first if name != "engine"}
    return {
        "facts": {**first, **facts},
        "seconds": round(sum(one["seconds"] for one in manifests), 2),
        "peak_memory_mib": max(one["peak_memory_mib"] for one in manifests),
    }
