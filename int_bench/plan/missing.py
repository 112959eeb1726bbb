"""What a run needs and does not find on this machine, one line for each thing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from huggingface_hub import get_token
from huggingface_hub.constants import HF_HUB_CACHE, is_offline_mode
from huggingface_hub.file_download import repo_folder_name

from int_bench.config import RunConfig
from int_bench.machine import GIB, free_disk, gpus
from int_bench.plan.estimate import Plan
from int_bench.plan.shape import config_file
from int_bench.problems.files import FILES
from int_bench.problems.registry import BUNDLED


def missing(plan: Plan) -> list[str]:
    """What is missing for a plan, in plain words; nothing that is in place is named."""
    config = plan.config
    return [*_from_hub(plan), *_files(config), *_gpus(plan), *_vllm(plan), *_disk(plan), *_sizes(plan)]


def _from_hub(plan: Plan) -> Iterator[str]:
    """The model and the data sets that must be fetched, and whether they can be."""
    config, wanted = plan.config, []
    model = config.model
    if model.kind == "pretrained" and config_file(model.source, model.revision) is None:
        wanted.append(f"model {model.source} ({2 * plan.shape.parameters / GIB:.0f} GiB in bfloat16)")
    if config.problems.kind == "files":
        hub = (source for source in config.problems.sources if not _is_local(source))
        wanted += [f"data set {source}" for source in hub if not _cached(source)]
    yield from (f"{what}: neither here nor in the hub's cache, to be fetched" for what in wanted)
    if wanted and is_offline_mode():
        yield "the hub: HF_HUB_OFFLINE is set, so nothing can be fetched"
    elif wanted and get_token() is None:
        yield "a token of the hub (`hf auth login`): needed for what is gated, the rest can do without"


def _is_local(source: str) -> bool:
    path = Path(source)
    return source.startswith(BUNDLED) or path.suffix in FILES or path.is_dir()


def _cached(source: str) -> bool:
    folder = Path(HF_HUB_CACHE) / repo_folder_name(repo_id=source, repo_type="dataset") / "snapshots"
    return folder.is_dir()


def _files(config: RunConfig) -> Iterator[str]:
    if config.problems.kind == "files":
        for source in config.problems.sources:
            if Path(source).suffix in FILES and not source.startswith(BUNDLED) and not Path(source).is_file():
                yield f"{source}: no such file of problems"
    for oracle in config.oracles.values():
        if oracle.kind == "replay" and not Path(oracle.source).is_file():
            yield f"{oracle.source}: no such file of interventions"
    for solutions in config.solutions.values():
        if solutions.kind == "replay" and not Path(solutions.source).is_file():
            yield f"{solutions.source}: no such file of solutions"
    training = config.training
    if training.processes > 1 and not Path(training.accelerate).is_file():
        yield f"{training.accelerate}: no such file of settings for accelerate"


def _gpus(plan: Plan) -> Iterator[str]:
    """GPUs that are not here, and jobs that do not fit the planned one."""
    if plan.device is None:
        return
    found = gpus()
    if len(found) < plan.units:
        yield f"GPUs: {len(found)} of {plan.units}"
    smallest = min([plan.device.memory, *(gpu.memory for gpu in found)])
    for line in plan.lines:
        if line.memory and line.memory > smallest:
            yield (
                f"memory of a GPU: {line.rule.name} takes {line.memory / GIB:.0f} GiB of {smallest / GIB:.0f}; "
                f"{_REMEDIES.get(line.rule.name, _SAMPLING)}"
            )


_SAMPLING = "more engine.gpus with vLLM, or fewer engine.rows"
_REMEDIES = {
    "sft": "more training.processes",
    "rl": "more training.processes, fewer engine.rows, or rl.generation.kind=server",
}


def _vllm(plan: Plan) -> Iterator[str]:
    engine = plan.config.engine.name
    wanted = engine == "vllm" or (engine == "auto" and plan.device) or plan.config.rl.generation.kind == "colocate"
    if wanted and importlib.util.find_spec("vllm") is None:
        yield "vLLM: not installed; pip install 'int-bench[vllm]' on a machine with GPUs"


def _disk(plan: Plan) -> Iterator[str]:
    needed = sum(float(line.kept_C.max()) for line in plan.lines) + max(line.working for line in plan.lines)
    free = free_disk("results")
    if free < needed:
        yield f"disk: {free / GIB:,.0f} GiB are free in results, at most {needed / GIB:,.0f} are needed"


def _sizes(plan: Plan) -> Iterator[str]:
    for name in plan.sizes.unknown:
        yield f"the size of {name}: nobody says it, so it is not in the plan"
