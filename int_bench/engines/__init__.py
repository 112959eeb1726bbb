"""Engines generate text: one protocol, one module for each implementation."""

from int_bench.engines.base import Completion, Engine, Prompt, PromptTooLong, SamplingSettings

__all__ = ["Completion", "Engine", "Prompt", "PromptTooLong", "SamplingSettings"]
