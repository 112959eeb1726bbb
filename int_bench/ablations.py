"""A new ablation: its entry in the file, the jobs that it would start, and what these took in the run itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from int_bench.config import (
    AblationConfig,
    ComparedModel,
    ConfigError,
    RunConfig,
    ablated,
    comparisons,
    load,
    load_ablations,
)
from int_bench.layout import Layout, evaluated_models
from int_bench.manifest import manifest_path
from int_bench.sharing import Node, histories, needed, nodes, outputs

FILE = "configs/ablations.yaml"


def entry(name: str, base: str, question: str, override: dict[str, Any], against: str | None = None) -> str:
    """The text of an ablation's entry.

    >>> print(entry("kl", "rl-int", "Does KL matter?", {"rl": {"kl": 0.001}}), end="")
    kl:
      base: rl-int
      question: Does KL matter?
      override:
        rl:
          kl: 0.001
    """
    written: dict[str, Any] = {"base": base, "question": question}
    written |= {"against": against} if against else {}
    written |= {"override": override} if override else {}
    return yaml.safe_dump({name: written}, sort_keys=False, allow_unicode=True)


def extended(path: str | Path, name: str, text: str, run: str) -> tuple[str, dict[str, AblationConfig]]:
    """The file of ablations with another entry at its end, and the suite, in which it is found valid for a run.

    Raises ConfigError if there is one of that name, if what it compares is not there, if the run does not become a
    valid one by it, or if it changes nothing that the model depends on.
    """
    path = Path(path)
    if name in load_ablations(path):
        raise ConfigError(f"{path}: there is an ablation {name!r} already")
    candidate = path.with_name(f".{path.name}.new")
    whole = f"{path.read_text(encoding='utf-8').rstrip()}\n{text}"
    try:
        candidate.write_text(whole, encoding="utf-8")
        suite = load_ablations(candidate)
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(candidate), str(path))) from None
    finally:
        candidate.unlink(missing_ok=True)
    theirs, own = compared(run, name, suite)
    if suite[name].override and suite[name].against is None and _history(theirs) == _history(own):
        raise ConfigError(f"ablation {name} changes nothing that {theirs.base!r} of run {run} depends on")
    return whole, suite


def compared(run: str, name: str, suite: Mapping[str, AblationConfig]) -> tuple[ComparedModel, ComparedModel]:
    """The models that an ablation compares in a run that is a file in configs/, other seeds apart."""
    alone = [load(f"configs/{run}.yaml")]
    (pair,) = comparisons(name, suite, alone, lambda _, asked: of_run(run, asked, suite[asked]))
    return pair


def of_run(run: str, name: str, ablation: AblationConfig) -> RunConfig:
    """The configuration of an ablation of a run that is a file in configs/."""
    path = f"configs/{run}.yaml"
    return load(path, ablated(path, {}, name, ablation))


def _history(model: ComparedModel) -> str:
    """What made a model, of which its evaluation on more benchmarks is no part."""
    made: Node = ("rl", model.base.removeprefix("rl-")) if model.base.startswith("rl-") else ("sft", model.base)
    return histories(model.config)[made]


def jobs(run: RunConfig, model: ComparedModel) -> list[Node]:
    """The jobs that a model of an ablation starts beside those of its run, in an order in which they can run."""
    theirs, ours = histories(run), histories(model.config)

    def walk(node: Node) -> Iterator[Node]:
        if theirs.get(node) != ours[node]:
            for before in needed(model.config, node):
                yield from walk(before)
            yield node

    asked: list[Node] = [("evaluation", model.evaluated)]
    asked += [] if model.base.startswith("rl-") else [("likelihood", model.base)]
    return list(dict.fromkeys(node for last in asked for node in walk(last)))


def estimate(run: RunConfig, config: RunConfig, node: Node) -> float | None:
    """Seconds that a job of an ablation may take, after what the like of it took in the run; None if nothing is known.

    RL and evaluations are taken to cost as much as their rollouts, and a job of another name what those of its stage do
    on average.
    """
    known = {
        other: seconds / _size(run, other)
        for other in nodes(run)
        if other[0] == node[0] and (seconds := _seconds(run, other)) is not None
    }
    rates = [known[node]] if node in known else [*known.values()]
    return _size(config, node) * sum(rates) / len(rates) if rates else None


def _size(config: RunConfig, node: Node) -> int:
    """What the cost of a job grows with: its rollouts, as far as the configuration gives them, all sets being alike."""
    stage, name = node
    if stage == "evaluation":
        return sum(evaluated_models(config)[name].values())
    return config.rl_steps(name) * config.rl.prompts * config.rl.samples if stage == "rl" else 1


def _seconds(run: RunConfig, node: Node) -> float | None:
    """What the job of that name took in the run, where it was made."""
    path = manifest_path(Path(Layout(run.name).root) / outputs(run, node)[0])
    return float(json.loads(path.read_text(encoding="utf-8"))["seconds"]) if path.is_file() else None
