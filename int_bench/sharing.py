"""Which results of one run another takes as they are: those on whose whole history the two configurations agree.

An ablation differs from its run in few values. What these do not touch it shares: no copies, but the run's own files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from int_bench.config import RunConfig, digest, load
from int_bench.layout import Layout, evaluated_models
from int_bench.reads import reads_digest

Node = tuple[str, str]
"""A stage, as in ``reads.STAGES``, and the name of the oracle, arm, model or pass if it has several."""


def layout_of(config: RunConfig) -> Layout:
    """Where everything of a run lies, what it shares with another run among it."""
    if config.shares is None:
        return Layout(config.name)
    other = Path(Layout(config.shares).config).resolve()
    changed = other.stat().st_mtime_ns if other.exists() else 0
    return Layout(config.name, config.shares, _shared(config.model_dump_json(), other, changed))


@cache  # a table of ablations asks for it thousands of times, and to read a configuration takes a tenth of a second
def _shared(config: str, other: Path, changed: int) -> frozenset[str]:
    return shared_paths(RunConfig.model_validate_json(config), load(other))


def shared_paths(config: RunConfig, other: RunConfig) -> frozenset[str]:
    """The results, relative to a run's folder, that are the same for two configurations."""
    ours, theirs = histories(config), histories(other)
    same = [node for node, history in ours.items() if theirs.get(node) == history]
    return frozenset(path for node in same for path in outputs(config, node))


def histories(config: RunConfig) -> dict[Node, str]:
    """Of each job of a run a digest of everything in the configuration that decides its results."""
    found: dict[Node, str] = {}

    def history(node: Node) -> str:
        if node not in found:
            stage, name = node
            found[node] = digest(stage, reads_digest(stage, config, name), [*map(history, needed(config, node))])
        return found[node]

    for node in nodes(config):
        history(node)
    return found


def nodes(config: RunConfig) -> Iterator[Node]:
    """Every job of a run up to its evaluation."""
    yield from [("problems", ""), ("base", ""), ("mining", ""), ("hard_set", "")]
    yield from (("pass", purpose) for purpose in config.passes)
    for oracle in config.oracles:
        yield from ((stage, oracle) for stage in ("interventions", "verdicts", "filter", "selection"))
        yield from (("guided", f"{mode}-{oracle}") for mode in ("from_intervention", "with_intervention"))
    yield from (("solutions", name) for name in config.solutions)
    yield from ((stage, arm) for arm in config.arms for stage in ("sft", "likelihood"))
    yield from (("rl", arm) for arm in config.rl.arms)
    yield from (("evaluation", model) for model in evaluated_models(config))
    if config.problems.kind == "synthetic" and config.problems.calibration:
        yield ("calibration", "")


def needed(config: RunConfig, node: Node) -> list[Node]:
    """The jobs whose results a job reads, as its rule says."""
    stage, name = node
    match stage:
        case "base":
            return [("problems", "")] if config.model.kind == "random" else []
        case "mining":
            return [("problems", ""), ("base", "")]
        case "hard_set":
            return [("mining", "")]
        case "pass" | "interventions" | "solutions":
            sampled = stage == "solutions" and config.solutions_of(name).kind == "sampled"
            return [("pass", "rejection") if sampled else ("hard_set", "")]
        case "verdicts" | "filter":
            return [("interventions", name)]
        case "guided":
            return [("interventions", name.split("-", 1)[1])]
        case "selection":
            return [("filter", name)]
        case "sft":
            arm = config.arm(name)
            if arm.solutions:
                return [("solutions", arm.solutions)]
            oracle = config.oracle_of_arm(name)
            suffix = [("guided", f"with_intervention-{oracle}")] if arm.suffix else []
            return [("selection", oracle), *suffix]
        case "likelihood":
            return [("sft", name), ("evaluation", "base")]
        case "rl":
            start = config.rl.start_of(name)
            return [("hard_set", ""), ("base", "") if start == "base" else ("sft", start)]
        case "evaluation":
            if name == "base":
                return [("hard_set", "")]
            trained = ("rl", name.removeprefix("rl-").split("@")[0]) if name.startswith("rl-") else ("sft", name)
            return [trained]
        case "calibration":
            assert config.problems.kind == "synthetic"
            assert config.problems.calibration
            asked = config.problems.calibration.oracle
            return [("evaluation", "base"), ("pass", "null"), *([("interventions", asked)] if asked else [])]
    return []


def outputs(config: RunConfig, node: Node) -> list[str]:
    """The results of a job, relative to the run's folder."""
    stage, name = node
    here = Layout(config.name)
    benchmarks = [*config.problems.benchmarks, *(["easier"] if config.problems.easier else [])]
    paths = {
        "problems": lambda: [here.pool, *map(here.problems, benchmarks)],
        "base": lambda: [here.model("base")],
        "mining": lambda: [here.rollouts("mining")],
        "hard_set": lambda: [here.problems("hard_train"), here.problems("hard_test")],
        "pass": lambda: [here.rollouts(name)],
        "interventions": lambda: [here.interventions(name)],
        "verdicts": lambda: [here.verdicts(name)],
        "filter": lambda: [here.guided("filter", name)],
        "guided": lambda: [here.rollouts(name)],
        "selection": lambda: [here.selection(name)],
        "solutions": lambda: [here.solutions(name)],
        "sft": lambda: [here.model(name), here.examples(name), here.training(name)],
        "likelihood": lambda: [here.likelihood(name), here.drift(name)],
        "rl": lambda: [here.rl(name), here.training(f"rl-{name}")],
        "evaluation": lambda: [here.evaluation(name)],
        "calibration": lambda: [here.calibration],
    }[stage]()
    return [path.removeprefix(f"{here.root}/") for path in paths]
