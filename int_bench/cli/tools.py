"""What is of use beside the stages of a run: plans, evaluations, grades, people, and other tools' formats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from int_bench.cli.arguments import (
    Configuration,
    Gold,
    Overrides,
    Run,
    Sources,
    Threads,
    configured,
    numbers_of,
    opened,
    say,
    use_threads,
)

app = typer.Typer()
config_app = typer.Typer(help="Look at configurations.", no_args_is_help=True)
app.add_typer(config_app, name="config")


@config_app.command("show")
def config_show(run: Configuration, set_: Overrides = None) -> None:
    """Print a run's full configuration, defaults included."""
    import yaml

    print(yaml.safe_dump(configured(run, set_).model_dump(mode="json"), sort_keys=False), end="")


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

    print(shown(plan_of(configured(run, set_), gpu, mean_tokens)))


@app.command()
def doctor() -> None:
    """Say what works on this machine, and what to type to mend what does not."""
    from int_bench.doctor.report import examine

    sys.exit(examine())


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

    say(serve(*opened(run), as_, port, browser))


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
    budgets = numbers_of("--ks", ks) or tuple(sorted({1, n}))
    use_threads(threads)
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
    say(layout.results)


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

    say(*write(sources, to, output, arm, name))


@app.command("import")
def import_(
    source: Annotated[str, typer.Argument(help="Data set of the hub, JSONL, JSON or Parquet file, or a folder.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write to.")],
    split: Annotated[str, typer.Option(help="Split of a data set of the hub.")] = "train",
) -> None:
    """Write a data set with the columns of InT's authors as problems, attempts and interventions."""
    from int_bench.imports.write import import_published

    say(*import_published(source, to, split))


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
