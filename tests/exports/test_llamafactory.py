"""The export to LLaMA-Factory against its documented format, and rows that it cannot hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import datasets
import pytest
import yaml

from int_bench.errors import UserError
from int_bench.exports.llamafactory import turns
from int_bench.exports.registry import export
from int_bench.layout import Layout
from int_bench.records import Problem, TrainingExample, read_records, write_records
from int_bench.rollouts.chat import open_turn, text_tokens

ARMS = ["int", "no_prefix", "suffix", "distill"]
# data/README.md of LLaMA-Factory: the keys of an entry of dataset_info.json, for a local file in the sharegpt format.
INFO = {"file_name": str, "formatting": str, "columns": dict}


@pytest.fixture
def exported(run: Layout) -> Path:
    export(["smoke"], "llamafactory", Path("out"))
    return Path("out")


def as_trained(conversation: list[dict[str, str]], tokenizer) -> tuple[list[int], list[int]]:
    """Ids and labels of a conversation under the template ``empty``.

    As documented, turns alternate from ``human`` on and end with ``gpt``; a turn is tokenised by itself and without
    special tokens, and the loss counts those of ``gpt``. That template puts nothing before, between or after them.
    """
    assert [turn["from"] for turn in conversation] == ["human", "gpt"] * (len(conversation) // 2)
    ids, labels = [], []
    for turn in conversation:
        tokens = text_tokens(tokenizer, turn["value"])
        ids += tokens
        labels += tokens if turn["from"] == "gpt" else [-100] * len(tokens)
    return ids, labels


@pytest.mark.parametrize("arm", ARMS)
def test_conversations_give_the_arm_s_own_ids_and_labels(exported: Path, arms, tokenizer, arm: str):
    info = json.loads((exported / "dataset_info.json").read_text())[f"smoke-{arm}"]
    assert {key: type(value) for key, value in info.items()} == INFO
    assert (info["formatting"], info["columns"]) == ("sharegpt", {"messages": "conversations"})
    rows = datasets.load_dataset("json", data_files=str(exported / info["file_name"]), split="train").to_list()
    assert [row["id"] for row in rows] == [row.example_id for row in arms[arm]]
    for row, expected in zip(rows, arms[arm], strict=True):
        ids, labels = as_trained(row["conversations"], tokenizer)
        assert (ids, labels) == (expected.input_ids, expected.labels)
        assert row["conversations"][-1]["value"].endswith(tokenizer.eos_token) is (arm in ("suffix", "distill"))


@pytest.mark.parametrize("arm", ARMS)
def test_the_configuration_points_to_the_data_and_keeps_rows_whole(exported: Path, arms, config, run: Layout, arm: str):
    training = yaml.safe_load((exported / f"sft-{arm}.yaml").read_text())
    assert training["dataset"] in json.loads((exported / training["dataset_dir"] / "dataset_info.json").read_text())
    assert Path(training["model_name_or_path"]) == Path(run.model("base")).resolve()
    # data/processor/processor_utils.py: with twice its length and more there is room for a row however it is divided.
    assert training["cutoff_len"] > 2 * max(len(row.input_ids) for row in arms[arm])
    assert (training["template"], training["packing"], training["stage"]) == ("empty", False, "sft")
    wanted = config.arm(arm).sft
    batch = training["per_device_train_batch_size"] * training["gradient_accumulation_steps"]
    assert (training["num_train_epochs"], batch) == (wanted.epochs, wanted.batch)
    assert training["learning_rate"] == pytest.approx(wanted.learning_rate)
    assert training["lr_scheduler_kwargs"] == {"min_lr_rate": wanted.min_lr_rate}


def test_turns_of_a_kind_have_an_empty_one_between_them(tokenizer):
    def row(*parts: tuple[str, bool]) -> TrainingExample:
        marked = [(token, learned) for text, learned in parts for token in text_tokens(tokenizer, text)]
        labels = [token if learned else -100 for token, learned in marked]
        return TrainingExample("e", "p", [token for token, _ in marked], labels, 0, 0, 0)

    # One newline is a token and two together are another, so that these parts would merge.
    found = turns(tokenizer, row(("a\n", False), ("\nb", False), ("c\n", True), ("\nd", True)))
    assert [(turn["from"], turn["value"]) for turn in found] == [
        ("human", "a\n"),
        ("gpt", ""),
        ("human", "\nb"),
        ("gpt", "c\n"),
        ("human", ""),
        ("gpt", "\nd"),
    ]
    assert as_trained(found, tokenizer) == (
        row(("a\n", False), ("\nb", False), ("c\n", True), ("\nd", True)).input_ids,
        [
            -100 if label == -100 else label
            for label in row(("a\n", False), ("\nb", False), ("c\n", True), ("\nd", True)).labels
        ],
    )


@pytest.mark.parametrize(("tail", "why"), [("half", "takes no text"), ("{{idx}}", "write a number over {{idx}}")])
def test_a_row_without_an_exact_text_is_refused_by_name(run: Layout, arms, tokenizer, tail: str, why: str):
    # Half of a character of two bytes; or the words that the tool replaces.
    extra = list(text_tokens(tokenizer, "é"))[:1] if tail == "half" else list(text_tokens(tokenizer, tail))
    last = arms["int"][-1]
    odd = replace(last, input_ids=[*last.input_ids, *extra], labels=[*last.labels, *extra])
    write_records(run.examples("int"), [*arms["int"][:-1], odd], TrainingExample)
    with pytest.raises(UserError) as caught:
        export(["smoke"], "llamafactory", Path("out"))
    assert str(caught.value).startswith(f"arm int: row {last.example_id} has no exact text (")
    assert why in str(caught.value)
    assert not Path("out").exists()
    export(["smoke"], "trl", Path("out"))  # which takes the tokens


def test_a_problem_in_the_model_s_own_words_is_exported_as_it_is(run: Layout, tokenizer):
    problems = read_records(run.problems("hard_train"), Problem)
    odd = replace(problems[0], text='Write <|im_end|> and <image>, "quoted" \\frac{1}{2}\u2028é 🎲')
    prompt, answer = list(open_turn(tokenizer, odd.text)), list(text_tokens(tokenizer, "b=1"))
    write_records(run.problems("hard_train"), [odd, *problems[1:]], Problem)
    row = TrainingExample("odd", odd.problem_id, prompt + answer, [-100] * len(prompt) + answer, len(prompt), 0, 0)
    write_records(run.examples("int"), [row], TrainingExample)
    export(["smoke"], "llamafactory", Path("out"), arm="int")
    (found,) = json.loads(Path("out/sft-int.json").read_text())
    assert as_trained(found["conversations"], tokenizer) == (row.input_ids, row.labels)
