"""What is said of the engine that samples on this machine."""

import pytest
import torch

from int_bench.config import EngineConfig
from int_bench.engines import choose


@pytest.mark.parametrize(("gpu", "found"), [(True, "vllm 7.7"), (False, "transformers")])
def test_auto_is_what_it_comes_to(monkeypatch: pytest.MonkeyPatch, gpu: bool, found: str):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(choose, "installed", lambda package: True)
    monkeypatch.setattr(choose, "version", lambda *names: "7.7")
    assert choose.identity(EngineConfig()) == found
    assert choose.identity(EngineConfig(name="vllm")) == "vllm 7.7"
    assert choose.identity(EngineConfig(name="http")) == "http"
