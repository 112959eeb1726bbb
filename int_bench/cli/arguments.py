"""What commands share: arguments with their help, how a run is opened, and what is said at the end."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from int_bench.errors import UserError

if TYPE_CHECKING:
    from int_bench.config import RunConfig
    from int_bench.layout import Layout
    from int_bench.rollouts.shards import Shard as PartOfStage

Configuration = Annotated[str, typer.Argument(help="Name of a file in configs/, or a path.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Override, such as rl.kl=0.001; --set again for another.")
]
Run = Annotated[str, typer.Argument(help="Name of a run; its files lie in results/NAME.")]
Oracle = Annotated[str, typer.Argument(help="Name of one of the run's oracles.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads; the same number gives the same result.")]

Shard = Annotated[str, typer.Option(help="Only one part of the work; `int-bench join` joins the parts.")]
WHOLE = "1-of-1"

Sources = Annotated[list[str], typer.Argument(help="Runs, or .parquet files of rollouts.")]
Gold = Annotated[
    list[Path] | None, typer.Option(help="File of problems with the gold answers; by default, those of the run.")
]


def opened(run: str) -> tuple[RunConfig, Layout]:
    """The configuration and the layout of a run, as the workflow wrote them."""
    from int_bench.config import load
    from int_bench.layout import Layout
    from int_bench.sharing import layout_of

    config = load(Layout(run).config)
    return config, replace(layout_of(config), name=run)  # a folder that was renamed is read as it is called now


def configured(run: str, assignments: list[str] | None) -> RunConfig:
    """The configuration of a run as configs/ and overrides say, whether the workflow has seen it or not."""
    from int_bench.config import load, override_of

    path = Path(run) if run.endswith((".yaml", ".json")) else Path("configs") / f"{run}.yaml"
    return load(path, override_of(assignments or []))


def use_threads(threads: int) -> None:
    """Fix the number of threads before torch is imported: it decides the order of sums, and so the last digits."""
    limit_threads(threads)
    import torch

    torch.set_num_threads(threads)


def limit_threads(threads: int) -> None:
    """Fix the number of threads for stages that may not need torch."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)


def part_of(shard: str) -> PartOfStage:
    """The part of a sampling stage that ``--shard`` names."""
    from int_bench.rollouts.shards import Shard as Part

    return Part.parse(shard)


def numbers_of(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers above zero, with commas, sorted; none for an empty text."""
    try:
        numbers = tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError:
        numbers = (0,)
    if numbers and numbers[0] < 1:
        raise UserError(f"{option}: {text!r} is no list of numbers with commas, such as 1,8")
    return numbers


def say(*paths: str | Path) -> None:
    """Print where results went, once however many processes there are."""
    from int_bench.manifest import main_process

    for path in paths if main_process() else ():
        print(path)
