"""The export to PipelineRL against what its loader of mathematical problems reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from int_bench.exports.registry import export
from int_bench.grading import extract_answer
from int_bench.layout import Layout
from int_bench.rollouts.chat import open_turn

# pipelinerl/domains/math: load_datasets.py (fields of a problem), rollouts.py (reads task, answer and dataset).
FIELDS = {"task": str, "answer": str, "dataset": str, "id": str}


@pytest.fixture
def exported(run: Layout) -> Path:
    said = export(["smoke"], "pipelinerl", Path("out"))
    assert said[0] == "SFT rows: left out, since PipelineRL has no SFT in which a loss mask would survive"
    return Path("out")


def test_the_loader_finds_the_problems_under_the_names_of_the_configuration(exported: Path, problems):
    training = yaml.safe_load((exported / "rl.yaml").read_text())
    for names, expected in (
        (training["train_dataset_names"], problems[:8]),
        (training["test_dataset_names"], problems[8:]),
    ):
        (name,) = names
        assert "/" not in name  # or it would be looked up on the hub
        lines = (exported / "datasets" / "custom" / f"{name}.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        assert len(rows) == len(expected) > 0
        for row, problem in zip(rows, expected, strict=True):
            assert {key: type(value) for key, value in row.items()} == FIELDS
            assert (row["task"], row["id"], row["dataset"]) == (problem.text, problem.problem_id, name)
            # Its verifier parses a gold answer only in a box or between dollars.
            assert extract_answer(row["answer"]) == problem.answer


def test_a_problem_is_asked_as_in_the_run(exported: Path, problems, tokenizer, config):
    training = yaml.safe_load((exported / "rl.yaml").read_text())
    # rollouts.py: no system turn without a system prompt, and the user's turn is the filled template.
    assert not training["actor"]["system_prompt"]
    chat = [{"role": "user", "content": training["actor"]["task_template"].format(task=problems[0].text)}]
    ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=True, return_dict=False)
    assert tuple(ids) == open_turn(tokenizer, problems[0].text)
    assert training["llm"]["parameters"]["max_tokens"] == config.rl.sampling.max_new_tokens
    longest = max(len(open_turn(tokenizer, problem.text)) for problem in problems)
    # launch.py: what is trained on must hold what is sampled.
    assert training["vllm_config"]["vllm_kwargs"]["max_model_len"] == longest + config.rl.sampling.max_new_tokens
    assert training["finetune"]["seq_length"] >= training["vllm_config"]["vllm_kwargs"]["max_model_len"]
    assert training["finetune"]["attempts"] == config.rl.samples


def test_another_name_names_the_files(run: Layout):
    export(["smoke"], "pipelinerl", Path("out"), name="hard")
    assert sorted(path.name for path in Path("out/datasets/custom").iterdir()) == [
        "hard-test.jsonl",
        "hard-train.jsonl",
    ]
