"""What is written: all formats, the same bytes again, and figures that say when there is nothing."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from tokenizers import Tokenizer

from int_bench.analysis.estimates import UNDEFINED, Difference, Estimate
from int_bench.analysis.pass_at_k import counts
from int_bench.layout import FIGURE_KINDS, FIGURES, TABLE_KINDS, TABLES
from int_bench.records import Rollout, write_records
from int_bench.report import collect, collect_answers
from int_bench.report.build import make_figures, make_tables
from int_bench.report.figures.interventions import figure3, figure4
from int_bench.report.figures.rl import figure7, figure8
from int_bench.report.paper import caption
from int_bench.report.scores import Estimator, curves
from int_bench.report.style import LOOKS, look, save_figure, styled
from int_bench.report.write import NO_ROWS, save_table


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.mark.parametrize(
    "options", [{}, {"empty": True}, {"kind": "files", "zero": True}], ids=["full", "empty", "zero"]
)
def test_every_table_is_written_in_every_format(make_tree: Callable[..., Path], tmp_path: Path, options: dict):
    paths = make_tables(make_tree(**options), tmp_path)
    assert {path.name for path in paths} == {f"{name}.{kind}" for name in TABLES for kind in TABLE_KINDS}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    for path in paths:
        text = path.read_text()
        assert len(text) > 60
        assert "nan" not in text.lower()


@pytest.mark.parametrize("options", [{}, {"empty": True}], ids=["full", "empty"])
def test_every_figure_is_written_in_every_format(make_tree: Callable[..., Path], tmp_path: Path, options: dict):
    paths = make_figures(make_tree(**options), tmp_path)
    assert {path.name for path in paths} == {f"{name}.{kind}" for name in FIGURES for kind in FIGURE_KINDS}
    starts = {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<?xml"}
    assert all(path.read_bytes().startswith(starts[path.suffix]) for path in paths)


def test_zero_successes_are_drawn_with_their_width(make_tree: Callable[..., Path]):
    results = make_tree(kind="files", zero=True)
    config = collect.run_config(results)
    checkpoints = collect.rl_counts(results, config, "hard_test", config.rl.arms)
    points = curves(checkpoints, config.evaluation.ks, Estimator(config.report))
    assert (points["value"] == 0).all()
    assert (points["high"] > 0.1).all()
    panel = figure7(points).subfigs[0].axes[0]
    assert panel.get_ylim()[1] > points["high"].max()


def test_a_run_without_reinforcement_learning(make_tree: Callable[..., Path], tmp_path: Path):
    tree = make_tree()
    for name in ("evaluation", "problems", "rollouts", "interventions", "training", "likelihood"):
        (tmp_path / name).symlink_to(tree / name)
    config = yaml.safe_load((tree / "config.yaml").read_text())
    config["rl"]["arms"] = {}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    make_tables(tmp_path, tmp_path / "tables")
    assert NO_ROWS in (tmp_path / "tables" / "rl_pass_at_k.md").read_text()
    empty = collect.run_config(tmp_path)
    points = curves(collect.rl_counts(tmp_path, empty, "hard_test", []), [1, 2], Estimator(empty.report))
    for figure in (figure7(points), figure8(collect.rl_steps(tmp_path, []), points, "easy")):
        figure.draw_without_rendering()
        assert NO_ROWS in texts(figure)


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path):
    locations = pd.DataFrame({"category": ["HIGH", "EXECUTION"], "relative_location": [0.1, 0.7]})
    for name in ("one", "two"):
        save_figure(figure4(locations), tmp_path / name)
    for kind in ("png", "pdf", "svg"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_figures_say_when_there_are_no_rows():
    lengths = pd.DataFrame({"kind": pd.Series(dtype=str), "tokens": pd.Series(dtype=float)})
    locations = pd.DataFrame({"category": pd.Series(dtype=str), "relative_location": pd.Series(dtype=float)})
    points = pd.DataFrame(columns=["initialisation", "step", "k", "value", "low", "high", "n"])
    steps = pd.DataFrame(columns=["initialisation", "step", "reward", "all_wrong", "all_right"])
    for figure in (figure3(lengths), figure4(locations), figure7(points), figure8(steps, points, "easy")):
        assert NO_ROWS in texts(figure)


def test_figures_state_their_n():
    assert "(n = 7" in texts(figure4(pd.DataFrame({"category": ["HIGH"] * 7, "relative_location": [0.2] * 7})))
    points = pd.DataFrame(
        [("int", 0, 1, 0.2, 0.1, 0.3, 25)], columns=["initialisation", "step", "k", "value", "low", "high", "n"]
    )
    assert "InT + RL (n = 25)" in texts(figure7(points))


def test_lengths_and_locations_of_a_run(make_tree: Callable[..., Path]):
    results = make_tree()
    tokenizer = Tokenizer.from_file(str(results / "models" / "base" / "tokenizer.json"))
    assert collect_answers.token_lengths(["w w w", ""], tokenizer) == [3, 0]
    lengths = collect_answers.text_lengths(results, "main", tokenizer)
    assert lengths.groupby("kind")["tokens"].max().to_dict()["interventions"] < 9
    assert (lengths["kind"] == "interventions").sum() == 26
    locations = collect_answers.intervention_locations(results, collect.run_config(results), "main")
    assert len(locations) == 26
    assert locations["relative_location"].between(0, 1, inclusive="left").all()


def test_a_file_is_counted_once_while_it_stays_as_it_is(make_tree: Callable[..., Path], tmp_path: Path, monkeypatch):
    path = shutil.copy(make_tree() / "evaluation" / "int.parquet", tmp_path / "int.parquet")
    read: list[Path] = []
    read_table = collect.read_table

    def noted(path: Path, kind: type, columns: list[str]):
        read.append(path)
        return read_table(path, kind, columns=columns)

    expected = collect.evaluation(make_tree(), "int")
    monkeypatch.setattr(collect, "read_table", noted)
    for problem_set in ("hard_train", "easy"):
        assert collect.tally_of(path, problem_set).equals(counts(collect.on_set(expected, problem_set)))
    assert collect.tally_of(path, "nowhere").empty
    assert read.count(path) == 1
    write_records(path, [], Rollout)
    assert collect.tally_of(path, "easy").empty
    assert collect.answers_of(path, "easy").empty


def test_a_table_splits_estimates_in_csv_and_writes_them_out_elsewhere(tmp_path: Path):
    estimates = [Estimate(0.0, 0.0, 0.11, 30), None]
    frame = pd.DataFrame({"arm": ["no_filter", "b"], "rows": [3, None], "accuracy": estimates}, dtype=object)
    csv, md, tex, html = save_table(frame, tmp_path / "t", "Accuracy in %.")
    assert csv.read_text().splitlines() == [
        "arm,rows,accuracy,accuracy_low,accuracy_high,accuracy_n",
        "no_filter,3,0.0,0.0,0.11,30",
        "b,,,,,",
    ]
    assert "0.00% [0.00, 11.00]" in md.read_text()
    assert r"no\_filter" in tex.read_text()
    assert r"Accuracy in \%." in tex.read_text()
    assert '<th scope="row">no_filter</th><td class="number">3</td>' in html.read_text()
    assert '0.00% <span class="interval">[0.00, 11.00]</span>' in html.read_text()
    assert html.read_text().count(f"{UNDEFINED}</span></td>") == 2


def test_differences_bring_their_p_values(tmp_path: Path):
    gains = [Difference(0.0059, 0.002, 0.0103, 64, p=0.003, p_holm=0.012), Difference(0.01, 0.0, 0.02, 64), None]
    gains.append(Difference(0.2, 0.1, 0.3, 64, p=0.0001, p_holm=0.0004))
    csv, md, tex, html = save_table(pd.DataFrame({"gain": gains}, dtype=object), tmp_path / "t", "Gains.")
    assert csv.read_text().splitlines() == [
        "gain,gain_low,gain_high,gain_n,gain_p,gain_p_holm",
        "0.0059,0.002,0.0103,64,0.003,0.012",
        "0.01,0.0,0.02,64,,",
        ",,,,,",
        "0.2,0.1,0.3,64,0.0001,0.0004",
    ]
    assert "p $<$ 0.001 (Holm)" in tex.read_text()
    assert "p &lt; 0.001 (Holm)" in html.read_text()
    assert "+0.59 pp [+0.20, +1.03], p = 0.012 (Holm)" in md.read_text()


def test_a_table_without_rows_says_so(tmp_path: Path):
    _, md, tex, html = save_table(pd.DataFrame({"a": []}), tmp_path / "t", "Nothing.")
    assert NO_ROWS in md.read_text()
    assert NO_ROWS in tex.read_text()
    assert f">{NO_ROWS}</td>" in html.read_text()


def test_the_cells_of_a_table_in_html_stay_text(tmp_path: Path):
    frame = pd.DataFrame({"<b>": ["<script>", "a"], "verdict": ["holds", "<i>"], "rows": [12345, True]}, dtype=object)
    *_, html = save_table(frame, tmp_path / "t", "Less < more.")
    text = html.read_text()
    assert not {"<b>", "<script>", "<i>", "Less <"} & set(text.split())
    assert "<script" not in text.replace("&lt;script", "")
    assert '<span class="verdict holds">holds</span>' in text
    assert "12,345" in text


@pytest.mark.parametrize("name", [*TABLES, *FIGURES])
def test_every_result_has_a_caption_of_plain_text(name: str):
    text = caption(name)
    assert len(text) > 80
    assert not set("`|{}*\\") & set(text)
    if name not in ("table3", "table45"):
        assert "this run" in text
    tested = ("table1", "table2", "table6", "table7", "hard_gains", "ladder", "rl_pass_at_k", "drift", "claims")
    if name in (*tested, "benchmarks", "likelihood", *(f"figure{number}" for number in (5, 6, 7, 8, 10, 11))):
        assert "studentised bootstrap" in text
        assert "whole problems" in text.lower()
    assert ("Holm" in text) == (name in tested)


def test_each_name_has_one_look():
    assert look("int") == LOOKS["int"]
    assert look("my_arm") == look("my_arm")
    assert {look(name).colour for name in ("base", "int", "distill")} == {"#000000", "#0072B2", "#D55E00"}
    with styled():
        assert Figure().get_layout_engine() is not None


def test_the_report_imports_no_torch():
    code = "import sys, int_bench.report.build; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
