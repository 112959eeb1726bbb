"""Engines generate text: one protocol, one module for each implementation."""

from int_bench.engines.base import (
    Ask,
    Completion,
    Engine,
    Finished,
    Prompt,
    PromptTooLong,
    SamplingSettings,
)

__all__ = ["Ask", "Completion", "Engine", "Finished", "Prompt", "PromptTooLong", "SamplingSettings"]
