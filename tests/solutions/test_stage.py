"""The stage on files of a run, with a real model of two layers where one writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from int_bench.config import RunConfig, load
from int_bench.errors import UserError
from int_bench.layout import Layout, solution_sources
from int_bench.manifest import manifest_path
from int_bench.models import save_model
from int_bench.records import Problem, Rollout, Solution, read_records, write_records
from int_bench.rollouts.shards import Shard, join
from int_bench.rollouts.stage import sample_pass
from int_bench.solutions.stage import make_solutions
from int_bench.synthetic.student import Student, worked_solution
from int_bench.synthetic.world import parse_program

SMOKE = Path(__file__).parents[2] / "configs" / "smoke.yaml"


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problems: list[Problem]) -> Layout:
    """A run in a folder of its own, as it is after the hard set was made."""
    monkeypatch.chdir(tmp_path)
    layout = Layout("smoke")
    write_records(layout.problems("hard_train"), problems, Problem)
    return layout


@pytest.fixture
def model(layout: Layout, make_model, tokenizer, problems: list[Problem], student: Student, make_rollout) -> Layout:
    """The same with a base model and its failed attempts: three at each problem."""
    save_model(make_model(context=512), tokenizer, layout.model("base"))
    rollouts = [
        make_rollout(row.problem_id, "b=1\n\n\\boxed{0,0,0}", sample=sample, rollout_id=f"{row.problem_id}/{sample}")
        for row in problems
        for sample in range(3)
    ]
    write_records(layout.rollouts("mining"), rollouts, Rollout)
    return layout


def config(**override: object) -> RunConfig:
    return load(SMOKE, override)


def facts(output: str) -> dict:
    return json.loads(manifest_path(output).read_text())["facts"]


@pytest.mark.parametrize("name", ["references", "traces"])
def test_what_needs_no_model_is_there_for_every_problem(layout: Layout, problems: list[Problem], name: str):
    output = make_solutions(config(), layout, name)
    rows = read_records(output, Solution)
    assert [row.problem_id for row in rows] == [problem.problem_id for problem in problems]
    assert facts(output)["kept"] == facts(output)["problems"] == len(problems)


def test_a_replayed_file_is_named_where_it_is_missing(layout: Layout):
    run = config(solutions={"lost": {"kind": "replay", "source": "lost.jsonl"}})
    with pytest.raises(UserError, match=r"lost\.jsonl: no such file"):
        make_solutions(run, layout, "lost")


@pytest.mark.parametrize("style", ["compact", "full"])
def test_a_real_model_refines_every_attempt_that_oracles_are_shown(model: Layout, problems: list[Problem], style: str):
    run = config(
        interventions={"per_problem": 2},
        solutions={"refined": {"style": style, "proposals": 2, "chat": {"sampling": {"max_new_tokens": 8}}}},
    )
    output = make_solutions(run, model, "refined")
    rows = read_records(output, Solution)
    assert len({row.solution_id for row in rows}) == len(rows) == 2 * 2 * len(problems)
    # Untrained, it reaches no answer in eight tokens; where the prompt leaves no room for them, that is said.
    assert {row.reason for row in rows} <= {"truncated", "no_answer", "too_long"}
    assert not any(row.kept for row in rows)
    said = facts(output)
    assert said["attempts"] == 2 * len(problems)
    assert sum(said["reasons"].values()) == said["solutions"] == len(rows)
    if style == "compact":
        assert said["queries"] == said["answered"] == len(rows)
        make_solutions(run, model, "refined")
        assert facts(output)["cached"] == len(rows)
    assert read_records(output, Solution) == rows


def test_rejection_sampling_has_the_budget_of_int_and_draws_of_its_own(model: Layout, problems: list[Problem]):
    few = {"samples": 2, "first_round": 2}
    run = config(interventions={"per_problem": 2}, selection=few, sampling={"max_new_tokens": 6})
    whole = read_records(sample_pass(run, model, "rejection", Shard()), Rollout)
    assert len(whole) == run.int_budget * len(problems) == 4 * len(problems)
    naive = read_records(sample_pass(run, model, "naive", Shard()), Rollout)
    assert len(naive) == run.configurations_samples * len(problems)
    assert [row.text for row in whole if row.sample < 4] != [row.text for row in naive if row.sample < 4]
    parts = [sample_pass(run, model, "rejection", Shard(number, 3)) for number in (1, 2, 3)]
    join(model.rollouts("rejection"), parts)
    joined = read_records(model.rollouts("rejection"), Rollout)
    assert [(row.rollout_id, row.text) for row in joined] == [(row.rollout_id, row.text) for row in whole]


def test_the_correct_rollouts_are_kept_once(
    layout: Layout, problems: list[Problem], make_rollout: Callable[..., Rollout]
):
    first, second, *_ = problems
    right = worked_solution(parse_program(first.text))
    rollouts = [
        make_rollout(first.problem_id, right, True, 0),
        make_rollout(first.problem_id, right, True, 1),
        make_rollout(first.problem_id, f"{right}\n", True, 2, finish_reason="length"),
        make_rollout(first.problem_id, right[2:], True, 3),
        make_rollout(second.problem_id, "\\boxed{0}", False, 0),
    ]
    write_records(layout.rollouts("rejection"), rollouts, Rollout)
    output = make_solutions(config(), layout, "sampled")
    rows = read_records(output, Solution)
    assert [row.reason for row in rows] == ["kept", "duplicate", "unfinished", "kept"]
    assert [row.text for row in rows if row.kept] == [right, right[2:]]
    assert facts(output)["problems"] == 1


def test_sources_are_what_the_workflow_makes_first():
    run, layout = config(), Layout("other", "smoke", frozenset({"models/base"}))
    assert solution_sources(run, layout, "sampled") == ["results/other/rollouts/rejection.parquet"]
    mining, base = solution_sources(run, layout, "refined")
    assert (mining, base) == ("results/other/rollouts/mining.parquet", "results/smoke/models/base")
    assert solution_sources(run, layout, "references") == solution_sources(run, layout, "traces") == []
