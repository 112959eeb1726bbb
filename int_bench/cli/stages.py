"""The stages of a run, as the workflow's rules call them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from int_bench.cli.arguments import (
    WHOLE,
    Oracle,
    Run,
    Shard,
    Threads,
    limit_threads,
    opened,
    part_of,
    say,
    use_threads,
)

app = typer.Typer()


class Pass(StrEnum):
    """A pass of the base model over the hard training set."""

    naive = "naive"
    null = "null"
    rejection = "rejection"


class Mode(StrEnum):
    """Where a guided rollout begins."""

    from_intervention = "from_intervention"
    with_intervention = "with_intervention"


@app.command()
def problems(run: Run) -> None:
    """Write the mining pool and the benchmarks."""
    from int_bench.problems.stage import make_problems

    say(*make_problems(*opened(run)))


@app.command()
def base(run: Run, threads: Threads = 1) -> None:
    """Train, make or fetch the base model."""
    use_threads(threads)
    from int_bench.training.stage import make_base_model

    say(make_base_model(*opened(run)))


@app.command()
def mine(run: Run, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model on the pool."""
    use_threads(threads)
    from int_bench.rollouts.stage import mine as stage

    say(stage(*opened(run), part_of(shard)))


@app.command()
def hard_set(run: Run, threads: Threads = 1) -> None:
    """Split the problems that were never solved into a training and a test set."""
    use_threads(threads)
    from int_bench.rollouts.stage import make_hard_set

    say(*make_hard_set(*opened(run)))


@app.command()
def sample(run: Run, purpose: Pass, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model anew on the hard training set."""
    use_threads(threads)
    from int_bench.rollouts.stage import sample_pass

    say(sample_pass(*opened(run), purpose.value, part_of(shard)))


@app.command()
def join(
    output: Annotated[str, typer.Argument(help="File of rollouts to write.")],
    shards: Annotated[list[str], typer.Argument(help="Its parts, in their order.")],
) -> None:
    """Join the rollouts of all parts of a sampling stage."""
    from int_bench.rollouts.shards import join as stage

    say(stage(output, shards))


@app.command()
def calibrate(run: Run) -> None:
    """Check the base model of the synthetic world before any method runs."""
    from int_bench.evaluation.stage import check_calibration

    say(check_calibration(*opened(run)))


@app.command()
def propose(run: Run, oracle: Oracle, threads: Threads = 1) -> None:
    """Show failed attempts to an oracle."""
    limit_threads(threads)
    from int_bench.interventions.stage import propose as stage

    say(stage(*opened(run), oracle))


@app.command()
def judge(run: Run, oracle: Oracle, threads: Threads = 1) -> None:
    """Let a language model say of which kind the errors are that an oracle corrects."""
    use_threads(threads)
    from int_bench.interventions.stage import judge as stage

    say(stage(*opened(run), oracle))


@app.command("filter")
def filter_(run: Run, oracle: Oracle, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model with each of an oracle's interventions until it is worth keeping."""
    use_threads(threads)
    from int_bench.interventions.guided import filter_ as stage

    say(stage(*opened(run), oracle, part_of(shard)))


@app.command()
def guide(run: Run, mode: Mode, oracle: Oracle, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model from, or with, each of an oracle's interventions."""
    use_threads(threads)
    from int_bench.interventions.guided import guide as stage

    say(stage(*opened(run), mode.value, oracle, part_of(shard)))


@app.command()
def select(run: Run, oracle: Oracle) -> None:
    """Keep an oracle's interventions whose guided rollouts reach the answer."""
    from int_bench.interventions.stage import decide

    say(decide(*opened(run), oracle))


@app.command()
def solutions(run: Run, name: str, threads: Threads = 1) -> None:
    """Write whole solutions of the hard training problems."""
    limit_threads(threads)
    from int_bench.solutions.stage import make_solutions

    say(make_solutions(*opened(run), name))


@app.command()
def sft(run: Run, arm: str, threads: Threads = 1) -> None:
    """Fine-tune the base model on an arm's rows."""
    use_threads(threads)
    from int_bench.training.stage import run_sft

    say(run_sft(*opened(run), arm))


@app.command()
def rl(run: Run, arm: str, threads: Threads = 1) -> None:
    """Train with GRPO as one of the arms of rl."""
    use_threads(threads)
    from int_bench.training.stage import run_rl

    say(run_rl(*opened(run), arm))


@app.command()
def evaluate_run(run: Run, model: str, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out a model of a run (base, an arm, or rl-ARM@STEP) on its problem sets."""
    use_threads(threads)
    from int_bench.evaluation.stage import evaluate_run as stage

    say(stage(*opened(run), model, part_of(shard)))


@app.command()
def likelihood(run: Run, arm: str, threads: Threads = 1) -> None:
    """Measure an arm's rows under the base model, and how far its model drifted from it on easy problems."""
    use_threads(threads)
    from int_bench.evaluation.likelihood_stage import measure_likelihood

    say(*measure_likelihood(*opened(run), arm))


@app.command()
def tables(run: Run) -> None:
    """Write all tables of a run."""
    from int_bench.report.build import make_tables

    _, layout = opened(run)
    say(*make_tables(Path(layout.root), Path(layout.tables)))


@app.command()
def figures(run: Run) -> None:
    """Draw all figures of a run."""
    from int_bench.report.build import make_figures

    _, layout = opened(run)
    say(*make_figures(Path(layout.root), Path(layout.figures)))


@app.command()
def explorer(run: Run) -> None:
    """Write the page on which the traces of a run are read."""
    from int_bench.report.build import make_explorer

    _, layout = opened(run)
    say(make_explorer(Path(layout.root), Path(layout.explorer)))


@app.command()
def report(run: Run) -> None:
    """Write the page that holds the whole run: tables, figures, traces, and what they mean."""
    from int_bench.report.build import make_report

    _, layout = opened(run)
    say(make_report(Path(layout.root), Path(layout.tables), Path(layout.figures), Path(layout.report)))
