"""Which parts of a configuration each stage reads: what re-runs when a value changes, and names its work folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from int_bench.config import (
    AlteredOracle,
    ChatConfig,
    EngineConfig,
    LanguageModelOracle,
    RefinedSolutions,
    RunConfig,
    WorldSolutions,
    digest,
)
from int_bench.layout import evaluated_models

Parts = dict[str, Any]


def _problems(config: RunConfig, _: str) -> Parts:
    problems = config.problems.model_dump(mode="json")
    problems.pop("calibration", None)
    return {"problems": problems}


def _base(config: RunConfig, _: str) -> Parts:
    world = config.problems
    taught = {"student": world.student, "world_seed": world.seed} if world.kind == "synthetic" else {}
    return {"model": config.model, **taught}


def _hard_set(config: RunConfig, _: str) -> Parts:
    asked = config.hard_set.oracle_must_solve
    oracle = oracle_parts(config, config.interventions.oracle) if asked else None
    return {"hard_set": config.hard_set, "seed": config.seed, "oracle": oracle}


def engine_parts(engine: EngineConfig) -> Parts:
    """What decides which text an engine generates: its name and, of its settings, neither speed nor place.

    How much is in progress at a time is left out where each sequence has a seed of its own. Which engine "auto" comes
    to is the machine's affair: what either reads is kept.

    >>> engine_parts(EngineConfig(name="vllm", rows=8))
    {'name': 'vllm', 'vllm': {'context': None}}
    """
    sections: dict[str, Parts] = {
        "transformers": {"rows": engine.rows},
        "vllm": {"vllm": {"context": engine.vllm.context}},
        "http": {"server": {"model": engine.server.model, "endpoint": engine.server.endpoint}},
    }
    sections["auto"] = sections["transformers"] | sections["vllm"]
    return {"name": engine.name, **sections[engine.name]}


def chat_parts(chat: ChatConfig) -> Parts:
    """What decides the answers of a language model: not how fast it may be asked, nor what that may cost."""
    sampling = chat.sampling.model_dump(mode="json")
    return {"model": chat.model, "engine": engine_parts(chat.engine), "sampling": sampling}


def oracle_parts(config: RunConfig, name: str) -> Parts:
    """What decides what an oracle says."""
    oracle = config.oracle(name)
    if isinstance(oracle, AlteredOracle):
        return {**oracle.model_dump(mode="json"), "of": oracle_parts(config, config.asked_oracle(name))}
    if not isinstance(oracle, LanguageModelOracle):
        return oracle.model_dump(mode="json")
    return {**oracle.model_dump(mode="json", exclude={"chat"}), "chat": chat_parts(oracle.chat)}


def _sampling(config: RunConfig) -> Parts:
    return {
        "sampling": config.sampling,
        "engine": engine_parts(config.engine),
        "grading": config.grading,
        "seed": config.seed,
    }


def _mining(config: RunConfig, _: str) -> Parts:
    return {**_sampling(config), "samples": config.hard_set.samples, "first_round": config.hard_set.first_round}


def _pass(config: RunConfig, purpose: str) -> Parts:
    return {**_sampling(config), "samples": config.pass_samples(purpose)}


def _guided(config: RunConfig, _: str) -> Parts:
    return {**_sampling(config), "samples": config.selection.samples}


def _filter(config: RunConfig, _: str) -> Parts:
    return {**_sampling(config), "selection": config.selection}


def _interventions(config: RunConfig, oracle: str) -> Parts:
    world, settings = config.problems, config.interventions
    return {
        "oracle": oracle_parts(config, oracle),
        "per_problem": settings.per_problem,
        "placement": settings.placement,
        "steps": config.steps,
        "student": world.student if world.kind == "synthetic" else None,
        "seed": config.seed,
    }


def _verdicts(config: RunConfig, _: str) -> Parts:
    judge = config.interventions.judge
    asked = {"style": judge.style, "chat": chat_parts(judge.chat)} if judge else None
    return {"judge": asked, "steps": config.steps, "seed": config.seed}


def _selection(config: RunConfig, _: str) -> Parts:
    return {"min_correct": config.selection.min_correct}


def _arm(config: RunConfig, arm: str) -> Parts:
    settings = config.arm(arm)
    oracle = None if settings.solutions else config.oracle_of_arm(arm)
    clones = settings.model_dump(mode="json", exclude={"benchmarks", "pass_at_k", "rule"})
    own = {"rule": settings.rule} if settings.rule else {}
    return {"arm": clones, "oracle": oracle, "seed": config.seed, **own}


def _solutions(config: RunConfig, name: str) -> Parts:
    solutions = config.solutions_of(name)
    parts: Parts = {"solutions": solutions}
    if isinstance(solutions, RefinedSolutions):
        own = solutions.model_dump(mode="json", exclude={"chat"})
        shown = {"per_problem": config.interventions.per_problem, "steps": config.steps}
        parts = {"solutions": {**own, "chat": chat_parts(solutions.chat)}, **shown, "grading": config.grading}
        parts["seed"] = config.seed
    if isinstance(solutions, WorldSolutions):
        parts["seed"] = config.seed
    return parts


def _likelihood(config: RunConfig, _: str) -> Parts:
    return {"seed": config.seed, "held_out": config.evaluation.held_out}


def _rl(config: RunConfig, arm: str) -> Parts:
    again = config.rl.arms[arm].again
    return {
        "again": _again(config, again.arm) if again else None,
        "rl": config.rl.model_dump(mode="json", exclude={"arms": True, "generation": {"url", "memory"}}),
        "arm": config.rl.arms[arm].model_dump(mode="json", exclude={"curve", "benchmarks", "pass_at_k"}),
        "checkpoints": config.rl_checkpoints(arm),
        "steps": config.rl_steps(arm),
        "rows": config.engine.rows,
        "grading": config.grading,
        "seed": config.seed,
    }


def _again(config: RunConfig, arm: str) -> Parts:
    """What decides the interventions in the middle of RL."""
    return {
        **_arm(config, arm),
        **_interventions(config, config.oracle_of_arm(arm)),
        **_sampling(config),
        "selection": {"samples": config.selection.samples, "min_correct": config.selection.min_correct},
    }


def _evaluation(config: RunConfig, model: str) -> Parts:
    return {
        "sampling": config.evaluation.sampling,
        "sets": evaluated_models(config)[model],
        "engine": engine_parts(config.engine),
        "grading": config.grading,
        "seed": config.seed,
    }


def _calibration(config: RunConfig, _: str) -> Parts:
    world = config.problems
    marks = world.calibration if world.kind == "synthetic" else None
    # Places are resampled.
    seed = config.seed if marks and marks.oracle else None
    return {"calibration": marks, "group": config.rl.samples, "seed": seed}


def _whole(config: RunConfig, _: str) -> Parts:
    return {"config": config}


STAGES: dict[str, Callable[[RunConfig, str], Parts]] = {
    "problems": _problems,
    "base": _base,
    "mining": _mining,
    "hard_set": _hard_set,
    "pass": _pass,
    "calibration": _calibration,
    "interventions": _interventions,
    "verdicts": _verdicts,
    "filter": _filter,
    "guided": _guided,
    "selection": _selection,
    "solutions": _solutions,
    "sft": _arm,
    "rl": _rl,
    "likelihood": _likelihood,
    "evaluation": _evaluation,
    "report": _whole,
}


def reads(stage: str, config: RunConfig, name: str = "") -> Parts:
    """The parts of the configuration that a stage reads; ``name`` is the oracle, arm or model if there are several."""
    return STAGES[stage](config, name)


def reads_digest(stage: str, config: RunConfig, name: str = "") -> str:
    """The digest of :func:`reads`, for a rule's params."""
    return digest(reads(stage, config, name))
