"""How long sampling and training take on a GPU, by the roofline: whatever is scarcer of arithmetic and bandwidth.

1. *Decoding.* A step reads the weights once, and the keys and values of every sequence in progress, at 60% of the
   bandwidth. In progress are as many sequences as the engine takes and the memory holds, each half done. vLLM fills the
   place of what has ended; transformers decodes one batch after another, each to the end of its longest sequence, which
   is taken to use up its budget, and no step is faster than its kernels are launched, 1 ms a layer.
2. *Prompts and training.* A forward pass costs two operations a parameter and token, and attention; a backward pass
   twice that (Kaplan et al. 2020, section 2.1). They reach 40% of the peak.

Neither the tail of a stage, in which few sequences are left, nor communication between GPUs is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from int_bench.plan.device import Device
from int_bench.plan.shape import Shape

BANDWIDTH_USED = 0.6
FLOPS_USED = 0.4
_LAUNCHING = 1e-3  # seconds a layer


@dataclass(frozen=True, slots=True)
class Serving:
    """What samples: how many sequences at a time it takes, on ``gpus`` GPUs together, in numbers of ``width`` bytes.

    vLLM has ``share`` of each GPU's memory.
    """

    engine: Literal["vllm", "transformers"]
    sequences: int
    gpus: int = 1
    width: int = 2
    share: float = 1.0

    def room(self, shape: Shape, device: Device) -> float:
        """Tokens whose keys and values fit beside the weights on all GPUs."""
        free = self.share * device.memory * self.gpus - self.width * shape.parameters
        return max(0.0, free) / (self.width * shape.cached)


def sampling_seconds(
    shape: Shape,
    device: Device,
    serving: Serving,
    sequences: np.ndarray,
    prompts: float,
    prompt: float,
    new: float,
    budget: float,
) -> np.ndarray:
    """Seconds that one job takes to sample ``sequences`` continuations of ``prompts`` distinct prompts.

    ``prompt`` and ``new`` are mean tokens of a prompt and of a continuation, none of which is longer than ``budget``.
    """
    flops = prompts * prompt * forward_flops(shape, prompt)
    prefill = flops / (FLOPS_USED * device.flops * serving.gpus)
    context = prompt + new / 2
    if serving.engine == "transformers":
        alive = np.minimum(serving.sequences, sequences) * new / budget
        step = np.maximum(_step(shape, device, serving, alive, context), shape.layers * _LAUNCHING)
        return prefill + np.ceil(sequences / serving.sequences) * budget * step
    most = max(1.0, min(serving.sequences, serving.room(shape, device) / context))
    alive = np.clip(sequences, 1.0, most)
    return prefill + sequences * new / alive * _step(shape, device, serving, alive, context)


def training_seconds(shape: Shape, device: Device, rows: float, tokens: float, passes: float) -> float:
    """Seconds of one GPU for ``rows`` rows of ``tokens`` tokens, each as dear as ``passes`` forward passes."""
    return passes * rows * tokens * forward_flops(shape, tokens) / (FLOPS_USED * device.flops)


def forward_flops(shape: Shape, tokens: float) -> float:
    """Operations a token in a sequence of so many: two a parameter, and attention to half of the sequence."""
    return 2 * shape.multiplied + _attention(shape, tokens / 2)


def _attention(shape: Shape, context: float) -> float:
    """Operations of a token that attends to ``context`` tokens: products with keys, and with values."""
    return 4 * shape.layers * shape.heads * shape.head_width * context


def _step(shape: Shape, device: Device, serving: Serving, alive: np.ndarray, context: float) -> np.ndarray:
    """Seconds of one decoding step with ``alive`` sequences of ``context`` tokens."""
    read = serving.width * (shape.parameters + alive * context * shape.cached)
    flops = alive * (2 * shape.multiplied + _attention(shape, context))
    by_one = np.maximum(read / (BANDWIDTH_USED * device.bandwidth), flops / (FLOPS_USED * device.flops))
    return by_one / serving.gpus
