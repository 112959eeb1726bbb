"""What the report says of a run's set-up: its world, its arms, its machine. Nothing here is a result of a method."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.estimates import Difference
from int_bench.config import ArmConfig, RLArm, RunConfig
from int_bench.report import collect
from int_bench.report.style import look, model_label, oracle_look

WORLDS = {
    "taught": (
        "Its numbers come from a small synthetic world, and are facts about that world.",
        "Problems are programs of a few lines whose value is asked modulo ten, and the base model is a small one that "
        "was trained in this run, with misconceptions of its own. Everything happens for real (traces, mining, "
        "oracles, training, evaluation), only at a size that fits a laptop, and the first error of every trace is "
        "known. What holds here is a reason to expect the same of large models, and no proof of it.",
    ),
    "random": (
        "It is a rehearsal with a random model, and its numbers mean nothing.",
        "The base model has random weights and solves nothing. Every stage ran, and every table and figure was made, "
        "to show that all of it works before it costs anything.",
    ),
    "pretrained": (
        "Its numbers are of real problems and a pretrained model.",
        "Problems come from public data sets, and the base model is one that others trained.",
    ),
}
"""What the numbers of a run are about, by the kind of its base model: in a sentence, and in a few."""


def facts(config: RunConfig, results: Path) -> list[tuple[str, str]]:
    """The set-up in a few lines: each a name and what it is."""
    main, sampling = config.interventions, config.sampling
    found = [
        ("Base model", _model(config)),
        ("Hard problems", _hard(config, results)),
        ("Benchmarks", _benchmarks(config, results)),
        ("Oracles", ", ".join(oracle_look(name).label for name in config.oracles)),
        ("Oracle of Table 1", f"{oracle_look(main.oracle).label}, at most {main.per_problem} attempts a problem"),
        ("Filter", f"at least {config.selection.min_correct} of {config.selection.samples} guided rollouts correct"),
        (
            "Sampling",
            f"temperature {sampling.temperature:g}, {config.configurations_samples} rollouts a problem",
        ),
        ("Evaluation", _evaluation(config)),
        ("Seeds", _seeds(config)),
    ]
    beside = [f"{name} (another {companion.role})" for name, companion in config.companions.items()]
    return [*found, ("Runs beside it", ", ".join(beside))] if beside else found


def _model(config: RunConfig) -> str:
    model = config.model
    if model.kind == "pretrained":
        return f"{model.source}, revision {model.revision}" if model.revision else model.source
    shape = model.architecture
    made = "trained in this run" if model.kind == "taught" else "with random weights"
    return f"{made}: Qwen3 layout, {shape.layers} layers of width {shape.hidden}, context {shape.context:,}"


def _hard(config: RunConfig, results: Path) -> str:
    train, test, pool = (len(collect.problems(results, name)) for name in ("hard_train", "hard_test", "pool"))
    budgets = sorted({config.hard_set.samples_of(name) for name in config.problems.pools})
    spent = " to ".join(str(budget) for budget in {budgets[0]: None, budgets[-1]: None})
    return f"{train} for training and {test} for test, of {pool:,} of which none of {spent} rollouts may be correct"


def _benchmarks(config: RunConfig, results: Path) -> str:
    sizes = {name: len(collect.problems(results, name)) for name in config.problems.benchmarks}
    return ", ".join(f"{name} ({size})" for name, size in sizes.items())


def _evaluation(config: RunConfig) -> str:
    settings = config.evaluation
    train, test = (settings.samples_of(name) for name in ("hard_train", "hard_test"))
    hard = f"{train}" if train == test else f"{train} (training) and {test} (test)"
    drawn = f"{hard} rollouts of a hard problem, {settings.samples} of another"
    return f"{drawn}, at temperature {settings.sampling.temperature:g}; held out: {settings.held_out}"


def _seeds(config: RunConfig) -> str:
    world = f", world {config.problems.seed}" if config.problems.kind == "synthetic" else ""
    return f"run {config.seed}{world}, resampling {config.report.seed}"


def arms(config: RunConfig) -> pd.DataFrame:
    """Who is fine-tuned on what, a row an arm."""
    rows = [
        {
            "arm": look(name).label,
            "learns from": _taught(config, name, arm),
            "learning rate": arm.sft.learning_rate,
            "batch": arm.sft.batch,
            "length": f"{arm.sft.epochs} epochs" if arm.sft.epochs else f"{arm.sft.trained_tokens:,} tokens",
        }
        for name, arm in config.arms.items()
    ]
    return pd.DataFrame(rows, dtype=object)


def _taught(config: RunConfig, name: str, arm: ArmConfig) -> str:
    if arm.solutions:
        solutions = config.solutions_of(arm.solutions)
        kind = f"{solutions.kind}, {solutions.style}" if solutions.kind == "world" else solutions.kind
        return f"whole solutions: {arm.solutions} ({kind})"
    parts = [f"interventions of {oracle_look(config.oracle_of_arm(name)).label}"]
    parts += [] if arm.filter else ["without the filter"]
    parts += [] if arm.prefix else ["without the prefix"]
    parts += ["with what followed"] if arm.suffix else []
    return ", ".join(parts)


def rl_arms(config: RunConfig) -> pd.DataFrame:
    """Which models RL starts from and what it is given, a row an arm."""
    rows = [
        {
            "arm": f"{look(name).label} + RL",
            "starts from": model_label(config.rl.start_of(name)),
            "problems": "hard and easier ones" if arm.easier else "hard ones",
            "prompt": _prompt(arm),
            "steps": config.rl_steps(name),
            "rollouts a step": config.rl.prompts * config.rl.samples,
            "learning rate": config.rl.learning_rate,
        }
        for name, arm in config.rl.arms.items()
    ]
    return pd.DataFrame(rows, dtype=object)


def _prompt(arm: RLArm) -> str:
    if arm.hints is None:
        return "the problem"
    first, last = arm.hints.share
    return f"the problem and {first:.0%} to {last:.0%} of its solution, {arm.hints.schedule}"


def calibration(config: RunConfig, results: Path) -> pd.DataFrame | None:
    """What the base model showed before any method ran, beside its marks; None where the run has none."""
    marks = config.problems.calibration if config.problems.kind == "synthetic" else None
    path = results / "calibration.json"
    if marks is None or not path.exists():
        return None
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        ("accuracy on easy problems", f"{found['easy_accuracy']:.2%}", f"≥ {marks.easy_accuracy:.1%}", found["easy_n"]),
        ("accuracy of the null pass", f"{found['null_accuracy']:.2%}", f"≤ {marks.null_accuracy:.1%}", found["null_n"]),
        ("groups of RL without a success", f"{found['all_wrong']:.2%}", f"≥ {marks.all_wrong:.1%}", found["groups"]),
    ]
    if places := found["places"]:
        who = f"lead of {oracle_look(places['oracle']).label} in finding errors"
        lead = Difference(places["lead"], places["low"], places["high"], places["n"])
        rows.append((who, lead.format(), "interval above 0", places["n"]))
    return pd.DataFrame(rows, columns=["measure", "found", "mark", "n"], dtype=object)


def machines(manifests: Sequence[Mapping[str, Any]]) -> list[str]:
    """The machines that stages ran on, each once."""
    return _distinct(
        f"{one['system']}, {one['processor']}, {one['cores']} cores, {one['gpu'] or 'no GPU'}"
        for one in (manifest["machine"] for manifest in manifests)
    )


def versions(manifests: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The versions of packages that stages ran with, a row a package; several if stages had several."""
    names = _distinct(name for manifest in manifests for name in manifest["versions"])
    rows = [
        (name, " and ".join(_distinct(one["versions"][name] for one in manifests if name in one["versions"])))
        for name in names
    ]
    return pd.DataFrame(rows, columns=["package", "version"])


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
