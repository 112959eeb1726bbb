"""The stage ``likelihood`` on tiny models: which rows and rollouts it takes, what it writes, an arm without rows."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase, Qwen3ForCausalLM

from int_bench.config import ConfigError, RunConfig, load
from int_bench.evaluation import likelihood_stage
from int_bench.evaluation.likelihood import Text, drifts, surprisals
from int_bench.evaluation.likelihood_stage import drawn_rollouts, drawn_rows, measure_likelihood, parts
from int_bench.layout import Layout
from int_bench.models import save_model
from int_bench.records import (
    Drift,
    Problem,
    Rollout,
    TraceLikelihood,
    TrainingExample,
    read_records,
    write_records,
)
from int_bench.rollouts.chat import open_turn
from int_bench.solutions.written import references
from int_bench.training.examples import solution_examples

CONFIG = Path(__file__).parents[2] / "configs" / "smoke.yaml"
LAYOUT = Layout("smoke")


def row(prefix: int, intervention: int, after: list[int], name: str = "r") -> TrainingExample:
    given = [5] * (4 + prefix + intervention)
    return TrainingExample(name, "p", given + after, given + after, 4, prefix, intervention)


@pytest.fixture
def run(
    make_model: Callable[..., Qwen3ForCausalLM],
    tiny_model: Qwen3ForCausalLM,
    tokenizer: PreTrainedTokenizerBase,
    problems: list[Problem],
    make_rollout: Callable[..., Rollout],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> RunConfig:
    """A run with a base model, an arm that is another one and its twin without rows, and rollouts of two sets."""
    monkeypatch.chdir(tmp_path)
    save_model(tiny_model, tokenizer, LAYOUT.model("base"))
    save_model(make_model(seed=1), tokenizer, LAYOUT.model("distill"))
    save_model(tiny_model, tokenizer, LAYOUT.model("int"))
    rows = solution_examples(references(problems), {each.problem_id: each for each in problems}, tokenizer)
    write_records(LAYOUT.examples("distill"), rows, TrainingExample)
    write_records(LAYOUT.examples("int"), [], TrainingExample)
    write_records(LAYOUT.problems("easy"), problems, Problem)
    rollouts = []
    for name, each, i in itertools.product(("hard_test", "easy"), problems, range(3)):
        names = {"problem_set": name, "rollout_id": f"{name}/{each.problem_id}/{i}"}
        rollouts.append(make_rollout(each.problem_id, sample=i, token_ids=[9, 8, 7 + i], **names))
    write_records(LAYOUT.evaluation("base"), rollouts, Rollout)
    return load(CONFIG)


def test_an_arm_is_measured(run: RunConfig, tiny_model, make_model, tokenizer, problems: list[Problem]):
    assert measure_likelihood(run, LAYOUT, "distill") == [LAYOUT.likelihood("distill"), LAYOUT.drift("distill")]
    rows = {each.example_id: each for each in read_records(LAYOUT.examples("distill"), TrainingExample)}
    found = read_records(LAYOUT.likelihood("distill"), TraceLikelihood)
    assert {(each.example_id, each.part) for each in found} == {
        (name, part) for name in rows for part in ("solution", "end")
    }
    for each in found:
        ids, prompt = rows[each.example_id].input_ids, rows[each.example_id].prompt_tokens
        (nats,) = surprisals(tiny_model, [Text(ids[:prompt], ids[prompt:])])
        expected = nats[-1:] if each.part == "end" else nats[:-1]
        assert (each.tokens, each.nll) == (len(expected), pytest.approx(expected.sum(), abs=1e-4))

    drift = read_records(LAYOUT.drift("distill"), Drift)
    rollouts = {each.rollout_id: each for each in read_records(LAYOUT.evaluation("base"), Rollout)}
    posed = {each.problem_id: each.text for each in problems}
    assert {each.rollout_id.split("/")[0] for each in drift} == {"easy"}
    assert len(drift) == 3 * len(problems)  # fewer than 64
    for each in drift[:5]:
        text = Text(open_turn(tokenizer, posed[each.problem_id]), rollouts[each.rollout_id].token_ids)
        (expected,) = drifts(tiny_model, make_model(seed=1), [text])
        assert (each.kl, each.entropy, each.base_entropy) == pytest.approx(tuple(expected.sum(0)), abs=1e-4)
        assert (each.tokens, each.kl > 0) == (3, True)
    facts = json.loads(Path(LAYOUT.likelihood("distill").replace(".parquet", ".manifest.json")).read_text())["facts"]
    tokens = sum(each.tokens for each in found)
    assert facts == {"rows": len(rows), "tokens": tokens, "rollouts": len(drift), "rollout_tokens": 3 * len(drift)}


def test_an_arm_without_rows_is_its_base_model(run: RunConfig):
    measure_likelihood(run, LAYOUT, "int")
    assert read_records(LAYOUT.likelihood("int"), TraceLikelihood) == []
    drift = read_records(LAYOUT.drift("int"), Drift)
    assert drift
    assert all(each.kl == 0 and each.entropy == each.base_entropy > 0 for each in drift)


def test_an_unknown_arm_is_refused(run: RunConfig):
    with pytest.raises(ConfigError, match="no arm 'distil' in run smoke; did you mean 'distill'"):
        measure_likelihood(run, LAYOUT, "distil")


@pytest.mark.usefixtures("run")
def test_rollouts_are_of_distinct_problems_first(monkeypatch: pytest.MonkeyPatch, problems: list[Problem]):
    path = LAYOUT.evaluation("base")
    every = len({each.problem_id for each in problems})
    monkeypatch.setattr(likelihood_stage, "ROWS", every)
    one = drawn_rollouts(path, "easy", 0)
    assert len({each.problem_id for each in one}) == len(one) == every
    assert drawn_rollouts(path, "easy", 0) == one
    assert {each.rollout_id for each in drawn_rollouts(path, "easy", 1)} != {each.rollout_id for each in one}
    monkeypatch.setattr(likelihood_stage, "ROWS", every + 2)
    assert drawn_rollouts(path, "easy", 0)[:every] == one
    assert drawn_rollouts(path, "nowhere", 0) == []


def test_rows_are_drawn_by_their_names_alone():
    rows = [row(1, 1, [], f"r{i}") for i in range(200)]
    one = drawn_rows(rows, 0)
    assert len(one) == 64
    assert drawn_rows(reversed(rows), 0) == one
    assert drawn_rows(rows, 1) != one
    missing = [each for each in rows if each != one[3]]
    assert drawn_rows(missing, 0)[:63] == one[:3] + one[4:]


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (row(3, 2, []), [("prefix", 0, 3), ("intervention", 3, 5)]),
        (row(0, 2, []), [("intervention", 0, 2)]),
        (row(3, 2, [7, 7, 1]), [("prefix", 0, 3), ("intervention", 3, 5), ("continuation", 5, 7), ("end", 7, 8)]),
        (row(0, 0, [7, 7, 1]), [("solution", 0, 2), ("end", 2, 3)]),
        (row(0, 0, [7, 7]), [("solution", 0, 2)]),
        (row(0, 0, [1]), [("end", 0, 1)]),
        (row(0, 0, []), []),
    ],
)
def test_parts_cover_a_row_once(example: TrainingExample, expected: list[tuple[str, int, int]]):
    assert list(parts(example, end=1)) == expected


def test_an_end_within_the_intervention_is_its_own():
    ends = dataclasses.replace(row(1, 1, []), input_ids=[5] * 5 + [1])
    assert list(parts(ends, end=1)) == [("prefix", 0, 1), ("intervention", 1, 2)]
