"""What a job holds on each of its GPUs at its peak, in bytes.

Training: weights, gradients and both moments of AdamW in float32, 16 bytes a parameter, which FSDP and ZeRO 3 divide
among the processes; bfloat16 copies for the arithmetic; the input of each layer in float32, which is all that
checkpointing keeps; one layer's activations and their gradients. TRL 1.16 computes the last layer's outputs in tiles of
4,096 tokens by 32,768 words, so that the vocabulary does not count. Accurate to about a fifth.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from int_bench.config import RunConfig
from int_bench.machine import GIB
from int_bench.plan.cost import Serving
from int_bench.plan.device import Device
from int_bench.plan.serving import rl_serving, stage_serving
from int_bench.plan.shape import Shape

RUNTIME = 2 * GIB  # CUDA's context and libraries, buffers of kernels
_TILE = 4096 * 32768


def rule_bytes(
    config: RunConfig,
    shape: Shape,
    device: Device,
    samples: bool,
    sequence: float,
    rows: Sequence[tuple[int, float, int]],
) -> float | None:
    """What a job takes of each GPU at its peak; None where a server samples.

    ``sequence`` is the tokens of the longest sequence that is sampled; ``rows`` has, of each training, the rows of a
    micro-batch, the tokens of the longest one, and the models held beside the trained one.
    """
    if not rows:
        return None if config.engine.name == "http" else serving_bytes(shape, device, stage_serving(config), sequence)
    processes = config.training.processes if _divides(config) else 1
    trained = max(
        training_bytes(shape, micro * longest, processes, copies, config.training.checkpointing)
        for micro, longest, copies in rows
    )
    if not samples or config.rl.generation.kind == "server":
        return trained
    serving = rl_serving(config)
    if serving.engine == "vllm":
        return trained + serving_bytes(shape, device, serving, sequence) - RUNTIME
    state = max(state_bytes(shape, processes, copies) for _, _, copies in rows)
    return max(trained, state + cache_bytes(shape, serving, sequence) + RUNTIME)


def serving_bytes(shape: Shape, device: Device, serving: Serving, longest: float) -> float:
    """What sampling takes of each GPU; ``longest`` is the tokens of the longest sequence.

    vLLM fills its share, and needs more than that if the weights and one sequence do not fit in it.
    """
    weights = serving.width * shape.parameters
    if serving.engine == "vllm":
        least = (weights + serving.width * shape.cached * longest) / serving.gpus + RUNTIME
        return max(serving.share * device.memory, least)
    return weights + cache_bytes(shape, serving, longest) + RUNTIME


def cache_bytes(shape: Shape, serving: Serving, longest: float) -> float:
    """What transformers needs beside the weights: keys and values, and what a token is drawn from.

    A layer's cache is copied to a larger one while the old one is still there; logits are held in four copies.
    """
    keys_and_values = serving.width * shape.cached * longest * (1 + 1 / shape.layers)
    return serving.sequences * (keys_and_values + 4 * 4 * shape.vocabulary)


def state_bytes(shape: Shape, processes: int, copies: int) -> float:
    """Weights, gradients and moments on each of the processes that divide them, and ``copies`` that are only read."""
    return (16 + 4 * copies) * shape.parameters / processes


def training_bytes(
    shape: Shape, tokens: float, processes: int = 1, copies: int = 0, checkpointing: bool = True
) -> float:
    """What training takes of each GPU, with micro-batches of so many tokens."""
    gathered = shape.parameters if processes == 1 else 2 * shape.embedding
    inputs = 4 * shape.hidden * tokens
    within = 2 * (2 * (shape.heads + shape.kv_heads) * shape.head_width + 4 * shape.intermediate) * tokens + 6 * inputs
    kept = shape.layers * (inputs if checkpointing else within)
    last = 2 * 4 * min(_TILE, tokens * shape.vocabulary)
    return state_bytes(shape, processes, copies) + 2 * gathered + kept + 2 * within + last + RUNTIME


def _divides(config: RunConfig) -> bool:
    """Whether the processes of a training divide its state; with ``MULTI_GPU`` each holds all of it."""
    path = Path(config.training.accelerate)
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return settings.get("distributed_type") != "MULTI_GPU"
