"""What each rule of the workflow does for a configuration: jobs, sequences that are sampled, rows that are trained on.

Stages that stop early are counted three ways, in arrays whose suffix _C has the cases of ``CASES``: every request stops
as soon as it can, as many do as published counts lead one to expect, none does. Sizes that only a run decides are taken
at their bounds: the hard set as large as asked for, an intervention for each attempt that is shown, all of them kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from int_bench.config import ChatConfig, RunConfig, SamplingConfig
from int_bench.layout import evaluated_models
from int_bench.plan.difficulty import MODELS, histograms, sampled_share, unfiltered, unsolved
from int_bench.plan.seen import Seen
from int_bench.plan.sizes import Sizes
from int_bench.rollouts.rounds import growing

CASES = ("at least", "expected", "at most")


@dataclass(frozen=True, slots=True)
class Sampling:
    """A file of rollouts, or the rollouts of an RL training: sequences that continue ``prompts`` distinct prompts.

    A prompt is a problem and, of a guided rollout, the share ``begun`` of a trace.
    """

    prompts: int
    sequences_C: np.ndarray
    settings: SamplingConfig
    begun: float = 0.0


@dataclass(frozen=True, slots=True)
class Training:
    """Passes over ``rows`` rows, ``micro`` of them at a time in each process.

    A row is a problem with ``traces`` traces (``longest`` in the longest row) and ``references`` reference solutions.
    With ``learned``, rows are passed over until the loss has counted that many tokens. ``forwards`` counts passes
    without a gradient; ``copies`` the models that are held beside the trained one.
    """

    rows: int
    micro: int
    settings: SamplingConfig
    traces: float = 0.0
    longest: float = 0.0
    references: int = 0
    learned: int | None = None
    forwards: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the workflow: how many jobs it has and what all of them do together; ``saved`` counts models."""

    name: str
    jobs: int = 1
    sampling: tuple[Sampling, ...] = ()
    training: tuple[Training, ...] = ()
    saved: int = 0


def rules_of(config: RunConfig, sizes: Sizes, seen: Seen) -> list[Rule]:
    """The rules that a run from nothing starts, in the order of the workflow, without ``all``."""
    shards, world = config.engine.shards, config.problems
    calibrated = world.kind == "synthetic" and world.calibration is not None
    files = {
        "mine": [_mining(config, sizes, seen)],
        "sample": [_pass(config, purpose) for purpose in config.passes],
        "filter": [_filter(config, name, seen) for name in config.oracles],
        "guide": _guided(config, seen),
        "evaluate": [_evaluation(config, sizes, sets) for sets in evaluated_models(config).values()],
    }
    sampled_files = sum(len(found) for found in files.values())
    written = list(dict.fromkeys(arm.solutions for arm in config.arms.values() if arm.solutions))

    def sampled(name: str) -> Rule:
        return Rule(name, shards * len(files[name]), tuple(files[name]))

    return [
        Rule("problems"),
        Rule("base_model", training=tuple(_teaching(config)), saved=int(config.model.kind != "pretrained")),
        sampled("mine"),
        Rule("hard_set"),
        sampled("sample"),
        *([Rule("calibrate")] if calibrated else []),
        Rule("propose", len(config.oracles), tuple(_asked(config))),
        *([_judged(config)] if config.interventions.judge else []),
        sampled("filter"),
        sampled("guide"),
        Rule("select", len(config.oracles)),
        *([Rule("solutions", len(written), tuple(_refined(config, written)))] if written else []),
        Rule("sft", len(config.arms), training=tuple(_fine_tuning(config, arm) for arm in config.arms), saved=1),
        _reinforcement(config),
        sampled("evaluate"),
        Rule("likelihood", len(config.arms)),
        *([Rule("join", sampled_files)] if shards > 1 else []),
        Rule("tables"),
        Rule("figures"),
        Rule("explorer"),
        Rule("report"),
    ]


def attempts(config: RunConfig) -> int:
    """The largest number of failed attempts at hard training problems that oracles are shown."""
    pools = config.problems.pools
    return config.hard_set.train * min(
        config.interventions.per_problem, max(config.hard_set.samples_of(name) for name in pools)
    )


def interventions(config: RunConfig, oracle: str) -> int:
    """The largest number of an oracle's interventions: one for each time that it is asked about an attempt."""
    return attempts(config) * config.proposals_of(oracle)


def expected_share(config: RunConfig, pool: str) -> float:
    """The share of a pool's samples that mining is expected to draw; all where no counts speak for the model.

    Of the two models of a solve rate the dearer one is taken, and of several histograms the middle one.
    """
    world = config.problems
    if world.kind == "synthetic" or config.model.kind != "pretrained":
        return 1.0
    found = [*histograms(world.pools[pool].registry).values()]
    samples, first = config.hard_set.samples_of(pool), config.hard_set.first_round
    return max(sampled_share(unsolved(found[len(found) // 2], model), samples, first) for model in MODELS)


def _cases(least: float, expected: float, most: float) -> np.ndarray:
    return np.array([least, expected, most], dtype=float)


def _always(sequences: int) -> np.ndarray:
    return _cases(sequences, sequences, sequences)


def _mining(config: RunConfig, sizes: Sizes, seen: Seen) -> Sampling:
    measured = seen.share("mining", config)
    sequences_C = _cases(0, 0, 0)
    for pool, problems in sizes.pools.items():
        most = config.hard_set.samples_of(pool)
        share = expected_share(config, pool) if measured is None else measured
        sequences_C += problems * _cases(min(config.hard_set.first_round, most), share * most, most)
    return Sampling(sum(sizes.pools.values()), sequences_C, config.sampling)


def _pass(config: RunConfig, purpose: str) -> Sampling:
    problems = config.hard_set.train
    return Sampling(problems, _always(problems * config.pass_samples(purpose)), config.sampling)


def _asked(config: RunConfig) -> Iterator[Sampling]:
    """What language models answer as oracles here; what a server answers is its own affair."""
    for oracle in config.oracles.values():
        if oracle.kind == "language_model":
            yield from _about_attempts(config, oracle.chat, oracle.style == "two_turn", oracle.proposals)


def _refined(config: RunConfig, written: Iterable[str]) -> Iterator[Sampling]:
    """What language models answer here as they refine attempts."""
    for name in written:
        solutions = config.solutions_of(name)
        if solutions.kind == "refined":
            yield from _about_attempts(config, solutions.chat, solutions.style == "full", solutions.proposals)


def _about_attempts(config: RunConfig, chat: ChatConfig, two_turns: bool, proposals: int) -> Iterator[Sampling]:
    if chat.engine.name == "http":
        return
    if two_turns:
        yield Sampling(config.hard_set.train, _always(config.hard_set.train * proposals), chat.sampling)
    yield Sampling(attempts(config), _always(attempts(config) * proposals), chat.sampling, begun=1.0)


def _judged(config: RunConfig) -> Rule:
    """One answer of the judge for each intervention of each oracle."""
    judge = config.interventions.judge
    assert judge
    asked = [interventions(config, name) for name in config.oracles]
    here = asked if judge.chat.engine.name != "http" else []
    sampling = [Sampling(number, _always(number), judge.chat.sampling, begun=1.0) for number in here]
    return Rule("judge", len(asked), tuple(sampling))


def _filter(config: RunConfig, oracle: str, seen: Seen) -> Sampling:
    number, settings = interventions(config, oracle), config.selection
    enough = max(1, settings.min_correct)
    rounds = growing(settings.first_round, settings.samples)
    soonest = next((taken for taken in rounds if taken >= enough), settings.samples)
    share = seen.share("filter", config)
    if share is None:
        pretrained = config.model.kind == "pretrained"
        share = sampled_share(unfiltered(enough), settings.samples, settings.first_round) if pretrained else 1.0
    sequences_C = number * _cases(soonest, share * settings.samples, settings.samples)
    return Sampling(number, sequences_C, config.sampling, begun=0.5)


def _guided(config: RunConfig, seen: Seen) -> list[Sampling]:
    """From one oracle's interventions everything is sampled, with each oracle's what the filter has not."""
    samples = config.selection.samples
    main = interventions(config, config.interventions.oracle)
    sampled = [Sampling(main, _always(main * samples), config.sampling, begun=0.5)]
    for name in config.oracles:
        number = interventions(config, name)
        rest_C = _always(number * samples) - _filter(config, name, seen).sequences_C
        sampled.append(Sampling(number, rest_C, config.sampling, begun=0.5))
    return sampled


def _evaluation(config: RunConfig, sizes: Sizes, sets: Mapping[str, int]) -> Sampling:
    hard = {"hard_train": config.hard_set.train, "hard_test": config.hard_set.test}
    problems = {name: hard.get(name, sizes.benchmarks.get(name, 0)) for name in sets}
    sequences = sum(number * sets[name] for name, number in problems.items())
    return Sampling(sum(problems.values()), _always(sequences), config.evaluation.sampling)


def _teaching(config: RunConfig) -> list[Training]:
    model = config.model
    if model.kind != "taught":
        return []
    return [Training(model.updates * model.batch, model.batch, config.sampling, traces=1.0, longest=1.0)]


def _fine_tuning(config: RunConfig, name: str) -> Training:
    """A row goes up to the intervention, half of a trace; with its suffix it is a whole one.

    Of solutions there is one a problem; all but the references that come with it are taken to be as long as a trace.
    """
    arm = config.arms[name]
    micro, references = _micro(config, arm.sft.micro_batch, arm.sft.batch), 0
    if arm.solutions:
        rows, traces, longest = config.hard_set.train, 1.0, 1.0
        if config.solutions_of(arm.solutions).kind == "references":
            traces, longest, references = 0.0, 0.0, 1
    else:
        rows = interventions(config, config.oracle_of_arm(name))
        traces, longest = (1.0, 2.0) if arm.suffix else (0.5, 1.0)
    passes = (arm.sft.epochs or 1) * rows
    return Training(passes, micro, config.sampling, traces, longest, references, learned=arm.sft.trained_tokens)


def _reinforcement(config: RunConfig) -> Rule:
    rl = config.rl
    sampling, training = [], []
    # The trainer asks for the sampling model's probabilities again if a batch makes several updates, or with vLLM.
    old = rl.updates_per_step > 1 or rl.generation.kind != "embedded"
    for name, arm in rl.arms.items():
        rollouts = config.rl_steps(name) * rl.prompts * rl.samples
        sampling.append(Sampling(config.rl_steps(name) * rl.prompts, _always(rollouts), rl.sampling))
        training.append(
            Training(
                rollouts,
                _micro(config, rl.micro_batch, rl.minibatch_prompts * rl.samples),
                rl.sampling,
                traces=1.0,
                longest=1.0,
                references=int(arm.hints is not None),
                forwards=int(old) + (rl.kl > 0),
                copies=int(rl.kl > 0),
            )
        )
    saved = max((len(config.rl_checkpoints(name)) - 1 for name in rl.arms), default=0)
    return Rule("rl", len(rl.arms), tuple(sampling), tuple(training), saved)


def _micro(config: RunConfig, asked: int | None, batch: int) -> int:
    """Rows that each process has in memory together."""
    share = max(1, batch // config.training.processes)
    return min(asked or share, share)
