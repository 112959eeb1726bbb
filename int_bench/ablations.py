"""A new ablation: its entry in the file, the jobs that it would start, and what these took in the run itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
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
        seen = f"snakemake -n ablation_{name} --config run={run}"
        raise ConfigError(f"{path}: there is an ablation {name!r} already; `{seen}` shows its jobs")
    whole = f"{path.read_text(encoding='utf-8').rstrip()}\n{text}"
    with TemporaryDirectory() as elsewhere:  # the project itself may be read-only
        candidate = Path(elsewhere) / path.name
        candidate.write_text(whole, encoding="utf-8")
        try:
            suite = load_ablations(candidate)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(candidate), str(path))) from None
    compared(run, name, suite)
    return whole, suite


def compared(run: str, name: str, suite: Mapping[str, AblationConfig]) -> tuple[ComparedModel, ComparedModel]:
    """The models that an ablation compares in a run that is a file in configs/, other seeds apart."""
    alone = [load(f"configs/{run}.yaml")]
    (pair,) = paired(name, suite, alone, lambda _, asked: of_run(run, asked, suite[asked]))
    return pair


def paired(
    name: str,
    suite: Mapping[str, AblationConfig],
    runs: Sequence[RunConfig],
    made: Callable[[RunConfig, str], RunConfig],
) -> list[tuple[ComparedModel, ComparedModel]]:
    """The pairs that an ablation compares (:func:`int_bench.config.comparisons`), if there is something to compare.

    Raises ConfigError if both sides would be the same model, and if they would be asked other problems.
    """
    found = comparisons(name, suite, runs, made)
    for pair in found:
        theirs, own = (histories(model.config) for model in pair)
        run = pair[1].config.shares or pair[1].config.name
        if theirs[_made(pair[0])] == own[_made(pair[1])]:
            raise ConfigError(f"ablation {name} changes nothing that {pair[0].base!r} of run {run} depends on")
        if any(theirs[asked, ""] != own[asked, ""] for asked in ("problems", "hard_set")):
            raise ConfigError(
                f"ablation {name} changes the problems of run {run}, so that nothing can be paired;"
                " another world or seed is a companion, as in configs/small.yaml"
            )
    return found


def of_run(run: str, name: str, ablation: AblationConfig) -> RunConfig:
    """The configuration of an ablation of a run that is a file in configs/."""
    path = f"configs/{run}.yaml"
    return load(path, ablated(path, {}, name, ablation))


def _made(model: ComparedModel) -> Node:
    """The job that made a model."""
    return ("rl", model.base.removeprefix("rl-")) if model.base.startswith("rl-") else ("sft", model.base)


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
    """What the cost of a job grows with: its rollouts, as far as the configuration gives them, all sets being alike.

    RL that stops for interventions samples each problem's attempts and their filter besides, if all of them fail.
    """
    stage, name = node
    if stage == "evaluation":
        return sum(evaluated_models(config)[name].values())
    if stage != "rl":
        return 1
    rollouts, again = config.rl_steps(name) * config.rl.prompts * config.rl.samples, config.rl.arms[name].again
    if again is None:
        return rollouts
    stops, problems = (
        (config.rl_steps(name) - 1) // again.every,
        config.arm(again.arm).problems or config.hard_set.train,
    )
    filtered = config.interventions.per_problem * config.selection.samples
    return rollouts + stops * problems * (config.rl.samples + filtered)


def _seconds(run: RunConfig, node: Node) -> float | None:
    """What the job of that name took in the run, where it was made."""
    path = manifest_path(Path(Layout(run.name).root) / outputs(run, node)[0])
    return float(json.loads(path.read_text(encoding="utf-8"))["seconds"]) if path.is_file() else None
