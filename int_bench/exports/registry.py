"""The tools that can be exported to, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from int_bench.config.section import nearest
from int_bench.errors import UserError
from int_bench.exports import llamafactory, lm_eval, pipelinerl, trl, verl
from int_bench.exports.run import Run, read_run
from int_bench.records import write_text


@dataclass(frozen=True, slots=True)
class Trainer:
    """A tool that trains: what it takes, how its files are written, and how they are used (Markdown)."""

    title: str
    sft: bool
    rl: bool
    write: Callable[[Run, Path], list[Path]]
    how: Callable[[Run], str]


LM_EVAL = "lm-eval"
TRAINERS = {
    "llamafactory": Trainer("LLaMA-Factory", True, False, llamafactory.write, llamafactory.how),
    "verl": Trainer("verl", True, True, verl.write, verl.how),
    "pipelinerl": Trainer("PipelineRL", False, True, pipelinerl.write, pipelinerl.how),
    "trl": Trainer("TRL", True, True, trl.write, trl.how),
}


def export(
    sources: Sequence[str], tool: str, output: Path, arm: str | None = None, name: str | None = None
) -> list[str]:
    """Export to the tool of that name; returns what was exported and the files' paths, a line each.

    Raises UserError for an unknown tool, for what the tool does not take, and for whatever its export refuses.
    """
    if tool == LM_EVAL:
        if arm:
            raise UserError("--arm: lm-eval takes files of rollouts, which belong to no arm")
        return [str(path) for path in lm_eval.export(sources, output, name)]
    if tool not in TRAINERS:
        known = [*TRAINERS, LM_EVAL]
        raise UserError(f"no tool {tool!r} to export to; there are {', '.join(known)}{nearest(tool, known)}")
    if len(sources) > 1:
        raise UserError(f"{tool} takes one run at a time, got {', '.join(sources)}")
    return _export_run(sources[0], TRAINERS[tool], output, arm, name)


def _export_run(source: str, trainer: Trainer, output: Path, arm: str | None, name: str | None) -> list[str]:
    if arm and not trainer.sft:
        raise UserError(f"--arm: {trainer.title} has no SFT in which an arm's loss mask would survive")
    if name and not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise UserError(f"--name: {name!r} may hold letters, digits, '-' and '_' alone")
    run = read_run(source, arms=trainer.sft, arm=arm, name=name)
    held = _held(run, trainer)
    if not run.arms and not trainer.rl:
        raise UserError(f"results/{source}: no arm has rows yet; `int-bench sft {source} ARM` makes them")
    files = trainer.write(run, output)
    files.append(output / "README.md")
    contents = "\n".join(f"- {line}" for line in held)
    write_text(files[-1], f"# {run.name} for {trainer.title}\n\n{contents}\n{trainer.how(run)}")
    return [*held, *map(str, files)]


def _held(run: Run, trainer: Trainer) -> list[str]:
    """What an export holds, a line each: arms with their rows, and problems."""
    lines = [str(arm) for arm in run.arms]
    lines += [f"{name}: 0 rows, left out" for name in run.empty]
    if not trainer.sft:
        lines.append(f"SFT rows: left out, since {trainer.title} has no SFT in which a loss mask would survive")
    if trainer.rl:
        lines.append(f"hard_train: {len(run.train)} problems with gold answers, for RL")
    else:
        lines.append(f"hard_train: left out, since {trainer.title} has no RL with gold answers")
    return lines
