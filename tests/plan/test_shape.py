"""Shapes of models, and GPUs by name."""

import json
from pathlib import Path

import pytest
import yaml

from int_bench.config import load, override_of
from int_bench.errors import UserError
from int_bench.plan.device import device_named, device_of
from int_bench.plan.shape import VOCABULARIES, shape_of
from int_bench.synthetic.tokenizer import QWEN3_ROWS
from tests.smoke.conftest import ROOT


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


def shaped(name: str, *overrides: str):
    return shape_of(load(ROOT / "configs" / f"{name}.yaml", override_of(overrides)))


@pytest.mark.parametrize(("name", "parameters"), [("paper-e3", 1_720_574_976), ("paper-qwen3", 4_022_468_096)])
def test_known_shapes_have_the_published_number_of_parameters(name: str, parameters: int):
    shape, origin = shaped(name)
    assert shape.parameters == parameters
    assert "not here" in origin


def test_a_saved_model_has_as_many_parameters_as_its_shape(make_model, tmp_path: Path):
    model = make_model()
    model.save_pretrained(tmp_path / "model")
    shape, origin = shaped("paper-e3", f"model.source={tmp_path}/model")
    assert shape.parameters == model.num_parameters()
    assert shape.context == 192
    assert origin == f"{tmp_path}/model/config.json"


def test_a_model_in_the_hubs_cache_is_read_there(tmp_path: Path):
    folder = tmp_path / "cache" / "models--some--model"
    snapshot = folder / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("0" * 40)
    config = {"num_hidden_layers": 3, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16}
    (snapshot / "config.json").write_text(json.dumps({**config, "vocab_size": 10, "max_position_embeddings": 64}))
    shape, origin = shaped("paper-e3", "model.source=some/model")
    assert (shape.layers, shape.kv_heads, shape.head_width, shape.tied) == (3, 2, 4, False)
    assert origin.endswith("config.json")


def test_a_taught_model_has_the_shape_of_its_architecture():
    shape, _ = shaped("tiny")
    # The finished run's tokenizer has 283 tokens, 37 fewer than are assumed.
    assert shape.parameters == 627_136 + 37 * 128


def test_a_random_model_may_have_qwen3s_layout_of_tokens():
    assert VOCABULARIES["qwen3"] == QWEN3_ROWS
    small, _ = shaped("real-smoke")
    shape, _ = shaped("real-smoke", "model.layout=qwen3", "model.architecture.head_dim=64")
    assert (small.vocabulary, small.head_width) == (VOCABULARIES["small"], 16)
    assert (shape.vocabulary, shape.head_width) == (QWEN3_ROWS, 64)


@pytest.mark.parametrize("written", [None, {"num_hidden_layers": 3, "num_attention_heads": 2}])
def test_an_unknown_shape_is_said(tmp_path: Path, written: dict | None):
    source = "some/model"
    if written:
        (tmp_path / "config.json").write_text(json.dumps(written))
        source = str(tmp_path)
    with pytest.raises(UserError, match="shape is not known"):
        shaped("paper-e3", f"model.source={source}")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("NVIDIA H100 80GB HBM3", "H100 80GB"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA A100-PCIE-40GB", "A100 40GB"),
        ("NVIDIA H200", "H200"),
        ("H100", "H100 80GB"),
    ],
)
def test_gpus_are_known_by_what_nvidia_smi_calls_them(said: str, name: str):
    assert device_named(said).name == name


def test_an_unknown_gpu_is_said_with_the_known_ones():
    with pytest.raises(UserError, match=r"'RTX 2080'.* H100 80GB, H100 PCIe, H200"):
        device_named("RTX 2080")


def test_the_gpu_is_the_one_that_is_asked_for_or_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    config = load(ROOT / "configs" / "paper-e3.yaml")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert device_of(config, None)[1] == "assumed, no GPU is here"
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho 'NVIDIA L40S, 46068, 570.1'\n")
    command.chmod(0o755)
    device, origin = device_of(config, None)
    assert device is not None
    assert (device.name, origin) == ("L40S", "found here")
    asked, _ = device_of(config, "H200")
    assert asked is not None
    assert asked.name == "H200"
    assert device_of(load(ROOT / "configs" / "tiny.yaml"), None) == (None, "a taught model")


def test_every_figure_is_there():
    for file in ("gpus", "shapes", "throughputs"):
        assert yaml.safe_load((ROOT / "int_bench" / "plan" / f"{file}.yaml").read_text())
