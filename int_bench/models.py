"""Load and save the causal models that pass between stages."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from int_bench.errors import UserError
from int_bench.records import atomic_path

logging.disable_progress_bar()


def load_tokenizer(source: str | Path) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a local folder."""
    return AutoTokenizer.from_pretrained(_existing(source))


def load_model(source: str | Path, *, to_train: bool = False, exact: bool = False) -> PreTrainedModel:
    """Load a causal model of a local folder onto the device there is: bfloat16 to sample on a GPU, else float32.

    With ``exact`` it is float32 on a GPU too: what two nearly equal models differ in is lost to bfloat16. Weights to
    train stay in float32: steps of a learning rate of 1e-6 vanish in bfloat16's rounding. They also stay in
    the machine's memory, from where the trainer takes them to its own GPU, or a part of them to each.

    Raises UserError naming the folder if it is missing or holds no model.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" and not (to_train or exact) else torch.float32
    try:
        model = AutoModelForCausalLM.from_pretrained(_existing(source), dtype=dtype)
    except OSError as error:
        raise UserError(f"{source}: no model can be loaded ({str(error).splitlines()[0]})") from None
    return model if to_train else model.to(device)  # type: ignore[arg-type]


def save_model(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: str | Path,
    state: dict[str, torch.Tensor] | None = None,
) -> None:
    """Write a model folder (safetensors), which appears whole or not at all.

    ``state`` holds the weights of a model that is divided among several processes.
    """
    folder = Path(folder)
    with atomic_path(folder) as temporary:
        temporary.mkdir(parents=True, exist_ok=True)
        model.save_pretrained(temporary, state_dict=state)
        tokenizer.save_pretrained(temporary)
        shutil.rmtree(folder, ignore_errors=True)


def _existing(source: str | Path) -> str:
    """The folder itself, after checking that it holds a model."""
    if not (Path(source) / "config.json").is_file():
        raise UserError(f"{source}: no model folder (config.json is missing)")
    return str(source)
