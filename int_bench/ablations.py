"""A new ablation: its entry in the file, the jobs that it would start, and what these took in the run itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from int_bench.config import (
    AblationConfig,
    ConfigError,
    RunConfig,
    ablated,
    comparisons,
    load,
    load_ablations,
    model_of,
)
from int_bench.layout import Layout
from int_bench.manifest import manifest_path
from int_bench.sharing import Node, histories, needed, outputs

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
    return yaml.safe_dump({name: written}, sort_keys=False)


def extended(path: str | Path, name: str, text: str, run: str) -> tuple[str, AblationConfig]:
    """The file of ablations with another entry at its end, and the entry, found valid for the run of that name.

    Raises ConfigError if there is one of that name, if what it compares is not there, or if the run does not become a
    valid one by it.
    """
    path = Path(path)
    if name in load_ablations(path):
        raise ConfigError(f"{path}: there is an ablation {name!r} already")
    candidate = path.with_name(f".{path.name}.new")
    whole = f"{path.read_text(encoding='utf-8').rstrip()}\n{text}"
    try:
        candidate.write_text(whole, encoding="utf-8")
        suite = load_ablations(candidate)
    finally:
        candidate.unlink(missing_ok=True)
    comparisons(name, suite, [load(f"configs/{run}.yaml")], lambda _, asked: of_run(run, asked, suite[asked]))
    return whole, suite[name]


def of_run(run: str, name: str, ablation: AblationConfig) -> RunConfig:
    """The configuration of an ablation of a run that is a file in configs/."""
    path = f"configs/{run}.yaml"
    return load(path, ablated(path, {}, name, ablation))


def jobs(run: RunConfig, config: RunConfig, base: str) -> list[Node]:
    """The jobs that an ablation starts beside those of its run, in an order in which they can run."""
    theirs, ours = histories(run), histories(config)

    def walk(node: Node) -> Iterator[Node]:
        if theirs.get(node) != ours[node]:
            for before in needed(config, node):
                yield from walk(before)
            yield node

    asked: list[Node] = [("evaluation", model_of(config, base))]
    asked += [] if base.startswith("rl-") else [("likelihood", base)]
    return list(dict.fromkeys(node for last in asked for node in walk(last)))


def seconds(run: RunConfig, node: Node) -> float | None:
    """What the job of that name took in the run, where it was made."""
    path = manifest_path(Path(Layout(run.name).root) / outputs(run, node)[0])
    return float(json.loads(path.read_text(encoding="utf-8"))["seconds"]) if path.is_file() else None
