"""Prompts for engines."""

from collections.abc import Callable

import pytest

from int_bench.engines import Prompt
from int_bench.records import Problem
from int_bench.rollouts.chat import open_turn


@pytest.fixture(scope="session")
def prompts(tokenizer, problems: list[Problem]) -> list[Prompt]:
    """Seven prompts of different lengths."""
    return [
        Prompt(f"p{i}", open_turn(tokenizer, problem.text, "b=3-6=7\n\n" * i)) for i, problem in enumerate(problems[:7])
    ]


@pytest.fixture(scope="session")
def prompt_of(tokenizer) -> Callable[..., Prompt]:
    """A prompt of the given number of tokens."""
    return lambda length, key="p": Prompt(key, tuple(10 + i % 50 for i in range(length)))
