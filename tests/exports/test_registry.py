"""The command ``export`` to trainers: what it says that it holds, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from int_bench.config import load
from int_bench.errors import UserError
from int_bench.exports.registry import TRAINERS, export
from int_bench.exports.run import read_run
from int_bench.layout import Layout
from int_bench.records import TrainingExample, write_records
from int_bench.rollouts.chat import open_turn
from tests.exports.conftest import INTERVENED, TRAIN
from tests.test_cli import one_line
from tests.test_cli import run as type_


def test_an_export_says_which_rows_it_holds(run: Layout, arms):
    done = type_("export", "smoke", "--to", "trl", "--output", "out", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    for line, (arm, rows) in zip(said, arms.items(), strict=False):
        learned = sum(label >= 0 for row in rows for label in row.labels)
        tokens = sum(len(row.input_ids) for row in rows)
        assert line.startswith(f"{arm}: {len(rows)} rows, loss on {learned} of {tokens} tokens, ")
        assert line.endswith(
            f"{'each ends' if arm in ('suffix', 'distill') else 'none ends'} with an end-of-sequence token"
        )
    assert said[4] == f"hard_train: {TRAIN} problems with gold answers, for RL"
    files = [Path(line) for line in said[5:]]
    assert all(path.is_file() for path in files)
    assert {path for path in Path("out").rglob("*") if path.is_file()} == set(files)
    readme = Path("out/README.md").read_text()
    assert readme.startswith("# smoke for TRL\n")
    assert all(f"- {line}\n" in readme for line in said[:5])


@pytest.mark.parametrize("tool", TRAINERS)
def test_a_readme_says_how_each_configuration_is_used(run: Layout, tool: str):
    export(["smoke"], tool, Path("out"))
    readme = Path("out/README.md").read_text()
    configurations = [path.stem for path in Path("out").glob("*.yaml")]
    assert configurations
    assert all(f" {name}" in readme for name in configurations)


def test_one_arm_and_another_name_can_be_asked_for(run: Layout):
    said = export(["smoke"], "llamafactory", Path("out"), arm="no_prefix", name="Mine-1")
    assert [line.split(":")[0] for line in said[:2]] == ["no_prefix", "hard_train"]
    assert '"Mine-1-no_prefix"' in Path("out/dataset_info.json").read_text()
    assert not Path("out/sft-int.json").exists()


def test_an_arm_without_rows_is_named_and_left_out(run: Layout):
    write_records(run.examples("no_filter"), [], TrainingExample)
    assert "no_filter: 0 rows, left out" in export(["smoke"], "verl", Path("out"))
    assert not list(Path("out").glob("*no_filter*"))
    with pytest.raises(UserError, match=r"no_filter\.examples\.parquet: the arm has no rows to export"):
        export(["smoke"], "verl", Path("out"), arm="no_filter")


def test_without_any_rows_there_is_rl_or_nothing(run: Layout, arms):
    for arm in arms:
        Path(run.examples(arm)).unlink()
    assert export(["smoke"], "trl", Path("out"))[0].startswith("hard_train: ")
    with pytest.raises(UserError, match="results/smoke: no arm has rows yet"):
        export(["smoke"], "llamafactory", Path("other"))
    assert not Path("other").exists()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            (["smoke"], "lamafactory"),
            "no tool 'lamafactory' to export to; there are llamafactory, verl, pipelinerl, trl",
        ),
        ((["smoke"], "trl", "in"), "no arm 'in' in run smoke; did you mean 'int'?"),
        ((["smoke"], "trl", "no_filter"), "results/smoke/training/no_filter.examples.parquet: no such file"),
        ((["smoke"], "pipelinerl", "int"), "--arm: PipelineRL has no SFT in which an arm's loss mask would survive"),
        ((["smoke", "smoke"], "trl"), "trl takes one run at a time, got smoke, smoke"),
        ((["smoke"], "verl", None, "a,b"), "--name: 'a,b' may hold letters, digits, '-' and '_' alone"),
        ((["nosuch"], "trl"), "no configuration file results/nosuch/config.yaml"),
        ((["a.parquet"], "lm-eval", "int"), "--arm: lm-eval takes files of rollouts, which belong to no arm"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(run: Layout, asked: tuple, message: str):
    sources, tool, arm, name = (*asked, None, None)[:4]
    with pytest.raises(UserError) as caught:
        export(sources, tool, Path("out"), arm, name)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert not Path("out").exists()


def test_the_command_ends_with_that_line(run: Layout):
    done = type_("export", "smoke", "--to", "pipelinerl", "--arm", "int", "--output", "out", cwd=Path.cwd())
    assert one_line(done).startswith("--arm: PipelineRL has no SFT")


def broken(rows: list[TrainingExample], fault: str, end: int) -> list[TrainingExample]:
    """Rows of which the second has a fault."""
    row = rows[1]
    changes = {
        "end": {"input_ids": [*row.input_ids, end], "labels": [*row.labels, end]},
        "no end": {"input_ids": row.input_ids[:-1], "labels": row.labels[:-1]},
        "template": {"input_ids": row.input_ids[1:], "labels": row.labels[1:]},
        "prompt learned": {"labels": row.input_ids},
        "unlearned": {"labels": [*row.labels[:-1], -100]},
        "problem": {"problem_id": "elsewhere"},
    }
    return [rows[0], replace(row, **changes[fault]), *rows[2:]]


@pytest.mark.parametrize(
    ("arm", "fault", "message"),
    [
        ("int", "end", "has 1 end-of-sequence tokens; none was expected"),
        ("suffix", "end", "has 2 end-of-sequence tokens; one at its very end was expected"),
        ("suffix", "no end", "has 0 end-of-sequence tokens; one at its very end was expected"),
        ("distill", "no end", "has 0 end-of-sequence tokens; one at its very end was expected"),
        ("int", "template", "does not begin with its problem in the base model's chat template"),
        ("int", "prompt learned", "does not begin with its problem in the base model's chat template"),
        ("int", "unlearned", "ends with a token that the loss does not count"),
        ("int", "problem", "is of the problem 'elsewhere', which is not in the hard training set"),
    ],
)
@pytest.mark.parametrize("tool", ["trl", "llamafactory"])
def test_rows_that_are_not_what_they_should_be_are_refused(
    run: Layout, arms, tokenizer, tool: str, arm: str, fault: str, message: str
):
    write_records(run.examples(arm), broken(arms[arm], fault, tokenizer.eos_token_id), TrainingExample)
    with pytest.raises(UserError) as caught:
        export(["smoke"], tool, Path("out"))
    assert str(caught.value).startswith(f"{run.examples(arm)}: row {arms[arm][1].example_id} {message}")
    assert not Path("out").exists()


def test_stop_texts_are_refused_where_no_configuration_has_a_place_for_them(run: Layout):
    stop = load(run.config, {"rl": {"sampling": {"stop": ["\n\n"]}}})
    Path(run.config).write_text(stop.model_dump_json())
    for tool in ("trl", "verl", "pipelinerl"):
        with pytest.raises(UserError, match=r"rl\.sampling\.stop"):
            export(["smoke"], tool, Path("out"))
    assert not Path("out").exists()


def test_a_model_of_the_hub_is_named_by_its_id(run: Layout):
    assert read_run("smoke", arms=False).model == str(Path(run.model("base")).resolve())
    model = {"kind": "pretrained", "source": "owner/model", "revision": "abc"}
    Path(run.config).write_text(load(run.config, {"model": model}).model_dump_json())
    exported = read_run("smoke", arms=True)
    assert (exported.model, exported.revision) == ("owner/model", "abc")


def test_the_fixture_is_what_the_tests_take_it_for(arms, tokenizer, problems):
    assert {arm: len(rows) for arm, rows in arms.items()} == {
        "int": INTERVENED,
        "no_prefix": INTERVENED,
        "suffix": INTERVENED,
        "distill": TRAIN,
    }
    for row in arms["no_prefix"]:
        prompt = len(open_turn(tokenizer, next(p for p in problems if p.problem_id == row.problem_id).text))
        assert row.labels.index(next(label for label in row.labels if label >= 0)) > prompt  # a prefix is masked
