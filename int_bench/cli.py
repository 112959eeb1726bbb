"""The command line: each command parses its arguments, calls one function and prints where the result went.

Stage modules are imported by the command that needs them, so that ``int-bench --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from int_bench.errors import UserError

if TYPE_CHECKING:
    from int_bench.config import RunConfig
    from int_bench.layout import Layout
    from int_bench.rollouts.shards import Shard as PartOfStage

app = typer.Typer(
    help="Rebuild the tables and figures of Interventional Training (InT).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Look at configurations.", no_args_is_help=True)
app.add_typer(config_app, name="config")

Configuration = Annotated[str, typer.Argument(help="Name of a file in configs/, or a path.")]
Overrides = Annotated[list[str] | None, typer.Option("--set", help="Override, such as rl.kl=0.001.")]
Run = Annotated[str, typer.Argument(help="Name of a run; its files lie in results/NAME.")]
Oracle = Annotated[str, typer.Argument(help="Name of one of the run's oracles.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads; the same number gives the same result.")]

Shard = Annotated[str, typer.Option(help="Only one part of the work; `int-bench join` joins the parts.")]
WHOLE = "1-of-1"

Sources = Annotated[list[str], typer.Argument(help="Runs, or .parquet files of rollouts.")]
Gold = Annotated[
    list[Path] | None, typer.Option(help="File of problems with the gold answers; by default, those of the run.")
]


class Pass(StrEnum):
    """A pass of the base model over the hard training set."""

    naive = "naive"
    null = "null"


class Mode(StrEnum):
    """Where a guided rollout begins."""

    from_intervention = "from_intervention"
    with_intervention = "with_intervention"


@config_app.command("show")
def config_show(run: Configuration, set_: Overrides = None) -> None:
    """Print a run's full configuration, defaults included."""
    import yaml

    print(yaml.safe_dump(_configured(run, set_).model_dump(mode="json"), sort_keys=False), end="")


@app.command()
def plan(
    run: Configuration,
    set_: Overrides = None,
    gpu: Annotated[str | None, typer.Option(help="By default the GPU that is here, or an H100 80GB.")] = None,
    mean_tokens: Annotated[
        int | None, typer.Option(min=1, help="Mean length of a trace; by default measured, or all it may have.")
    ] = None,
) -> None:
    """Say what a run will cost before it runs, and what is missing for it."""
    from int_bench.plan.estimate import plan_of
    from int_bench.plan.show import shown

    print(shown(plan_of(_configured(run, set_), gpu, mean_tokens)))


@app.command()
def doctor() -> None:
    """Say what works on this machine, and what to type to mend what does not."""
    from int_bench.doctor.report import examine

    sys.exit(examine())


@app.command()
def problems(run: Run) -> None:
    """Write the mining pool and the benchmarks."""
    from int_bench.problems.stage import make_problems

    _say(*make_problems(*_open(run)))


@app.command()
def base(run: Run, threads: Threads = 1) -> None:
    """Train, make or fetch the base model."""
    _use(threads)
    from int_bench.training.stage import make_base_model

    _say(make_base_model(*_open(run)))


@app.command()
def mine(run: Run, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model on the pool."""
    _use(threads)
    from int_bench.rollouts.stage import mine as stage

    _say(stage(*_open(run), _part(shard)))


@app.command()
def hard_set(run: Run, threads: Threads = 1) -> None:
    """Split the problems that were never solved into a training and a test set."""
    _use(threads)
    from int_bench.rollouts.stage import make_hard_set

    _say(*make_hard_set(*_open(run)))


@app.command()
def sample(run: Run, purpose: Pass, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model anew on the hard training set."""
    _use(threads)
    from int_bench.rollouts.stage import sample_pass

    _say(sample_pass(*_open(run), purpose.value, _part(shard)))


@app.command()
def join(
    output: Annotated[str, typer.Argument(help="File of rollouts to write.")],
    shards: Annotated[list[str], typer.Argument(help="Its parts, in their order.")],
) -> None:
    """Join the rollouts of all parts of a sampling stage."""
    from int_bench.rollouts.shards import join as stage

    _say(stage(output, shards))


@app.command()
def calibrate(run: Run) -> None:
    """Check the base model of the synthetic world before any method runs."""
    from int_bench.evaluation.stage import check_calibration

    _say(check_calibration(*_open(run)))


@app.command()
def propose(run: Run, oracle: Oracle, threads: Threads = 1) -> None:
    """Show failed attempts to an oracle."""
    _limit(threads)
    from int_bench.interventions.stage import propose as stage

    _say(stage(*_open(run), oracle))


@app.command()
def judge(run: Run, oracle: Oracle, threads: Threads = 1) -> None:
    """Let a language model say of which kind the errors are that an oracle corrects."""
    _use(threads)
    from int_bench.interventions.stage import judge as stage

    _say(stage(*_open(run), oracle))


@app.command()
def annotate(
    run: Run,
    as_: Annotated[
        str | None, typer.Option("--as", help="Name of the annotator, of a-z, 0-9, _ and -; by default yours here.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 is any free one.")] = 8765,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Let a person find and replace the first wrong step of failed attempts, on a page in a browser."""
    from int_bench.annotate.serve import annotate as serve

    _say(serve(*_open(run), as_, port, browser))


@app.command("filter")
def filter_(run: Run, oracle: Oracle, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model with each of an oracle's interventions until it is worth keeping."""
    _use(threads)
    from int_bench.interventions.guided import filter_ as stage

    _say(stage(*_open(run), oracle, _part(shard)))


@app.command()
def guide(run: Run, mode: Mode, oracle: Oracle, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out the base model from, or with, each of an oracle's interventions."""
    _use(threads)
    from int_bench.interventions.guided import guide as stage

    _say(stage(*_open(run), mode.value, oracle, _part(shard)))


@app.command()
def select(run: Run, oracle: Oracle) -> None:
    """Keep an oracle's interventions whose guided rollouts reach the answer."""
    from int_bench.interventions.stage import decide

    _say(decide(*_open(run), oracle))


@app.command()
def sft(run: Run, arm: str, threads: Threads = 1) -> None:
    """Fine-tune the base model on an arm's rows."""
    _use(threads)
    from int_bench.training.stage import run_sft

    _say(run_sft(*_open(run), arm))


@app.command()
def rl(run: Run, initialisation: str, threads: Threads = 1) -> None:
    """Train with GRPO from an initialisation: base, or an arm."""
    _use(threads)
    from int_bench.training.stage import run_rl

    _say(run_rl(*_open(run), initialisation))


@app.command()
def evaluate_run(run: Run, model: str, shard: Shard = WHOLE, threads: Threads = 1) -> None:
    """Roll out a model of a run (base, an arm, or rl-INIT@STEP) on its problem sets."""
    _use(threads)
    from int_bench.evaluation.stage import evaluate_run as stage

    _say(stage(*_open(run), model, _part(shard)))


@app.command()
def evaluate(
    model: Annotated[Path, typer.Option(help="Folder of a causal model of Hugging Face.")],
    benchmarks: Annotated[
        str, typer.Option(help="Names with commas; NAME=PATH reads one from a file, PATH is a file of its own.")
    ],
    n: Annotated[int, typer.Option("--n", min=1, help="Rollouts a problem.")] = 8,
    ks: Annotated[str, typer.Option(help="Budgets of pass@k, with commas; by default 1 and n.")] = "",
    temperature: Annotated[float | None, typer.Option(min=0.0, help="By default Appendix E's for the model.")] = None,
    top_p: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="As --temperature.")] = None,
    top_k: Annotated[int | None, typer.Option(min=0, help="As --temperature; 0 cuts nothing off.")] = None,
    max_new_tokens: Annotated[int | None, typer.Option(min=1, help="By default each benchmark's own.")] = None,
    seed: int = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first problems of each benchmark.")] = None,
    instruction: Annotated[
        str | None, typer.Option(help="What follows each problem; '' for nothing, by default asks for a box.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="By default results/evaluate/MODEL.")] = None,
    engine: Annotated[
        str, typer.Option(help="auto (vLLM on a GPU, transformers on a CPU), transformers, vllm or http.")
    ] = "auto",
    set_: Annotated[list[str] | None, typer.Option("--set", help="Setting of the engine, such as rows=16.")] = None,
    threads: Threads = 1,
) -> None:
    """Roll out any model on benchmarks; goes on where it was if it was killed."""
    from int_bench.evaluation.benchmarks import benchmarks_of

    asked = benchmarks_of(benchmarks)  # a wrong name is said before torch is loaded
    budgets = _numbers("--ks", ks) or tuple(sorted({1, n}))
    _use(threads)
    from int_bench.config import engine_config
    from int_bench.evaluation.decoding import decoding_of
    from int_bench.evaluation.model import INSTRUCTION, Settings, evaluate_model
    from int_bench.evaluation.scores import table
    from int_bench.layout import EvaluationLayout

    decoding = decoding_of(model).override(temperature=temperature, top_p=top_p, top_k=top_k)
    settings = Settings(
        model=str(model),
        samples=n,
        ks=budgets,
        decoding=decoding,
        seed=seed,
        max_new_tokens=max_new_tokens,
        limit=limit,
        instruction=INSTRUCTION if instruction is None else instruction,
        engine=engine_config(engine, ["rows=16", *(set_ or [])]),
    )
    layout = EvaluationLayout(str(output or Path("results/evaluate") / model.absolute().name))
    scores = evaluate_model(settings, asked, layout)
    print(table(scores))
    print(
        f"temperature {decoding.temperature:g}, top-p {decoding.top_p:g}, top-k {decoding.top_k} ({decoding.origin}); "
        f"seed {seed}"
    )
    _say(layout.results)


@app.command("benchmarks")
def list_benchmarks() -> None:
    """List the benchmarks and pools that have a name."""
    from tabulate import tabulate

    from int_bench.problems.registry import registry

    rows = [
        (name, row.kind, row.size, "bundled" if row.bundled else row.source, row.checked, row.licence)
        for name, row in registry().items()
    ]
    print(tabulate(rows, ["name", "kind", "problems", "from", "checked", "licence"], disable_numparse=True))
    print(
        "\nchecked: how id and columns are known. The file is bundled, a card or public code says so, or nothing does."
    )
    print("No revision is pinned: the newest is read, and the manifest of a run or an evaluation records which.\n")
    print("\n".join(f"{name}: {row.note}" for name, row in registry().items() if row.note))


@app.command()
def export(
    sources: Annotated[
        list[str], typer.Argument(help="Name of a run; for lm-eval, Parquet files of rollouts, all of one model.")
    ],
    to: Annotated[str, typer.Option("--to", help="Tool: llamafactory, verl, pipelinerl, trl or lm-eval.")],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    arm: Annotated[str | None, typer.Option(help="One SFT arm; by default all whose rows were made.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the data, by default the run's; for lm-eval, of the model.")
    ] = None,
) -> None:
    """Write a run's training rows and problems for another trainer, or rollouts for lm-evaluation-harness."""
    from int_bench.exports.registry import export as write

    _say(*write(sources, to, output, arm, name))


@app.command("import")
def import_(
    source: Annotated[str, typer.Argument(help="Data set of the hub, JSONL, JSON or Parquet file, or a folder.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write to.")],
    split: Annotated[str, typer.Option(help="Split of a data set of the hub.")] = "train",
) -> None:
    """Write a data set with the columns of InT's authors as problems, attempts and interventions."""
    from int_bench.imports.write import import_published

    _say(*import_published(source, to, split))


@app.command()
def regrade(
    sources: Sources,
    gold: Gold = None,
    grader: Annotated[str, typer.Option(help="A grader's name; `int-bench graders` shows them all.")] = "int-bench",
    write: Annotated[Path | None, typer.Option(help="Write the one file of rollouts, with new grades, here.")] = None,
) -> None:
    """Grade stored rollouts again and print what changes."""
    from int_bench.grading.regrade import regrade as again

    print(again(sources, gold or [], grader, write))


@app.command()
def graders(sources: Sources, gold: Gold = None) -> None:
    """Print what several graders make of the same stored rollouts."""
    from int_bench.grading.regrade import compare_graders

    print(compare_graders(sources, gold or []))


@app.command()
def tables(run: Run) -> None:
    """Write all tables of a run."""
    from int_bench.report.build import make_tables

    _, layout = _open(run)
    _say(*make_tables(Path(layout.root), Path(layout.tables)))


@app.command()
def figures(run: Run) -> None:
    """Draw all figures of a run."""
    from int_bench.report.build import make_figures

    _, layout = _open(run)
    _say(*make_figures(Path(layout.root), Path(layout.figures)))


@app.command()
def explorer(run: Run) -> None:
    """Write the page on which the traces of a run are read."""
    from int_bench.report.build import make_explorer

    _, layout = _open(run)
    _say(make_explorer(Path(layout.root), Path(layout.explorer)))


def main() -> None:
    """Run the command line; what a user can mend is one line on stderr, and exit code 1."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # The trainer would say in each log that a rollout function of one's own is an experimental feature.
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    try:
        app()
    except UserError as error:
        sys.exit(f"int-bench: {error}")
    except OSError as error:
        # A full disk or a folder without permission: the system's words and the file are all that helps.
        sys.exit(f"int-bench: {error.filename or 'input/output'}: {error.strerror or error}")


def _open(run: str) -> tuple[RunConfig, Layout]:
    """The configuration and the layout of a run, as the workflow wrote them."""
    from int_bench.config import load
    from int_bench.layout import Layout

    layout = Layout(run)
    return load(layout.config), layout


def _configured(run: str, assignments: list[str] | None) -> RunConfig:
    """The configuration of a run as configs/ and overrides say, whether the workflow has seen it or not."""
    from int_bench.config import load, override_of

    path = Path(run) if run.endswith((".yaml", ".json")) else Path("configs") / f"{run}.yaml"
    return load(path, override_of(assignments or []))


def _use(threads: int) -> None:
    """Fix the number of threads before torch is imported: it decides the order of sums, and so the last digits."""
    _limit(threads)
    import torch

    torch.set_num_threads(threads)


def _limit(threads: int) -> None:
    """Fix the number of threads for stages that may not need torch."""
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(threads)


def _part(shard: str) -> PartOfStage:
    from int_bench.rollouts.shards import Shard as Part

    return Part.parse(shard)


def _numbers(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers above zero, with commas, sorted; none for an empty text."""
    try:
        numbers = tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    except ValueError:
        numbers = (0,)
    if numbers and numbers[0] < 1:
        raise UserError(f"{option}: {text!r} is no list of numbers with commas, such as 1,8")
    return numbers


def _say(*paths: str | Path) -> None:
    from int_bench.manifest import main_process

    for path in paths if main_process() else ():
        print(path)
