"""Guided rollouts with the embedded engine, beside ``model.generate(num_return_sequences=n)`` and vLLM.

    python -m tests.bench.bench_sampling [RUN]

All sample the same prefixes of the run's interventions, 32 continuations each, from the run's base model. What counts
is useful tokens a second: those up to the end of each continuation. vLLM's start is not counted. Engines take turns, so
that a machine that is busy for a while is so for all.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import time
from collections.abc import Callable

import torch
from tabulate import tabulate

from int_bench.config import VLLMConfig
from int_bench.engines import Prompt, SamplingSettings
from int_bench.engines.choose import installed
from int_bench.engines.transformers import TransformersEngine, end_tokens
from int_bench.interventions.propose import guided_prefix
from int_bench.layout import Layout
from int_bench.models import load_model, load_tokenizer
from int_bench.records import Intervention, Problem, read_records
from int_bench.rollouts.chat import open_turn

PREFIXES, SAMPLES, TURNS = 48, 32, 3
SETTINGS = SamplingSettings(temperature=0.9, max_new_tokens=128)


def prompts_of(layout: Layout, tokenizer) -> list[Prompt]:
    """The prompts of guided rollouts, one an intervention."""
    problems = {row.problem_id: row for row in read_records(layout.problems("hard_train"), Problem)}
    proposed = [row for row in read_records(layout.interventions("exact"), Intervention) if row.status == "proposed"]
    return [
        Prompt(row.intervention_id, open_turn(tokenizer, problems[row.problem_id].text, guided_prefix(row)))
        for row in proposed[:PREFIXES]
    ]


def generate(model, tokenizer, prompts: list[Prompt]) -> int:
    """``model.generate`` on a batch of left-padded prompts; returns the useful tokens."""
    width = max(len(prompt.token_ids) for prompt in prompts)
    pad = tokenizer.pad_token_id or 0
    ids = torch.tensor([[pad] * (width - len(prompt.token_ids)) + list(prompt.token_ids) for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(p.token_ids)) + [1] * len(p.token_ids) for p in prompts])
    with torch.inference_mode():
        out = model.generate(
            ids,
            attention_mask=mask,
            do_sample=True,
            temperature=SETTINGS.temperature,
            top_k=0,
            num_return_sequences=SAMPLES,
            max_new_tokens=SETTINGS.max_new_tokens,
            pad_token_id=pad,
        )[:, width:]
    ended = torch.isin(out, torch.tensor(sorted(end_tokens(model, tokenizer))))
    after = ended.cumsum(1) - ended.long()  # how many ends stand before each token
    return int((after == 0).sum())


def main(run: str = "tiny") -> None:
    """Time all engines and print the table."""
    torch.set_num_threads(os.cpu_count() or 1)
    layout = Layout(run)
    folder = layout.model("base")
    tokenizer, plain = load_tokenizer(folder), load_model(folder)
    prompts = prompts_of(layout, tokenizer)
    embedded = TransformersEngine(load_model(folder), tokenizer)

    def asked(engine) -> Callable[[], int]:
        return lambda: sum(len(done.token_ids) for row in engine.generate(prompts, SETTINGS, SAMPLES) for done in row)

    several = 512 // SAMPLES
    contestants: dict[str, Callable[[], int]] = {
        "generate, a prefix at a time": lambda: sum(generate(plain, tokenizer, [prompt]) for prompt in prompts),
        f"generate, {several} prefixes at a time": lambda: sum(
            generate(plain, tokenizer, prompts[i : i + several]) for i in range(0, len(prompts), several)
        ),
        "int-bench, transformers": asked(embedded),
    }
    with contextlib.ExitStack() as stack:
        if installed("vllm"):
            from int_bench.engines.vllm import VLLMEngine

            vllm = VLLMEngine.load(folder, tokenizer, VLLMConfig())
            stack.callback(vllm.close)
            contestants["int-bench, vLLM"] = asked(vllm)
        rates: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(TURNS):
            for name, work in contestants.items():
                start = time.perf_counter()
                tokens = work()
                rates[name].append(tokens / (time.perf_counter() - start))
    first = statistics.median(rates["generate, a prefix at a time"])
    rows = [
        (name, f"{min(found):,.0f} to {max(found):,.0f}", f"{statistics.median(found) / first:.1f}")
        for name, found in rates.items()
    ]
    print(f"{len(prompts)} prefixes x {SAMPLES} samples, {TURNS} turns, {os.cpu_count()} cores")
    print(tabulate(rows, ["", "useful tokens/s", "times the first"], disable_numparse=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
