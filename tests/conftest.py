"""A tiny world that the tests share: its student, a few problems, a tokenizer and a model with random weights."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np
import pytest
import torch
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright
from transformers import PreTrainedTokenizerBase, Qwen3ForCausalLM

from int_bench.config import Architecture, FamilyConfig, StudentConfig, SyntheticProblems
from int_bench.records import Problem, Rollout
from int_bench.synthetic.problems import draw_problems, student_of
from int_bench.synthetic.student import Student
from int_bench.synthetic.tokenizer import train_tokenizer
from int_bench.synthetic.world import Family, draw_program
from int_bench.training.teach import new_model

torch.set_num_threads(1)
settings.register_profile("int-bench", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("int-bench")


@pytest.fixture(scope="session")
def world() -> SyntheticProblems:
    """A synthetic world with two wrong rules and a wrong plan."""
    return SyntheticProblems(
        kind="synthetic",
        student=StudentConfig(rules={"*7": 2, "+5": 6}, reads_backwards=True, slip=0.1, slip_growth=0.02, notice=0.5),
        pools={"tricky": FamilyConfig(size=12, operations=(3, 6), misconceived=(1, 2), fan_out=0.2)},
        benchmarks={"easy": FamilyConfig(size=8, operations=(2, 3))},
    )


@pytest.fixture(scope="session")
def student(world: SyntheticProblems) -> Student:
    """The world's student."""
    return student_of(world.student)


@pytest.fixture(scope="session")
def problems(world: SyntheticProblems) -> list[Problem]:
    """The pool of the world."""
    return draw_problems(world, "pool", world.pools["tricky"], set())


@pytest.fixture(scope="session")
def tokenizer(student: Student) -> PreTrainedTokenizerBase:
    """A tokenizer trained on a hundred problems and traces."""
    rng = np.random.default_rng(0)
    programs = [draw_program(Family((2, 9), (0, 2), 0.2), student.misconceived_kinds, rng) for _ in range(100)]
    return train_tokenizer([f"{program.text()}\n{student.solve(program, rng)}" for program in programs])


@pytest.fixture(scope="session")
def make_model(tokenizer: PreTrainedTokenizerBase) -> Callable[..., Qwen3ForCausalLM]:
    """Make a two-layer model with random weights.

    They are larger than those of a model about to be trained, so that what it says depends on all that came before.
    """

    def make(context: int = 192, seed: int = 0) -> Qwen3ForCausalLM:
        shape = Architecture(hidden=32, intermediate=64, layers=2, heads=4, kv_heads=2, context=context)
        model = new_model(shape, tokenizer, seed)
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.ndim == 2:
                    parameter.mul_(15.0)
        return model.eval()

    return make


@pytest.fixture(scope="session")
def tiny_model(make_model: Callable[..., Qwen3ForCausalLM]) -> Qwen3ForCausalLM:
    """A model that no test trains."""
    return make_model()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for as short as may be: beside it no test can have an event loop of its own."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no browser: type `apt-get install chromium` (as root, on Debian)")
    with sync_playwright() as playwright:
        # Chromium's sandbox cannot be had as root; all that it loads here is this repository's own pages.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def make_rollout() -> Callable[..., Rollout]:
    """Make a rollout of which only the given fields matter."""

    def make(
        problem_id: str = "p", text: str = "", correct: bool = False, sample: int = 0, **fields: object
    ) -> Rollout:
        values: dict[str, object] = {
            "rollout_id": f"{problem_id}/{sample}",
            "problem_id": problem_id,
            "problem_set": "pool",
            "intervention_id": None,
            "mode": "naive",
            "sample": sample,
            "prefix": "",
            "text": text,
            "token_ids": [1, 2],
            "logprobs": [-0.5, -1.0],
            "finish_reason": "stop",
            "status": "correct" if correct else "wrong",
            "extracted": None,
            "method": "none",
            "correct": correct,
            "all_steps_right": None,
        }
        return Rollout(**{**values, **fields})  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def same_but_for_rounding() -> Callable[[list[Rollout], list[Rollout]], bool]:
    """Whether rollouts agree, log-probabilities within 1e-5: their last digits depend on what else was in the batch."""

    def same(one: list[Rollout], other: list[Rollout]) -> bool:
        close = all(
            len(a.logprobs) == len(b.logprobs) and np.allclose(a.logprobs, b.logprobs, rtol=0.0, atol=1e-5)
            for a, b in zip(one, other, strict=True)
        )
        return close and [replace(row, logprobs=[]) for row in one] == [replace(row, logprobs=[]) for row in other]

    return same
