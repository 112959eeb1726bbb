"""Which oracle a run means by a name."""

from __future__ import annotations

from pathlib import Path

from int_bench.config import RunConfig
from int_bench.interventions.oracles.base import Oracle
from int_bench.interventions.oracles.exact import Exact, Noisy, RandomPlace
from int_bench.interventions.oracles.files import Replay, read_replay
from int_bench.synthetic.problems import student_of


def oracle_of(config: RunConfig, name: str) -> Oracle:
    """The oracle of that name.

    Raises UserError for a file of interventions that is missing or cannot be read.
    """
    oracle, world = config.oracle(name), config.problems
    if oracle.kind == "replay":
        return Replay(read_replay(Path(oracle.source)))
    assert world.kind == "synthetic"  # the configuration was validated
    exact = Exact(student_of(world.student), config.interventions.placement)
    if oracle.kind == "noisy":
        return Noisy(exact, oracle.wrong_place, oracle.wrong_content)
    return exact if oracle.kind == "exact" else RandomPlace(exact)
