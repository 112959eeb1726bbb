"""Fine-tuning, GRPO and sampling at the shapes of the paper's models, with random weights, on the device there is.

    python -m tests.bench.bench_gpu [tiny] [qwen3-1.7b] [qwen3-4b]

Fine-tuning: tokens a second and the share of the device's peak (model-FLOPs utilisation: 6 FLOPs a parameter and token,
and 12 x layers x heads x head width x mean position for causal attention; what is computed twice for checkpointing does
not count). The time of n updates is that of 2n less that of n, so that starting up does not count. GRPO: seconds a
step, generation included. Sampling: tokens a second of the embedded engine, and of vLLM where it is installed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from tabulate import tabulate

from int_bench.config import Architecture, GenerationConfig, RLArm, RLConfig, SamplingConfig, SFTConfig, VLLMConfig
from int_bench.engines import Engine, Prompt, SamplingSettings
from int_bench.engines.choose import installed
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grader
from int_bench.models import load_model, save_model
from int_bench.records import Problem, TrainingExample
from int_bench.synthetic.tokenizer import QWEN3_ROWS, train_tokenizer, with_qwen3_layout
from int_bench.training.curriculum import curriculum
from int_bench.training.rl import reinforce
from int_bench.training.sft import fine_tune
from int_bench.training.teach import new_model

SHAPES = {
    "tiny": Architecture(hidden=64, intermediate=128, layers=2, heads=2, kv_heads=1, context=4096),
    "qwen3-1.7b": Architecture(
        hidden=2048, intermediate=6144, layers=28, heads=16, kv_heads=8, head_dim=128, context=40960
    ),
    "qwen3-4b": Architecture(
        hidden=2560, intermediate=9728, layers=36, heads=32, kv_heads=8, head_dim=128, context=40960
    ),
}
PEAK = {"H100": 989e12, "H200": 989e12, "A100": 312e12}  # dense bfloat16 FLOP/s, as their maker states them
UPDATES, PROMPTS, SAMPLES = 4, 8, 16


def tuning(model, tokenizer, rows: int, length: int, shape: Architecture) -> dict[str, str]:
    """Tokens a second of fine-tuning on rows of a length, and the share of the peak."""
    ids = np.random.default_rng(0).integers(0, 1000, (rows, length)).tolist()
    examples = [TrainingExample(f"r{i}", "p", row, row, 0, 0, 0) for i, row in enumerate(ids)]

    def seconds(epochs: int) -> float:
        config = SFTConfig(epochs=epochs, batch=rows, micro_batch=1, learning_rate=1e-6)
        with tempfile.TemporaryDirectory() as work:
            start = time.perf_counter()
            fine_tune(model, tokenizer, examples, config, 0, Path(work), Path(work) / "published")
            return time.perf_counter() - start

    spent = seconds(2 * UPDATES) - seconds(UPDATES)
    rate = UPDATES * rows * length / spent
    width = shape.heads * (shape.head_dim or shape.hidden // shape.heads)
    flops = 6 * model.num_parameters() + 12 * shape.layers * width * length / 2
    peak = next((flops for name, flops in PEAK.items() if name in device()), None)
    return {
        f"SFT, {rows} rows of {length}: tokens/s": f"{rate:,.0f}",
        "SFT: share of the peak": f"{rate * flops / peak:.0%}" if peak else "peak unknown",
    }


def grpo(folder: Path, tokenizer, new_tokens: int) -> dict[str, str]:
    """Seconds a step of GRPO with either generation."""
    found = {}
    kinds = ["embedded"] + (["colocate"] if installed("vllm") and torch.cuda.is_available() else [])
    problems = [Problem(f"p{i}", "pool", f"Find {i}.", "1", None) for i in range(PROMPTS)]
    for kind in kinds:
        config = RLConfig(
            arms={"base": RLArm()},
            steps=3,
            prompts=PROMPTS,
            minibatch_prompts=PROMPTS // 2,
            micro_batch=1,
            samples=SAMPLES,
            learning_rate=1e-6,
            sampling=SamplingConfig(max_new_tokens=new_tokens),
            generation=GenerationConfig(kind=kind, context=new_tokens + 512),
            checkpoints=(0, 3),
        )
        with tempfile.TemporaryDirectory() as work, Grader() as grader:
            model = load_model(folder, to_train=True)
            asked = curriculum(problems, config.steps, config.prompts, seed=0)
            steps = reinforce(model, tokenizer, asked, config, PROMPTS * SAMPLES, grader, 0, Path(work))
        name = f"GRPO, {PROMPTS} x {SAMPLES} x {new_tokens} tokens, {kind}: s/step"
        found[name] = f"{np.median([row.seconds for row in steps[1:]]):.1f}"
    return found


def sampling(make: Callable[[], Engine], name: str, new_tokens: int) -> dict[str, str]:
    """Tokens a second of an engine on prompts of two hundred tokens."""
    engine = make()
    prompts = [Prompt(f"p{i}", tuple(range(10 + i, 210 + i))) for i in range(PROMPTS)]
    settings = SamplingSettings(max_new_tokens=new_tokens)
    engine.generate(prompts[:1], settings, 1)
    start = time.perf_counter()
    tokens = sum(len(done.token_ids) for row in engine.generate(prompts, settings, SAMPLES) for done in row)
    spent = time.perf_counter() - start
    engine.close()
    return {f"sampling, {PROMPTS} x {SAMPLES} x {new_tokens} tokens, {name}: tokens/s": f"{tokens / spent:,.0f}"}


def device() -> str:
    """The device's name."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def main(names: list[str]) -> None:
    """Measure the named shapes and print a table."""
    tokenizer = with_qwen3_layout(train_tokenizer(["Find b."]))
    long, new = (4096, 512) if torch.cuda.is_available() else (256, 32)
    columns: dict[str, dict[str, str]] = {}
    for name in names:
        shape = SHAPES[name]
        with tempfile.TemporaryDirectory() as folder:
            save_model(new_model(shape, tokenizer, 0, QWEN3_ROWS), tokenizer, folder)
            found = tuning(load_model(folder, to_train=True), tokenizer, 8, long, shape)
            found |= grpo(Path(folder), tokenizer, new)
            found |= sampling(lambda at=folder: TransformersEngine(load_model(at), tokenizer), "transformers", new)
            if installed("vllm"):
                from int_bench.engines.vllm import VLLMEngine

                found |= sampling(
                    lambda at=folder: VLLMEngine.load(at, tokenizer, VLLMConfig(context=4096)), "vLLM", new
                )
            columns[name] = found
    rows = [[key, *(found.get(key, "") for found in columns.values())] for key in columns[names[0]]]
    print(device())
    print(tabulate(rows, ["", *columns], disable_numparse=True))


if __name__ == "__main__":
    main(sys.argv[1:] or ["qwen3-1.7b", "qwen3-4b"])
