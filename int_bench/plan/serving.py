"""Which engine samples a stage, and which the rollouts of RL, where a plan is made for a GPU."""

from __future__ import annotations

from int_bench.config import RunConfig
from int_bench.plan.cost import Serving


def stage_serving(config: RunConfig) -> Serving:
    """The engine of sampling stages; "auto" is vLLM on a GPU."""
    engine = config.engine
    if engine.name == "transformers":
        return Serving("transformers", engine.rows)
    return Serving("vllm", engine.vllm.sequences, engine.gpus, share=engine.vllm.memory)


def rl_serving(config: RunConfig) -> Serving:
    """What samples the rollouts of one process of an RL training, or with a server those of all.

    The embedded engine computes in float32, as the weights to train are. vLLM beside the trainer is handed twice as
    many requests as ``engine.rows``. A server is taken to be one more GPU of the same kind with vLLM's defaults.
    """
    rl, rows = config.rl, config.engine.rows
    share = rl.prompts * rl.samples // config.training.processes
    if rl.generation.kind == "embedded":
        return Serving("transformers", min(rows, share), width=4)
    if rl.generation.kind == "colocate":
        return Serving("vllm", min(2 * rows, share), share=rl.generation.memory)
    return Serving("vllm", rl.prompts * rl.samples, share=0.9)
