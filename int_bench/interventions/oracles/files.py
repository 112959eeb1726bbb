"""Oracles whose interventions were written elsewhere: a file of them, and people at ``int-bench annotate``."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from int_bench.errors import UserError
from int_bench.interventions.oracles.base import OneByOne, Proposal
from int_bench.records import Problem


@dataclass(frozen=True, slots=True)
class Replay(OneByOne):
    """Interventions written elsewhere, in the order of the file for problems with several."""

    entries: dict[str, list[Proposal]]

    def propose(self, problem: Problem, steps: Sequence[str], number: int, rng: np.random.Generator) -> Proposal:
        """See :class:`OneByOne`; the place is taken from the file as it is, and checked by the caller."""
        known = self.entries.get(problem.problem_id, [])
        return known[number] if number < len(known) else Proposal("not_in_file")

    def solves(self, problem: Problem, rng: np.random.Generator) -> bool:
        """A replayed oracle counts as having solved what it wrote an intervention for."""
        return problem.problem_id in self.entries


def read_replay(path: Path) -> dict[str, list[Proposal]]:
    """Read interventions from JSONL with the keys ``problem_id, location, content`` and perhaps ``category``.

    Raises UserError naming file, line and key for anything that is missing or of the wrong type.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file of interventions")
    entries: dict[str, list[Proposal]] = defaultdict(list)
    # Not splitlines(): JSON allows U+2028 and the like inside a text, and a language model may write them.
    for number, line in enumerate(io.StringIO(path.read_text(encoding="utf-8")), start=1):
        try:
            row = json.loads(line)
            problem, location, content = row["problem_id"], row["location"], row["content"]
        except json.JSONDecodeError as error:
            raise UserError(f"{path}:{number}: not JSON ({error.msg})") from None
        except (KeyError, TypeError) as error:
            raise UserError(
                f"{path}:{number}: an intervention needs problem_id, location, content; got {error}"
            ) from None
        if not isinstance(location, int) or not isinstance(content, str) or not content.strip():
            raise UserError(f"{path}:{number}: location must be a whole number and content a text")
        entries[str(problem)].append(Proposal("proposed", location, row.get("category"), content.strip()))
    return dict(entries)
