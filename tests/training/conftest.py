"""Training rows and models to train."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import torch
from transformers import Qwen3ForCausalLM

from int_bench.config import Architecture
from int_bench.records import Problem, TrainingExample
from int_bench.solutions.written import references
from int_bench.training.checkpoints import Report
from int_bench.training.examples import solution_examples
from int_bench.training.teach import new_model


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """Let a training in the block die once it has done so many updates."""

    @contextmanager
    def killed_at(updates: int) -> Iterator[None]:
        def die(self, args, state, control, **kwargs):
            if state.global_step >= updates:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(Report, "on_step_end", die)
            try:
                yield
            except Killed:
                return
        pytest.fail("the training ended before it was killed")

    return killed_at


@pytest.fixture(scope="session")
def untrained(tokenizer) -> Callable[[], Qwen3ForCausalLM]:
    """Make a model with the random weights of a training's start; always the same ones."""
    shape = Architecture(hidden=32, intermediate=64, layers=2, heads=4, kv_heads=2, context=192)
    return lambda: new_model(shape, tokenizer, 0)


@pytest.fixture(scope="session")
def examples(problems: list[Problem], tokenizer) -> list[TrainingExample]:
    """A dozen rows of references."""
    return solution_examples(references(problems), {row.problem_id: row for row in problems}, tokenizer)


@pytest.fixture(scope="session")
def distance() -> Callable[[torch.nn.Module, torch.nn.Module], float]:
    """The largest difference between the weights of two models."""

    def distance(one: torch.nn.Module, other: torch.nn.Module) -> float:
        pairs = zip(one.parameters(), other.parameters(), strict=True)
        return max(float((a - b).detach().abs().max()) for a, b in pairs)

    return distance
