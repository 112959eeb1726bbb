"""Ablations: a new one, and the table of those that were made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from int_bench.cli.arguments import Overrides, Run, say

app = typer.Typer(help="Add ablations, and tabulate them.", no_args_is_help=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its name, of a-z, 0-9 and _.")],
    base: Annotated[str, typer.Option(help="The model that is ablated: an arm such as int, or rl-int.")],
    set_: Overrides = None,
    against: Annotated[str | None, typer.Option(help="What to compare it with, if not the run's own.")] = None,
    question: Annotated[str, typer.Option(help="What it asks, for the table.")] = "",
    run: Annotated[str, typer.Option(help="The run to check it with.")] = "tiny",
    dry_run: Annotated[bool, typer.Option(help="Write nothing; say which jobs it would start.")] = False,
) -> None:
    """Write an ablation's entry, or say what it would take: its jobs, and those of another one that it is against."""
    from int_bench import ablations
    from int_bench.config import load, override_of
    from int_bench.records import write_text

    text = ablations.entry(name, base, question or f"What does {name} change?", override_of(set_ or []), against)
    file, suite = ablations.extended(ablations.FILE, name, text, run)
    if not dry_run:
        write_text(ablations.FILE, file)
        say(ablations.FILE)
        typer.echo(f"next: snakemake --cores all ablation_{name} --config run={run}", err=True)
        return
    whole, pair = load(f"configs/{run}.yaml"), ablations.compared(run, name, suite)
    costs = {
        (model.config.name, *job): ablations.estimate(whole, model.config, job)
        for model in pair
        if model.config.shares
        for job in ablations.jobs(whole, model)
    }
    for (folder, stage, of), seconds in costs.items():
        about = f"about {seconds:.0f} s" if seconds is not None else f"unknown: {whole.name} has not made the like yet"
        typer.echo(f"{folder:24} {stage:14} {of:16} {about}")
    known = [seconds for seconds in costs.values() if seconds is not None]
    sides = " and ".join(f"{model.base} of {model.config.name}" for model in pair)
    cost = f"about {sum(known):.0f} s for each seed, once {whole.name} is made"
    if len(known) < len(costs):
        cost = (
            f"of {len(costs) - len(known)} the cost is unknown until `snakemake --cores all --config run={run}` was run"
        )
    typer.echo(f"compares {sides}: {len(costs)} jobs, {cost}")


@app.command()
def table(
    run: Run,
    names: Annotated[list[str], typer.Argument(help="Ablations that were made.")],
    to: Annotated[Path, typer.Option(help="The table's path without its suffix.")],
) -> None:
    """Write the table of some ablations of a run."""
    from int_bench.report.build import make_ablations_table

    say(*make_ablations_table(run, names, to))


@app.command()
def overview(
    run: Run,
    names: Annotated[list[str], typer.Argument(help="Ablations that were made.")],
    to: Annotated[Path, typer.Option(help="The figure's path without its suffix.")],
) -> None:
    """Draw the gains of some ablations of a run."""
    from int_bench.report.build import make_overview

    say(*make_overview(run, names, to))


@app.command()
def figure(
    run: Run,
    names: Annotated[list[str], typer.Argument(help="Ablations of one sweep that were made.")],
    to: Annotated[Path, typer.Option(help="The figure's path without its suffix.")],
) -> None:
    """Draw the figure of a sweep of ablations."""
    from int_bench.report.build import make_sweep

    say(*make_sweep(run, names, to))
