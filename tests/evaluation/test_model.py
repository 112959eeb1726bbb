"""Evaluating a model outside any run: what is asked, written, counted, and what survives a kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from int_bench.engines.transformers import TransformersEngine
from int_bench.errors import UserError
from int_bench.evaluation import model as evaluation
from int_bench.evaluation.benchmarks import Benchmark, benchmarks_of
from int_bench.evaluation.model import INSTRUCTION, evaluate_model
from int_bench.layout import EvaluationLayout
from int_bench.manifest import manifest_path
from int_bench.models import save_model
from int_bench.records import Problem, Rollout, read_records
from int_bench.rollouts.chat import open_turn


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


@pytest.fixture
def layout(tmp_path: Path) -> EvaluationLayout:
    return EvaluationLayout(str(tmp_path / "out"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every sample that an engine finished; set ``asked.allowed`` samples before a kill."""

    class Asked(list):
        allowed = 10**6

    samples = Asked()
    stream = TransformersEngine.stream

    def counted(self: TransformersEngine, asks, settings):
        for finished in stream(self, asks, settings):
            if len(samples) >= samples.allowed:
                raise Killed
            samples.extend((one.ask.prompt.key, one.ask.sample) for one in finished)
            yield finished

    monkeypatch.setattr(TransformersEngine, "stream", counted)
    return samples


def two(write_benchmark: Callable[..., str]) -> list[Benchmark]:
    return benchmarks_of(f"{write_benchmark('one', 5)},{write_benchmark('two', 3)}")


def test_results_follow_from_the_rollouts(settings: Callable, write_benchmark: Callable, layout: EvaluationLayout):
    scores = evaluate_model(settings(), two(write_benchmark), layout)
    results = json.loads(Path(layout.results).read_text())
    assert list(results["benchmarks"]) == ["one", "two"]
    for row, count in zip(scores, (5, 3), strict=True):
        rollouts = read_records(layout.rollouts(row.benchmark), Rollout)
        problems = read_records(layout.problems(row.benchmark), Problem)
        assert (len(problems), len(rollouts), row.rollouts) == (count, 3 * count, 3 * count)
        found = results["benchmarks"][row.benchmark]
        assert found["tokens"] == row.tokens == sum(len(r.token_ids) for r in rollouts)
        accuracy = sum(r.correct for r in rollouts) / len(rollouts)
        assert found["pass_at"]["1"]["value"] == pytest.approx(accuracy)
        assert found["sampling"]["max_new_tokens"] == max(len(r.token_ids) for r in rollouts) == 10
        manifest = json.loads(manifest_path(layout.rollouts(row.benchmark)).read_text())
        assert manifest["facts"]["read"]["fingerprint"] == found["read"]["fingerprint"]
        assert manifest["reads"]["weights"] == results["weights"]


def test_a_killed_evaluation_goes_on_and_ends_with_the_same_rollouts(
    settings: Callable,
    write_benchmark: Callable,
    layout: EvaluationLayout,
    tmp_path: Path,
    asked,
    same_but_for_rounding: Callable,
):
    small = settings(engine=evaluation.EngineConfig(rows=4))
    benchmarks = two(write_benchmark)
    alone = EvaluationLayout(str(tmp_path / "alone"))
    evaluate_model(small, benchmarks, alone)
    everything = sorted(asked)
    assert len(everything) == 8 * 3
    asked.clear()
    asked.allowed = 18  # the first benchmark is done, and a part of the second
    with pytest.raises(Killed):
        evaluate_model(small, benchmarks, layout)
    asked.allowed = 10**6
    evaluate_model(small, benchmarks, layout)
    assert sorted(asked) == everything
    for name in ("one", "two"):
        rows = [read_records(place.rollouts(name), Rollout) for place in (layout, alone)]
        assert same_but_for_rounding(*rows)


def test_what_is_finished_is_not_sampled_again_unless_it_was_asked_otherwise(
    settings: Callable, write_benchmark: Callable, layout: EvaluationLayout, asked
):
    benchmarks = two(write_benchmark)
    first = evaluate_model(settings(), benchmarks, layout)
    asked.clear()
    assert evaluate_model(settings(), benchmarks, layout) == first
    assert asked == []
    # Another budget of pass@k needs no new samples; another seed, problem or setting does.
    evaluate_model(settings(ks=(1, 2)), benchmarks, layout)
    assert asked == []
    for changes in ({"seed": 1}, {"limit": 2}, {"max_new_tokens": 9}, {"instruction": "Think."}, {"samples": 4}):
        asked.clear()
        evaluate_model(settings(**changes), benchmarks, layout)
        assert len(asked) > 0, changes


def test_the_instruction_follows_each_problem(
    settings: Callable, write_benchmark: Callable, layout: EvaluationLayout, problems: list[Problem]
):
    benchmarks = benchmarks_of(write_benchmark("one", 1))
    evaluate_model(settings(instruction=INSTRUCTION, samples=1, ks=(1,)), benchmarks, layout)
    (row,) = read_records(layout.problems("one"), Problem)
    assert row.text == f"{problems[0].text}\n\n{INSTRUCTION}"
    assert "\\boxed{}" in INSTRUCTION


def test_a_prompt_that_is_too_long_is_counted_and_the_others_are_sampled(
    settings: Callable, write_benchmark: Callable, layout: EvaluationLayout, capsys: pytest.CaptureFixture[str]
):
    path = write_benchmark("one", 2, [{"problem": "Find b. " * 200, "answer": "1"}])
    for _ in range(2):  # the second time it is known from the manifest
        (row,) = evaluate_model(settings(), benchmarks_of(path), layout)
        assert (row.problems, row.too_long, row.rollouts) == (3, 1, 6)
        assert (row.pass_at[1].n, row.pass_at[1].dropped) == (2, 1)
    assert "one: 1 prompts leave no room" in capsys.readouterr().err
    manifest = json.loads(manifest_path(layout.rollouts("one")).read_text())
    assert manifest["facts"]["too_long"] == ["one-0002"]


@pytest.mark.parametrize("begins", [False, True])
def test_without_a_chat_template_the_model_gets_the_bare_problem(
    settings: Callable,
    write_benchmark: Callable,
    layout: EvaluationLayout,
    tiny_model,
    tokenizer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    begins: bool,
):
    from copy import deepcopy

    from tokenizers.processors import TemplateProcessing

    bare = deepcopy(tokenizer)
    bare.chat_template = None
    if begins:
        bare.bos_token = bare.eos_token
        pair = (bare.bos_token, bare.bos_token_id)
        bare.backend_tokenizer.post_processor = TemplateProcessing(single=f"{pair[0]} $A", special_tokens=[pair])
    save_model(tiny_model, bare, tmp_path / "bare")
    seen = []
    monkeypatch.setattr(
        "int_bench.rollouts.sample.open_turn",
        lambda tokenizer, *texts: seen.append((tokenizer, texts[0])) or open_turn(tokenizer, *texts),
    )
    changed = settings(samples=1, ks=(1,))
    benchmarks = benchmarks_of(write_benchmark("one", 1))
    evaluate_model(evaluation.replace(changed, model=str(tmp_path / "bare")), benchmarks, layout)
    used, text = seen[0]
    first = [used.bos_token_id] if begins else []
    assert list(open_turn(used, text)) == first + used(f"{text}\n\n", add_special_tokens=False)["input_ids"]
    assert "no chat template, the model gets the bare problem" in capsys.readouterr().err


def test_nothing_is_sampled_if_a_benchmark_cannot_be_read(
    settings: Callable, write_benchmark: Callable, layout: EvaluationLayout, asked
):
    benchmarks = benchmarks_of(f"{write_benchmark('one', 2)},nowhere.jsonl")
    with pytest.raises(UserError, match=r"nowhere\.jsonl: no such file"):
        evaluate_model(settings(), benchmarks, layout)
    assert asked == []


def test_a_budget_above_the_samples_is_refused(settings: Callable, write_benchmark: Callable, layout: EvaluationLayout):
    with pytest.raises(UserError, match="pass@8 needs at least 8 samples, there are 3"):
        evaluate_model(settings(ks=(1, 8)), benchmarks_of(write_benchmark("one", 1)), layout)


def test_each_benchmark_has_its_own_budget_unless_one_is_given(settings: Callable):
    easy, imo = benchmarks_of("olymmath-en-easy,imo-answerbench-v2")
    free = settings(max_new_tokens=None)
    assert [free.sampling(one).max_new_tokens for one in (easy, imo)] == [32768, 16384]
    assert settings(max_new_tokens=7).sampling(imo).max_new_tokens == 7


def test_results_of_another_model_are_not_lost(settings: Callable, write_benchmark: Callable, layout: EvaluationLayout):
    benchmarks = two(write_benchmark)
    evaluate_model(settings(), benchmarks, layout)
    held = json.loads(Path(layout.results).read_text())
    Path(layout.results).write_text(json.dumps(held | {"weights": "others"}))
    with pytest.raises(UserError, match="--output"):
        evaluate_model(settings(), benchmarks, layout)
