"""How well a taught base model finds and mends the errors of its own failed attempts, before any method has run.

    python -m tests.bench.bench_self_oracle [MODEL_FOLDER] [CONFIG]

Problems are drawn anew from the family of the configuration's pool ``tricky``; the model samples four attempts at each,
and of those that fail two at most are shown to it with the reference solution, the answer alone, or nothing. The truth
is the verifier's. Intervals are Wilson's at 95%, as if attempts were independent.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple, get_args

import numpy as np
from tabulate import tabulate

from int_bench.config import load
from int_bench.config.problems import SyntheticProblems
from int_bench.engines import Prompt, SamplingSettings
from int_bench.engines.transformers import TransformersEngine
from int_bench.layout import Layout
from int_bench.models import load_model, load_tokenizer
from int_bench.rollouts.chat import open_turn
from int_bench.synthetic.checking import Mode, known_values, verify
from int_bench.synthetic.corpus import category_prompt, refine_prompt, verify_prompt
from int_bench.synthetic.problems import draw_problems, student_of
from int_bench.synthetic.student import BLANK
from int_bench.synthetic.verifier import Category, Error, all_steps_right, first_error
from int_bench.synthetic.world import Program, parse_program

PROBLEMS, SAMPLES, SHOWN, EASY_SAMPLES = 240, 4, 2, 16
_FOUND = re.compile(r"<intervention>(.*?)</intervention>", re.DOTALL)


class Failed(NamedTuple):
    """A failed attempt and its first error."""

    program: Program
    steps: list[str]
    error: Error


def answered(program: Program, trace: str) -> bool:
    """Whether the trace ends with the right answer."""
    return trace.endswith(f"\\boxed{{{program.answer()}}}")


def sampled(engine: TransformersEngine, texts: Sequence[str], n: int, temperature: float, tokens: int) -> list[list]:
    """Continuations of each text."""
    prompts = [Prompt(str(i), open_turn(engine.tokenizer, text)) for i, text in enumerate(texts)]
    settings = SamplingSettings(temperature=temperature, max_new_tokens=tokens, seed=1)
    return [[done.text for done in row] for row in engine.generate(prompts, settings, n)]


def failed_attempts(engine: TransformersEngine, world: SyntheticProblems, temperature: float) -> list[Failed]:
    """Failed attempts at new problems of the family ``tricky``."""
    family = world.pools["tricky"].model_copy(update={"size": PROBLEMS})
    programs = [parse_program(problem.text) for problem in draw_problems(world, "self_oracle", family, set())]
    found, wrong = [], 0
    traces_PS = sampled(engine, [program.text() for program in programs], SAMPLES, temperature, 128)
    for program, traces in zip(programs, traces_PS, strict=True):
        failing = [trace.split(BLANK) for trace in traces if not answered(program, trace)]
        wrong += len(failing)
        for steps in failing[:SHOWN]:
            error = first_error(program, steps, student_of(world.student))
            if error is not None:
                found.append(Failed(program, steps, error))
    print(f"accuracy on such problems {100 - 100 * wrong / (PROBLEMS * SAMPLES):.2f}, n={PROBLEMS * SAMPLES}")
    return found


def proposed(reply: str) -> tuple[str, int | None, str]:
    """Status, location from 0 and content of a reply."""
    frames = _FOUND.findall(reply)
    try:
        said = json.loads(frames[-1])
        return ("no_error", None, "") if said is None else ("proposed", int(said["location"]) - 1, said["content"])
    except (IndexError, KeyError, TypeError, ValueError):
        return "unparsable", None, ""


def share(hits: Sequence[bool]) -> str:
    """A share in percent with Wilson's interval."""
    n, z = len(hits), 1.96
    if not n:
        return "-"
    p = float(np.mean(hits))
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)
    return f"{100 * p:.1f} ({100 * low:.1f} to {100 * high:.1f}), n={n}"


def measure(engine: TransformersEngine, world: SyntheticProblems, temperature: float) -> None:
    """Print the base model's easy accuracy and the table of its verdicts."""
    easy = [parse_program(p.text) for p in draw_problems(world, "easy", world.benchmarks["easy"], set())]
    traces = sampled(engine, [program.text() for program in easy], EASY_SAMPLES, temperature, 128)
    right = [answered(program, trace) for program, row in zip(easy, traces, strict=True) for trace in row]
    print("easy accuracy", share(right))
    failed = failed_attempts(engine, world, temperature)
    print("attempts", len(failed), "random place", f"{100 * np.mean([1 / len(case.steps) for case in failed]):.1f}")
    print("first error HIGH", share([case.error.category == "HIGH" for case in failed]))
    rows = []
    for mode in get_args(Mode):
        prompts = [verify_prompt(case.program, case.steps, mode) for case in failed]
        for at in (0.0, temperature):
            start = time.perf_counter()
            said = [proposed(row[0]) for row in sampled(engine, prompts, 1, at, 224)]
            took = time.perf_counter() - start
            exact = [place == case.error.location for (_, place, _), case in zip(said, failed, strict=True)]
            good = [content == case.error.correction for (_, _, content), case in zip(said, failed, strict=True)]
            slips = [hit for hit, case in zip(exact, failed, strict=True) if case.error.category == "EXECUTION"]
            rows.append(
                {
                    "mode": mode,
                    "temperature": at,
                    "location": share(exact),
                    "content, given location": share([g for g, e in zip(good, exact, strict=True) if e]),
                    "both": f"{100 * np.mean([g and e for g, e in zip(good, exact, strict=True)]):.1f}",
                    "location, EXECUTION": share(slips),
                    "null": f"{100 * np.mean([s == 'no_error' for s, _, _ in said]):.1f}",
                    "unparsable": f"{100 * np.mean([s == 'unparsable' for s, _, _ in said]):.1f}",
                    "as the student": agreement(said, failed, world, mode),
                    "seconds": f"{took:.0f}",
                }
            )
    print(tabulate(rows, headers="keys", disable_numparse=True))
    refined = sampled(engine, [refine_prompt(case.program, case.steps) for case in failed], 1, 0.0, 128)
    flawless = [all_steps_right(case.program, row[0].split(BLANK)) for row, case in zip(refined, failed, strict=True)]
    print("refined without a flaw, greedy:", share(flawless))
    mendable = [case for case in failed if case.error.correction]
    asked = [category_prompt(case.steps[case.error.location], str(case.error.correction)) for case in mendable]
    kinds = sampled(engine, asked, 1, 0.0, 8)
    for kind in get_args(Category):
        hits = [row[0] == kind for row, case in zip(kinds, mendable, strict=True) if case.error.category == kind]
        print(f"sorted as {kind}, of those that are, greedy:", share(hits))


def agreement(said: Sequence[tuple[str, int | None, str]], failed: Sequence[Failed], world, mode: Mode) -> str:
    """How often the model says what the student would: how well the task was learned."""
    hits = []
    for (status, place, content), case in zip(said, failed, strict=True):
        try:
            fault = verify(student_of(world.student), case.program, case.steps, known_values(case.program, mode))
        except (KeyError, ValueError, IndexError):
            continue  # not in the student's form
        wanted = (fault.location, fault.correction) if fault else (None, "")
        hits.append(status != "unparsable" and (place, content) == wanted)
    return f"{100 * np.mean(hits):.1f}"


def main(folder: str = "", config: str = "configs/tiny.yaml") -> None:
    """Measure the model in a folder, by default that of the run."""
    run = load(config)
    assert run.problems.kind == "synthetic"
    folder = folder or str(Layout(run.name).model("base"))
    engine = TransformersEngine(load_model(folder), load_tokenizer(folder))
    measure(engine, run.problems, run.sampling.temperature)


if __name__ == "__main__":
    main(*sys.argv[1:])
