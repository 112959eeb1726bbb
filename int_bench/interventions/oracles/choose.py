"""Which oracle a run means by a name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from int_bench.config import AlteredOracle, LanguageModelOracle, PeopleOracle, ReplayOracle, RunConfig
from int_bench.interventions.oracles.altered import Altered
from int_bench.interventions.oracles.base import Oracle
from int_bench.interventions.oracles.exact import Exact, Noisy, RandomPlace
from int_bench.interventions.oracles.files import Replay, read_replay
from int_bench.interventions.oracles.people import People
from int_bench.layout import ANSWERS, GRADES, Layout
from int_bench.synthetic.problems import student_of


@contextmanager
def oracle_of(config: RunConfig, layout: Layout, name: str) -> Iterator[Oracle]:
    """The oracle of that name; what a language model holds is given back at the end.

    Raises UserError for a file of interventions or answers that is missing or cannot be read.
    """
    oracle, world = config.oracle(name), config.problems
    if isinstance(oracle, ReplayOracle):
        yield Replay(read_replay(Path(oracle.source)))
    elif isinstance(oracle, PeopleOracle):
        yield People.read([layout.annotations(annotator) for annotator in oracle.annotators])
    elif isinstance(oracle, LanguageModelOracle):
        with _asked(oracle, config, layout, name) as model:
            yield model
    elif isinstance(oracle, AlteredOracle):
        with oracle_of(config, layout, config.asked_oracle(name)) as other:
            yield Altered(other, oracle.place, oracle.content)
    else:
        assert world.kind == "synthetic"  # the configuration was validated
        exact = Exact(student_of(world.student), config.interventions.placement)
        if oracle.kind == "noisy":
            yield Noisy(exact, oracle.wrong_place, oracle.wrong_content)
        else:
            yield exact if oracle.kind == "exact" else RandomPlace(exact)


@contextmanager
def _asked(oracle: LanguageModelOracle, config: RunConfig, layout: Layout, name: str) -> Iterator[Oracle]:
    """A language model, whose libraries no other oracle needs."""
    from int_bench.chats.choose import chats_of
    from int_bench.grading import Grader, limits_of
    from int_bench.interventions.oracles.language_model import LanguageModel
    from int_bench.rollouts.sample import settings_of

    settings = settings_of(oracle.chat.sampling, config.seed)
    with (
        chats_of(oracle.chat, layout.model("base"), ANSWERS, f"{config.name}/{name}") as chats,
        Grader(limits_of(config.grading), cache=GRADES) as grader,
    ):
        yield LanguageModel(chats, oracle.style, oracle.reference, oracle.proposals, settings, grader)
