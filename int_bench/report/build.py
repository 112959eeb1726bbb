"""Entry points: all tables and all figures of a run, from its folder of results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from int_bench.ablations import FILE
from int_bench.config import AblationConfig, RunConfig, comparisons, load, load_ablations, nearest
from int_bench.errors import UserError
from int_bench.explorer.page import LIMIT, PARTINGS, Shelf, page
from int_bench.layout import Layout
from int_bench.records import write_text
from int_bench.report import collect, collect_answers, collect_traces
from int_bench.report.claims.table import claims, forest
from int_bench.report.figures import points
from int_bench.report.figures.ablations import overview, sweep
from int_bench.report.figures.claims import claims as forest_plot
from int_bench.report.figures.divergence import diverging
from int_bench.report.figures.example import telling, worked_example
from int_bench.report.figures.interventions import figure3, figure4
from int_bench.report.figures.likelihood import figure5
from int_bench.report.figures.oracles import funnel as funnel_figure
from int_bench.report.figures.rl import figure7, figure8, figure9, figure10
from int_bench.report.figures.standard import figure6, figure11
from int_bench.report.page.assemble import report_page
from int_bench.report.paper import caption
from int_bench.report.scores import Estimator, curves
from int_bench.report.style import FIGURE11, save_figure
from int_bench.report.tables import (
    ablations,
    accuracy,
    audits,
    beside,
    costs,
    hard_gains,
    hyperparameters,
    likelihoods,
    oracles,
    paper_audit,
    seeds,
    standard,
)
from int_bench.report.write import save_table

EXAMPLES = 12
"""Answers of one oracle in the report, at most; the explorer has more."""
TABLES = {
    "table1": accuracy.table1,
    "table2": standard.table2,
    "table3": hyperparameters.table3,
    "table45": hyperparameters.table45,
    "table6": oracles.table6,
    "table7": standard.table7,
    "hard_gains": hard_gains.hard_gains,
    "ladder": oracles.ladder,
    "mining": accuracy.mining,
    "null": accuracy.null,
    "funnel": oracles.funnel,
    "leakage": audits.leakage,
    "categories": audits.categories,
    "oracle_costs": audits.oracle_costs,
    "costs": costs.costs,
    "benchmarks": accuracy.benchmarks,
    "rl_pass_at_k": accuracy.rl_pass_at_k,
    "seeds": seeds.seeds,
    "likelihood": likelihoods.likelihood_table,
    "drift": likelihoods.drift_table,
    "beside": beside.beside,
    "paper_audit": paper_audit.paper_audit,
    "claims": claims,
}


def make_tables(results_dir: Path, out_dir: Path) -> list[Path]:
    """Write every table of a run as CSV, Markdown, LaTeX and a piece of HTML; returns the paths."""
    paths: list[Path] = []
    for name, make in TABLES.items():
        paths += save_table(make(Path(results_dir)), Path(out_dir) / name, caption(name))
    return paths


def make_figures(results_dir: Path, figures_dir: Path, model_dir: Path | None = None) -> list[Path]:
    """Write every figure of a run as PNG, PDF and SVG; returns the paths.

    ``model_dir`` is the base model's folder, whose ``tokenizer.json`` counts tokens; by default ``models/base`` in
    the results.
    """
    results = Path(results_dir)
    config = collect.run_config(results)
    estimator = Estimator(config.report)
    # The tokenizer's own library reads the file that transformers reads, in milliseconds and without torch.
    tokenizer = Tokenizer.from_file(str((model_dir or results / "models" / "base") / "tokenizer.json"))
    tokenizer.no_truncation()
    arms = [name for name in ("base", "distill", "int") if name in config.rl.arms]
    held_out, oracle = config.evaluation.held_out, config.interventions.oracle
    first, second, *_ = [*collect_traces.partings(results, config, 2), None, None]
    shown, _ = collect_traces.examples(results, config, oracle, LIMIT)
    figures = {
        "figure2": worked_example(telling(shown)),
        "figure3": figure3(collect_answers.text_lengths(results, oracle, tokenizer)),
        "figure4": figure4(collect_answers.intervention_locations(results, config, oracle)),
        "figure5": figure5(likelihoods.drift_points(results)),
        "funnel": funnel_figure(oracles.funnel_counts(results)),
        "figure6": figure6(points.benchmark_scores(results, config, estimator)),
        "figure7": figure7(
            curves(collect.rl_counts(results, config, "hard_test", arms), config.evaluation.ks, estimator)
        ),
        "figure8": figure8(
            collect.rl_steps(results, arms),
            curves(collect.rl_counts(results, config, held_out, arms), [1], estimator),
            held_out,
        ),
        "figure9": figure9(collect.rl_steps(results, [name for name in points.FIGURE9 if name in config.rl.arms])),
        "figure10": figure10(points.checkpoint_scores(results, config, estimator)),
        "figure11": figure11(
            likelihoods.whole_traces(results, points.models_of(config, FIGURE11)),
            points.train_pass_at_k(results, config, estimator),
            points.benchmark_pass_at_k(results, config, estimator),
        ),
        "figure12": diverging(first),
        "figure13": diverging(second),
        "claims": forest_plot(forest(results)),
    }
    paths: list[Path] = []
    for name, figure in figures.items():
        paths += save_figure(figure, Path(figures_dir) / name)
    return paths


def make_ablations_table(run: str, names: Sequence[str], base_path: Path) -> list[Path]:
    """Write the table of some ablations of a run; returns the paths."""
    whole, made = _made(run, names)
    return save_table(ablations.ablations(whole, made), base_path, caption("ablations"))


def make_overview(run: str, names: Sequence[str], base_path: Path) -> list[Path]:
    """Write the figure of all ablations of a suite; returns the paths."""
    return save_figure(overview(ablations.forest(*_made(run, names))), base_path)


def make_sweep(run: str, names: Sequence[str], base_path: Path) -> list[Path]:
    """Write the figure of a sweep of ablations; returns the paths."""
    whole, made = _made(run, names)
    ablation, _ = next(iter(made.values()))
    others = {ablations.named(each.against, pairs[0][1]) for each, pairs in made.values()}
    over = others.pop() if len(others) == 1 else "another model each"
    gains, drift = ablations.sweep_points(whole, made), ablations.sweep_drift(whole, made)
    return save_figure(sweep(gains, drift, ablation.axis or str(ablation.sweep), ablation.base, over), base_path)


def _made(run: str, names: Sequence[str]) -> tuple[RunConfig, dict[str, tuple[AblationConfig, ablations.Pairs]]]:
    """The configuration of a run, and of some of its ablations the models that they compare.

    Raises UserError for an ablation that is not there, or was not made.
    """
    suite, whole = load_ablations(FILE), load(Layout(run).config)
    seeds = [folder for _, folder in collect.companion_results(Path(Layout(run).root), "seed")]
    runs = [whole, *map(collect.run_config, seeds)]

    def config_of(each: RunConfig, name: str) -> RunConfig:
        path = Path(Layout(f"{each.name}-{name}").config)
        if not path.is_file():
            raise UserError(f"{path} is missing; next: snakemake --cores all ablation_{name}")
        return load(path)

    for name in names:
        if name not in suite:
            raise UserError(f"{FILE} has no ablation {name!r}{nearest(name, suite)}")
    return whole, {name: (suite[name], comparisons(name, suite, runs, config_of)) for name in names}


def make_explorer(results_dir: Path, path: Path) -> Path:
    """Write the page on which the traces of a run are read; returns its path."""
    results = Path(results_dir)
    config = collect.run_config(results)
    shelves = _shelves(results, config, LIMIT)
    partings = collect_traces.partings(results, config, PARTINGS)
    write_text(path, page(config.title, config.seed, shelves, partings))
    return Path(path)


def make_report(results_dir: Path, tables_dir: Path, figures_dir: Path, path: Path) -> Path:
    """Write the page that holds the whole run, from its results, tables and figures; returns its path."""
    results = Path(results_dir)
    shelves = _shelves(results, collect.run_config(results), EXAMPLES)
    write_text(path, report_page(results, Path(tables_dir), Path(figures_dir), shelves))
    return Path(path)


def _shelves(results: Path, config: RunConfig, limit: int) -> list[Shelf]:
    return [Shelf(oracle, *collect_traces.examples(results, config, oracle, limit)) for oracle in config.oracles]
