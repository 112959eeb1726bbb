"""A plan as text for a terminal of 120 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from tabulate import tabulate

from int_bench.machine import GIB
from int_bench.plan.cost import BANDWIDTH_USED, FLOPS_USED
from int_bench.plan.difficulty import GUIDED_SHARE, MODELS, histograms, sampled_share, unsolved
from int_bench.plan.estimate import KEPT, Line, Plan
from int_bench.plan.missing import missing
from int_bench.plan.work import CASES

_WIDTH = 120


def shown(plan: Plan) -> str:
    """The whole plan: rules, pools, what the numbers rest on, what is missing."""
    parts = [_head(plan), _rules(plan), _pools(plan), _listed("What this rests on", _basis(plan))]
    lacking = missing(plan)
    parts.append(_listed("What is missing", lacking) if lacking else "Nothing is missing.")
    return "\n\n".join(part for part in parts if part)


def short(number: float) -> str:
    """A count with three digits; nothing for none.

    >>> short(512), short(80_000), short(7_512_345_678), short(0)
    ('512', '80.0 K', '7.51 G', '')
    """
    if number < 1000:
        return f"{number:.0f}" if number else ""
    size = min(int(np.log10(number)) // 3, 4)
    scaled = number / 1000**size
    digits = 2 - int(np.log10(scaled)) if scaled < 1000 else 0
    return f"{scaled:.{digits}f} {' KMGT'[size]}"


def amount(number: float) -> str:
    """Hours or GiB with what matters of them; nothing for next to none.

    >>> amount(1312.4), amount(3.04), amount(0.052), amount(0.0)
    ('1,312', '3.0', '0.05', '')
    """
    if np.isnan(number):
        return "?"
    if number >= 100:
        return f"{number:,.0f}"
    if number < 0.005:
        return ""
    return f"{number:.1f}" if number >= 1 else f"{number:.2f}"


def _head(plan: Plan) -> str:
    config, device = plan.config, plan.device
    model = config.model.source if config.model.kind == "pretrained" else f"a {config.model.kind} model"
    where = f"{plan.units} x {device.name}" if device else f"{plan.units} CPU cores"
    return "\n".join(
        (
            f"{config.name}: {config.title}",
            f"{model}: {plan.shape.parameters:,} parameters ({plan.shape_origin})",
            f"{where} ({plan.device_origin}); engine {config.engine.name}",
        )
    )


def _rules(plan: Plan) -> str:
    rows = [row for line in plan.lines for row in _rows(line)]
    names = ("sequences", "read", "generated", "hours", "wall", "kept")
    totals = [np.nansum([getattr(line, f"{name}_C") for line in plan.lines], axis=0) for name in names]
    jobs = sum(line.rule.jobs for line in plan.lines)
    for label, cells in _cases(totals):
        rows.append([f"in all{label}", "" if label else jobs, *cells[:5], "", cells[5], "", ""])
    headers = ["rule", "jobs", "sequences", "tokens\nread", "tokens\nsampled"]
    headers += ["GPU\nhours" if plan.device else "core\nhours", "wall\nhours", "GiB\na GPU", "disk\nGiB"]
    align = ("left", *["right"] * 8, "left", "left")
    return tabulate(rows, [*headers, "length", "speed"], tablefmt="simple", colalign=align, disable_numparse=True)


def _rows(line: Line) -> Iterator[list[object]]:
    """What is expected, and below it the other cases where they differ."""
    memory = f"{line.memory / GIB:,.0f}" if line.memory else ""
    columns_C = [line.sequences_C, line.read_C, line.generated_C, line.hours_C, line.wall_C, line.kept_C]
    for label, cells in _cases(columns_C):
        name = f"{line.rule.name}{label}"
        if label:
            yield [name, "", *cells[:5], "", cells[5], "", ""]
        else:
            yield [name, line.rule.jobs, *cells[:5], memory, cells[5], line.length, line.speed]


def _cases(columns_C: Sequence[np.ndarray]) -> Iterator[tuple[str, list[str]]]:
    """Cells of the expected case, and of the others with what they are called, as far as sequences differ.

    Where a rule does what another one left, it has most to do when that one did least.
    """
    sequences_C, expected = columns_C[0], CASES.index("expected")
    least, most = sorted((0, len(CASES) - 1), key=lambda case: sequences_C[case])
    for case, label in ((expected, ""), (least, ", at least"), (most, ", at most")):
        if case == expected or sequences_C[case] != sequences_C[expected]:
            sequences, read, generated, spent, wall, kept = (column_C[case] for column_C in columns_C)
            count = f"{sequences:,.0f}" if sequences else ""
            yield label, [count, short(read), short(generated), amount(spent), amount(wall), amount(kept / GIB)]


def _pools(plan: Plan) -> str:
    """What mining saves on each pool, and how many problems it finds, under what is published of the pool."""
    world, hard = plan.config.problems, plan.config.hard_set
    if world.kind == "synthetic" or plan.config.model.kind != "pretrained":
        return ""
    rows = []
    for pool, source in world.pools.items():
        samples = hard.samples_of(pool)
        for origin, problems_K in histograms(source.registry).items():
            found = [unsolved(problems_K, model) for model in MODELS]
            shares = [sampled_share(one, samples, hard.first_round) for one in found] + [one(samples) for one in found]
            rows.append([pool, f"{plan.sizes.pools[pool]:,}", samples, origin, *(f"{share:.1%}" for share in shares)])
    headers = ["pool", "problems", "samples", "counts", *(f"sampled,\n{model}" for model in MODELS)]
    headers += [f"hard,\n{model}" for model in MODELS]
    text = (
        f"Mining begins with {hard.first_round} samples a problem, doubles them, and stops at the first success. Share "
        "of all samples that it draws, and of problems that turn out hard, if the model solved problems as "
        "DeepSeek-R1-Distill-Qwen-7B did, with k of 8 attempts: at the rate k/8 (plug-in), or at one drawn from "
        "Beta(k + 1, 9 - k) (posterior)."
    )
    align = ("left", "right", "right", "left", *["right"] * 4)
    table = tabulate(rows, headers, tablefmt="simple", colalign=align, disable_numparse=True)
    return f"{textwrap.fill(text, _WIDTH)}\n\n{table}"


def _basis(plan: Plan) -> Iterator[str]:
    """What the numbers rest on, as far as the plan has such numbers."""
    config, device = plan.config, plan.device
    lengths = {part for line in plan.lines for part in line.length.split(", ")}
    speeds = {part for line in plan.lines for part in line.speed.split(", ")}
    yield (
        "sizes: pools and benchmarks as large as they can be, the hard set as large as asked for, an intervention for "
        "each attempt that is shown, all of them kept. A prompt is read once for all its samples."
    )
    if "budget" in lengths:
        yield "length budget: every sequence takes all its new tokens, an upper bound; --mean-tokens sets another mean."
    if "measured" in lengths:
        yield "length measured: mean of finished stages with this model and these settings, from manifests in results/."
    yield (
        f"length assumed: {plan.prompt} tokens a problem, {plan.reference} a reference solution; an intervention comes "
        "halfway through a trace."
    )
    if "roofline" in speeds and device:
        yield (
            f"speed roofline, {device.name}: {device.bandwidth / 1e12:g} TB/s used to {BANDWIDTH_USED:.0%}, "
            f"{device.flops / 1e12:g} TFLOP/s in bfloat16 used to {FLOPS_USED:.0%}; with transformers at least 1 ms a "
            "layer and step. No time for loading models, grading, communication or the last sequences of a stage."
        )
    if "table" in speeds:
        yield "speed table: measured rows of int_bench/plan/throughputs.yaml, scaled to the model's size."
    if "server" in speeds:
        yield "speed server: not known, so its hours are in no sum."
    if "measured" in speeds:
        yield "speed measured: finished stages with this model, engine and machine, from manifests in results/."
    if config.problems.kind == "files" and config.model.kind == "pretrained":
        yield (
            "expected: mining draws the larger of the two shares above. Polaris-53K's counts are a third party's, "
            "DeepScaleR's are those that the makers of Polaris print. As the authors of InT counted, "
            f"{1 - GUIDED_SHARE:.0%} of all interventions never have a success in the filter. Once the run has mined "
            "and filtered, its own shares are taken."
        )
    if config.companions:
        names = ", ".join(map(config.companion_run, config.companions))
        yield f"companions, whose tables stand beside this run's, are not counted: {names}."
    units = "GPU" if device else "core"
    yield f"wall hours: {plan.units} {units}{'s' * (plan.units > 1)} at work, one rule after another."
    if config.rl.generation.kind == "server":
        yield "the server that samples for RL has a GPU of its own, not counted, for which the training's wait."
    if device:
        yield "memory: within a fifth; vLLM takes the share of a GPU that it is given."
    working = max(line.working for line in plan.lines)
    yield (
        f"disk: {KEPT} bytes a token of rollouts, models in float32; beside it up to {amount(working / GIB) or 0} GiB "
        "while a stage runs."
    )


def _listed(title: str, lines: Iterable[str]) -> str:
    filled = [textwrap.fill(line, _WIDTH, initial_indent="- ", subsequent_indent="  ") for line in lines]
    return "\n".join([f"{title}:", *filled])
