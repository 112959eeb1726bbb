"""Interventions in the middle of RL: of what they are made, what is kept, and what survives a kill."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from transformers import Qwen3ForCausalLM

from int_bench.config import ConfigError, RunConfig, load, merge
from int_bench.grading import Grade
from int_bench.interventions.oracles.exact import Exact
from int_bench.models import load_model, save_model
from int_bench.records import Problem, TrainingExample, read_records
from int_bench.rollouts.chat import open_turn
from int_bench.synthetic.student import BLANK, worked_solution
from int_bench.synthetic.world import parse_program
from int_bench.training.checkpoints import Report
from int_bench.training.curriculum import curriculum
from int_bench.training.online import Online
from tests.smoke.conftest import ROOT
from tests.training.conftest import Killed

SMALL = {
    "sampling": {"max_new_tokens": 8},
    "selection": {"samples": 4},
    "rl": {
        "steps": 5,
        "prompts": 4,
        "samples": 4,
        "learning_rate": 1e-3,
        "kl": 0.0,
        "checkpoints": [0, 1, 4, 5],
        "sampling": {"max_new_tokens": 8},
        "arms": {"int": {"again": {"every": 2, "arm": "int"}}},
    },
    "arms": {"int": {"sft": {"learning_rate": 1e-2}}},
}


class Fixed:
    """A grader that finds correct what it is told to: rollouts from a prefix, and a part of the others."""

    def __init__(self, guided: bool, naive: float = 0.5) -> None:
        self.guided, self.naive = guided, naive

    def grade_many(self, responses: Iterable[tuple]) -> list[Grade]:
        grades = []
        for text, _, gold, *handed_over in responses:
            drawn = zlib.crc32(f"{text}{gold}".encode()) % 100 < 100 * self.naive
            correct = self.guided if handed_over and handed_over[0] else drawn
            grades.append(Grade("correct" if correct else "wrong", None, "none"))
        return grades


@pytest.fixture
def config() -> RunConfig:
    return load(ROOT / "configs" / "smoke.yaml", SMALL)


@pytest.fixture
def start(make_model: Callable[..., Qwen3ForCausalLM], tokenizer, tmp_path: Path) -> str:
    save_model(make_model(), tokenizer, tmp_path / "start")
    return str(tmp_path / "start")


def train(config: RunConfig, problems: list[Problem], student, start: str, work: Path, grader: Fixed):
    online = Online(config, "int", 2, Exact(student, "replace"), grader)
    asked = curriculum(problems, config.rl.steps, config.rl.prompts, 0, None, config.rl_checkpoints("int"))
    return online.train(start, problems, asked, work)


def test_every_step_is_logged_once_and_checkpoints_are_those_of_the_run(
    config, problems, student, start, distance, tmp_path: Path
):
    logged = train(config, problems[:6], student, start, tmp_path / "work", Fixed(guided=True))
    assert [row.step for row in logged] == [1, 2, 3, 4, 5]
    published = tmp_path / "work" / "published"
    assert {path.name for path in published.iterdir()} == {"step-1", "step-4", "step-5"}
    one, four, five = (load_model(published / f"step-{step}") for step in (1, 4, 5))
    assert distance(four, load_model(tmp_path / "work/from-2/published/step-2")) == 0.0
    assert min(distance(one, four), distance(four, five)) > 1e-4


def test_rows_are_the_models_own_attempts_up_to_their_error_and_the_right_step(
    config, problems, student, start, tokenizer, tmp_path: Path
):
    work = tmp_path / "work"
    train(config, problems[:6], student, start, work, Fixed(guided=True, naive=0.0))
    by_id = {problem.problem_id: problem for problem in problems}
    for stop in (2, 4):
        rows = read_records(work / f"intervened-{stop}" / "examples.parquet", TrainingExample)
        assert {row.problem_id for row in rows} == {problem.problem_id for problem in problems[:6]}
        for row in rows:
            assert row.input_ids[: row.prompt_tokens] == list(open_turn(tokenizer, by_id[row.problem_id].text))
            # What a random model writes is no step, so the first one is to be corrected.
            said = tokenizer.decode(row.input_ids[row.prompt_tokens :])
            first = worked_solution(parse_program(by_id[row.problem_id].text)).split(BLANK)[0]
            assert (row.prefix_tokens, said) == (0, first)
            assert row.labels[row.prompt_tokens :] == row.input_ids[row.prompt_tokens :]


@pytest.mark.parametrize(
    "grader", [Fixed(guided=False), Fixed(guided=True, naive=1.0)], ids=["the filter keeps none", "no attempt failed"]
)
def test_without_rows_the_model_is_left_as_it_is(config, problems, student, start, distance, tmp_path: Path, grader):
    work = tmp_path / "work"
    train(config, problems[:6], student, start, work, grader)
    assert read_records(work / "intervened-2" / "examples.parquet", TrainingExample) == []
    before, after = work / "from-0" / "published" / "step-2", work / "intervened-2" / "model"
    assert distance(load_model(before), load_model(after)) == 0.0


@pytest.mark.parametrize(
    ("place", "updates", "kept"),
    [
        ("from-0", 3, []),
        ("intervened-2", 2, ["from-0/steps.parquet", "intervened-2/examples.parquet"]),
        ("from-2", 1, ["from-0/steps.parquet", "intervened-2/examples.parquet"]),
        ("from-4", 1, ["from-2/steps.parquet", "intervened-4/examples.parquet"]),
    ],
)
def test_a_training_that_is_killed_goes_on_to_the_same_weights(
    config, problems, student, start, distance, tmp_path: Path, monkeypatch, place: str, updates: int, kept: list[str]
):
    def run(name: str):
        return train(config, problems[:6], student, start, tmp_path / name, Fixed(guided=True))

    def die(self, args, state, control, **kwargs):
        if Path(args.output_dir).name == place and state.global_step >= updates:
            raise Killed

    expected = run("alone")
    with monkeypatch.context() as patch:
        patch.setattr(Report, "on_step_end", die)
        with pytest.raises(Killed):
            run("killed")
    made = {name: (tmp_path / "killed" / name).stat().st_mtime_ns for name in kept}
    logged = run("killed")
    assert {name: (tmp_path / "killed" / name).stat().st_mtime_ns for name in kept} == made
    assert [row.reward for row in logged] == pytest.approx([row.reward for row in expected])
    for step in (1, 4, 5):
        models = [load_model(tmp_path / run / "published" / f"step-{step}") for run in ("alone", "killed")]
        assert distance(*models) < 1e-5


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"rl": {"arms": {"int": {"again": {"arm": "nit"}}}}}, "no arm 'nit'; did you mean 'int'"),
        ({"rl": {"arms": {"int": {"again": {"arm": "distill"}}}}}, "'distill' clones more than interventions"),
        ({"rl": {"arms": {"int": {"again": {"arm": "self"}}}}}, "only the world's own oracles answer during RL"),
        ({"rl": {"kl": 0.1}}, "only with the embedded engine and without a KL term"),
        ({"training": {"processes": 2}}, "one process alone stops for interventions"),
    ],
)
def test_what_cannot_be_done_during_rl_is_refused(override, message: str):
    with pytest.raises(ConfigError, match=message):
        load(ROOT / "configs" / "smoke.yaml", merge(SMALL, override))
