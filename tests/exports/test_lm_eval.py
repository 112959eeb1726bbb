"""The export against the layout that lm-evaluation-harness documents, field by field."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import datasets
import numpy as np
import pytest

from int_bench.errors import UserError
from int_bench.evaluation.benchmarks import benchmarks_of
from int_bench.evaluation.model import evaluate_model
from int_bench.exports.lm_eval import export
from int_bench.layout import EvaluationLayout
from int_bench.records import Problem, Rollout, read_records, write_records

# docs of lm-evaluation-harness and its `evaluate`: the fields of a line of samples_*.jsonl, and their types as JSON.
FIELDS = {
    "doc_id": int,
    "doc": dict,
    "target": str,
    "arguments": dict,
    "resps": list,
    "filtered_resps": list,
    "filter": str,
    "metrics": list,
    "doc_hash": str,
    "prompt_hash": str,
    "target_hash": str,
}
RESULTS = {"results", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config", "date", "model_name"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def exported(settings: Callable, write_benchmark: Callable, tmp_path: Path) -> tuple[EvaluationLayout, list[Path]]:
    """Two benchmarks, evaluated by the tiny model and exported."""
    layout = EvaluationLayout(str(tmp_path / "evaluate" / "tiny"))
    benchmarks = benchmarks_of(f"{write_benchmark('one', 4)},{write_benchmark('two', 2)}")
    evaluate_model(settings(), benchmarks, layout)
    return layout, export([layout.rollouts("one"), layout.rollouts("two")], tmp_path / "export")


def test_files_are_named_as_the_harness_looks_for_them(exported, tmp_path: Path):
    _, paths = exported
    assert all(path.parent == tmp_path / "export" / "tiny" for path in paths)
    names = [path.name for path in paths]
    time = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?"
    for name, pattern in zip(names, ("samples_one_", "samples_two_", "results_"), strict=True):
        assert re.fullmatch(f"{pattern}{time}.jsonl?", name)
    # The harness takes the task from between the first and the last underscore, and the time from after it.
    assert names[0][names[0].find("_") + 1 : names[0].rfind("_")] == "one"


def test_every_field_of_a_line_is_as_documented(exported):
    layout, paths = exported
    for name, path in zip(("one", "two"), paths, strict=False):
        problems = read_records(layout.problems(name), Problem)
        rollouts = read_records(layout.rollouts(name), Rollout)
        assert [line["doc_id"] for line in lines(path)] == list(range(len(problems)))
        for line, problem in zip(lines(path), problems, strict=True):
            mine = sorted((r for r in rollouts if r.problem_id == problem.problem_id), key=lambda r: r.sample)
            assert set(line) == {*FIELDS, *line["metrics"]}
            for field, kind in FIELDS.items():
                assert type(line[field]) is kind, field
            assert line["doc"] == {"problem_id": problem.problem_id, "problem": problem.text, "answer": problem.answer}
            assert line["target"] == problem.answer
            prompt, decoding = line["arguments"]["gen_args_0"]["arg_0"], line["arguments"]["gen_args_0"]["arg_1"]
            assert line["arguments"].keys() == {"gen_args_0"}
            assert prompt == problem.text
            settings = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "max_gen_toks": 10}
            assert decoding == {"until": [], "do_sample": True, **settings}
            # One request, whose repeats are the inner list.
            assert line["resps"] == [[row.text for row in mine]]
            assert line["filtered_resps"] == [[row.extracted or "[invalid]" for row in mine]]
            assert line["metrics"] == ["exact_match", "pass@3"]
            assert line["exact_match"] == sum(row.correct for row in mine) / 3
            assert line["pass@3"] == float(any(row.correct for row in mine))
            assert line["doc_hash"] == sha256(json.dumps(line["doc"], indent=2, ensure_ascii=False))
            assert (line["prompt_hash"], line["target_hash"]) == (sha256(prompt), sha256(line["target"]))


def test_the_results_hold_means_and_errors_under_the_harness_s_keys(exported):
    _, paths = exported
    results = json.loads(paths[-1].read_text())
    assert set(results) >= RESULTS
    assert set(results["results"]) == set(results["configs"]) == {"one", "two"}
    for name, path in zip(("one", "two"), paths, strict=False):
        found, config = results["results"][name], results["configs"][name]
        for metric in ("exact_match", "pass@3"):
            values = [line[metric] for line in lines(path)]
            assert found[f"{metric},boxed"] == pytest.approx(np.mean(values))
            assert found[f"{metric}_stderr,boxed"] == pytest.approx(np.std(values, ddof=1) / len(values) ** 0.5)
        # What the harness's own viewers look up.
        assert (config["output_type"], config["repeats"]) == ("generate_until", 3)
        assert [entry["metric"] for entry in config["metric_list"]] == ["exact_match", "pass@3"]
        assert config["filter_list"] == [{"name": "boxed"}]
        assert results["n-samples"][name]["effective"] == len(lines(path))


def test_a_standard_reader_reads_the_lines(exported):
    _, paths = exported
    data = datasets.load_dataset("json", data_files=str(paths[0]), split="train")
    assert len(data) == 4
    assert set(FIELDS) <= set(data.column_names)


def test_an_answer_that_is_right_is_exported_as_such(tmp_path: Path, make_rollout: Callable):
    rollouts = [
        make_rollout("p", text=r"\boxed{7}", correct=True, sample=1, extracted="7", problem_set="set"),
        make_rollout("p", text="none", sample=0, problem_set="set"),
    ]
    write_records(tmp_path / "run" / "problems" / "set.parquet", [Problem("p", "set", "P?", "7", None)], Problem)
    path = tmp_path / "run" / "evaluation" / "int.parquet"
    write_records(path, rollouts, Rollout)
    samples, _ = export([path], tmp_path / "export")
    assert samples.parent.name == "run__int"  # of a run, the model is named by run and file
    (line,) = lines(samples)
    assert (line["filtered_resps"], line["exact_match"], line["pass@2"]) == ([["[invalid]", "7"]], 0.5, 1.0)
    assert export([path], tmp_path / "export", "org/my-model")[0].parent.name == "org__my-model"


def test_guided_rollouts_are_told_apart_and_hold_their_prefix(tmp_path: Path, make_rollout: Callable):
    rollouts = [
        make_rollout("p", text="end", prefix=f"start {i} ", intervention_id=f"p/{i}", problem_set="set") for i in (0, 1)
    ]
    write_records(tmp_path / "run" / "problems" / "set.parquet", [Problem("p", "set", "P?", "7", None)], Problem)
    path = tmp_path / "run" / "rollouts" / "with_intervention.parquet"
    write_records(path, rollouts, Rollout)
    found = lines(export([path], tmp_path / "export")[0])
    assert [line["resps"] for line in found] == [[["start 0 end"]], [["start 1 end"]]]
    assert [line["doc"]["intervention_id"] for line in found] == ["p/0", "p/1"]


def test_rollouts_of_unknown_problems_and_of_two_models_are_refused(tmp_path: Path, make_rollout: Callable):
    folder = tmp_path / "run"
    write_records(folder / "problems" / "set.parquet", [Problem("p", "set", "P?", "7", None)], Problem)
    for name, identity in (("a", "p"), ("b", "p"), ("c", "q")):
        write_records(folder / "evaluation" / f"{name}.parquet", [make_rollout(identity, problem_set="set")], Rollout)
    with pytest.raises(UserError, match="the problem 'q' of a rollout is not among the problems"):
        export([folder / "evaluation" / "c.parquet"], tmp_path / "export")
    with pytest.raises(UserError, match="export one model at a time"):
        export([folder / "evaluation" / f"{name}.parquet" for name in "ab"], tmp_path / "export")
