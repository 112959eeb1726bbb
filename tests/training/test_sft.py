"""Supervised fine-tuning of a tiny model: it learns, and a resumed training equals one left alone."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch

from int_bench.config import SFTConfig
from int_bench.errors import UserError
from int_bench.models import load_model
from int_bench.records import TrainingExample
from int_bench.training.sft import fine_tune

CONFIG = SFTConfig(epochs=4, batch=4, learning_rate=2e-3, min_lr_rate=0.1, warmup_ratio=0.25)


@pytest.fixture(scope="module")
def left_alone(untrained, tokenizer, examples, tmp_path_factory):
    """A model after an uninterrupted fine-tuning, and its log."""
    model = untrained()
    return model, fine_tune(
        model, tokenizer, examples, CONFIG, 0, tmp_path_factory.mktemp("alone"), tmp_path_factory.mktemp("published")
    )


def test_the_loss_falls_and_all_weights_change(left_alone, untrained):
    model, steps = left_alone
    assert [row.step for row in steps] == list(range(1, 13))  # 4 epochs of 12 rows in batches of 4
    assert steps[-1].loss < steps[0].loss - 0.3
    assert all(not torch.equal(a, b) for a, b in zip(model.parameters(), untrained().parameters(), strict=True))


def test_the_learning_rate_warms_up_and_falls_to_its_floor(left_alone):
    rates = [row.learning_rate for row in left_alone[1]]
    # A quarter of twelve updates to warm up: the first update is made at rate 0, the fourth at the peak.
    assert rates[:4] == pytest.approx([0.0, 2e-3 / 3, 4e-3 / 3, 2e-3])
    assert all(a > b for a, b in pairwise(rates[3:]))
    assert 2e-4 < rates[-1] < 4e-4


def test_an_interrupted_training_goes_on_to_the_same_weights(
    left_alone, untrained, tokenizer, examples, distance, killed_at, tmp_path: Path
):
    with killed_at(7):
        fine_tune(untrained(), tokenizer, examples, CONFIG, 0, tmp_path, tmp_path / "published")
    saved = max(int(path.name.split("-")[1]) for path in tmp_path.glob("checkpoint-*"))
    assert 0 < saved < 7
    model = untrained()
    steps = fine_tune(model, tokenizer, examples, CONFIG, 0, tmp_path, tmp_path / "published")
    expected, log = left_alone
    assert distance(model, expected) < 1e-5
    assert [row.step for row in steps] == [row.step for row in log]
    assert [row.loss for row in steps] == pytest.approx([row.loss for row in log], abs=1e-5)


def test_gradients_are_summed_over_micro_batches(left_alone, untrained, tokenizer, examples, distance, tmp_path: Path):
    model = untrained()
    fine_tune(
        model, tokenizer, examples, CONFIG.model_copy(update={"micro_batch": 2}), 0, tmp_path, tmp_path / "published"
    )
    assert distance(model, left_alone[0]) < 1e-4


def test_another_seed_shuffles_the_rows_otherwise(left_alone, untrained, tokenizer, examples, distance, tmp_path: Path):
    model = untrained()
    fine_tune(model, tokenizer, examples, CONFIG, 1, tmp_path, tmp_path / "published")
    assert distance(model, left_alone[0]) > 1e-4


def test_the_loss_is_the_mean_over_labelled_tokens(untrained, tokenizer, examples, tmp_path: Path):
    # Of each row another number of tokens counts, from one to twelve.
    rows = [
        TrainingExample(
            row.example_id, row.problem_id, row.input_ids, [-100] * (len(row.labels) - n) + row.labels[-n:], 0, 0, 0
        )
        for n, row in enumerate(examples, start=1)
    ]
    whole = CONFIG.model_copy(update={"epochs": 1, "batch": len(rows)})
    steps = fine_tune(untrained(), tokenizer, rows, whole, 0, tmp_path, tmp_path / "published")
    model, losses = untrained().eval(), []
    for n, row in enumerate(rows, start=1):
        ids = torch.tensor([row.input_ids])
        with torch.inference_mode():
            logprobs = model(ids).logits[0, :-1].log_softmax(-1).gather(-1, ids[0, 1:, None])[:, 0]
        losses += (-logprobs[-n:]).tolist()
    assert steps[0].loss == pytest.approx(sum(losses) / len(losses), abs=1e-4)


def test_an_arm_without_rows_stays_its_base_model(untrained, tokenizer, distance, tmp_path: Path):
    model = untrained()
    assert fine_tune(model, tokenizer, [], CONFIG, 0, tmp_path, tmp_path / "published") == []
    assert distance(model, untrained()) == 0.0


def test_of_several_processes_one_writes_an_arm_without_rows(untrained, tokenizer, tmp_path: Path, monkeypatch):
    for rank, published in (("1", []), ("0", [tmp_path / "published"])):
        monkeypatch.setenv("RANK", rank)
        fine_tune(untrained(), tokenizer, [], CONFIG, 0, tmp_path, tmp_path / "published")
        assert list(tmp_path.glob("published")) == published


def test_packed_rows_do_not_see_each_other(left_alone, untrained, tokenizer, examples, distance, tmp_path: Path):
    model = untrained()
    packed = CONFIG.model_copy(update={"packing": True})
    steps = fine_tune(model, tokenizer, examples, packed, 0, tmp_path, tmp_path / "published")
    expected, log = left_alone
    assert [row.loss for row in steps] == pytest.approx([row.loss for row in log], abs=1e-4)
    assert distance(model, expected) < 1e-4


def test_the_model_is_written_as_it_is_at_the_end(untrained, tokenizer, examples, distance, tmp_path: Path):
    model = untrained()
    fine_tune(model, tokenizer, examples, CONFIG, 0, tmp_path, tmp_path / "published")
    assert distance(load_model(tmp_path / "published"), model) == 0.0
    assert {path.suffix for path in (tmp_path / "published").iterdir()} <= {".json", ".safetensors", ".jinja"}
    assert distance(load_model(tmp_path / "published"), untrained()) > 1e-4


def test_a_batch_that_the_processes_do_not_divide_is_refused(
    untrained, tokenizer, examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(UserError, match=r"sft\.batch: 3 processes do not divide 4; change training\.processes"):
        fine_tune(untrained(), tokenizer, examples, CONFIG, 0, tmp_path, tmp_path / "published")


def test_a_micro_batch_that_does_not_divide_the_share_of_a_process_is_refused(
    untrained, tokenizer, examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORLD_SIZE", "2")
    config = CONFIG.model_copy(update={"batch": 12, "micro_batch": 4})  # which divides the batch
    with pytest.raises(
        UserError, match=r"^sft\.micro_batch: 4 does not divide the 6 rows of a batch that each process"
    ):
        fine_tune(untrained(), tokenizer, examples, config, 0, tmp_path, tmp_path / "published")
