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


def load_tokenizer(source: str | Path, revision: str | None = None) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a local folder or hub id."""
    return AutoTokenizer.from_pretrained(_existing(source), revision=revision)


def load_model(source: str | Path, revision: str | None = None) -> PreTrainedModel:
    """Load a causal model of a local folder or hub id onto the device there is: bfloat16 on a GPU, else float32.

    Raises UserError naming the folder if it is missing or holds no model.
    """
    device, dtype = ("cuda", torch.bfloat16) if torch.cuda.is_available() else ("cpu", torch.float32)
    try:
        model = AutoModelForCausalLM.from_pretrained(_existing(source), revision=revision, dtype=dtype)
    except OSError as error:
        raise UserError(f"{source}: no model can be loaded ({str(error).splitlines()[0]})") from None
    return model.to(device)  # type: ignore[arg-type]


def save_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: str | Path) -> None:
    """Write a model folder (safetensors), which appears whole or not at all."""
    folder = Path(folder)
    with atomic_path(folder) as temporary:
        temporary.mkdir(parents=True, exist_ok=True)
        model.save_pretrained(temporary)
        tokenizer.save_pretrained(temporary)
        shutil.rmtree(folder, ignore_errors=True)


def _existing(source: str | Path) -> str:
    """The source itself, after checking that what looks like a local path exists."""
    path = Path(source)
    looks_local = path.is_absolute() or str(source).startswith((".", "results/")) or len(path.parts) > 2
    if looks_local and not (path / "config.json").is_file():
        raise UserError(f"{source}: no model folder (config.json is missing)")
    return str(source)
