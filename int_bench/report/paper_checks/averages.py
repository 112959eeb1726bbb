"""Averages of Tables 2 and 7, and what the text takes from them."""

from __future__ import annotations

from dataclasses import replace

from int_bench.report.paper_checks.finding import Check, Finding, percent, points
from int_bench.report.paper_checks.rows import E3, NAMES2, NAMES7, QWEN, ROWS2, ROWS7, T7, gains_of, row_name, scores_of

_ROUNDED = 0.0001
"""How far a mean of rounded scores may lie from the rounded mean."""


def average(printed: float, *scores: float) -> Finding:
    """A row's average.

    >>> average(0.2773, 0.3875, 0.0675, 0.2250, 0.4625, 0.3625, 0.2088, 0.2375).follows
    'the 7 scores sum to 195.13, not to 194.11: 27.88%'
    """
    mean = sum(scores) / len(scores)
    found = Finding(percent(printed, 2), "", printed, mean, "points", tolerance=_ROUNDED)
    due = "" if found.agrees else f", not to {100 * printed * len(scores):.2f}"
    return replace(found, follows=f"the {len(scores)} scores sum to {100 * sum(scores):.2f}{due}: {percent(mean, 2)}")


def average_gain(stated: float, printed_before: float, printed_after: float, *scores: float) -> Finding:
    """The gain in the average, from the printed averages, and from the scores of one row and then of another.

    >>> average_gain(0.0192, 0.2773, 0.2965, 0.5, 0.5, 0.52, 0.5).follows
    'the printed averages give +1.92 points, the rows +1.00 points'
    """
    gains = gains_of(scores)
    mean = sum(gains) / len(gains)
    follows = f"the printed averages give {points(printed_after - printed_before)}, the rows {points(mean)}"
    return Finding(points(stated), follows, stated, mean, "points", tolerance=_ROUNDED)


def one_benchmark(benchmarks: float, *scores: float) -> Finding:
    """The share of the benchmark that gains most in the sum of gains, from one row's scores and then another's.

    >>> one_benchmark(2, 0.5, 0.5, 0.53, 0.51).follows
    'one gives 75% of it; without it the average gains +1.00 points'
    """
    gains = gains_of(scores)
    without = (sum(gains) - max(gains)) / (len(gains) - 1)
    share = max(gains) / sum(gains)
    follows = f"one gives {share:.0%} of it; without it the average gains {points(without)}"
    said = f"an average improvement across {benchmarks:g} benchmarks: {1 / benchmarks:.0%} of it each"
    return Finding(said, follows, 1 / benchmarks, share, "points", "at least")


def best_average(ours: float, *others: float) -> Finding:
    """Whether a row's average is the highest.

    >>> best_average(0.3645, 0.3762, 0.3784).agrees
    False
    """
    said = f"RL after InT improves the average: {percent(ours, 2)}"
    follows = "the others have " + ", ".join(percent(other, 2) for other in others)
    return Finding(said, follows, ours, max(others), "points", "at least")


def mixed_average(count: float, *scores: float) -> Finding:
    """The lead in an average of pass@1 and pass@8, apart: one row's scores, then another's, pass@1 first.

    ``count`` is how many of a row's are pass@1.

    >>> mixed_average(1, 0.2, 0.3, 0.22, 0.36).follows
    'in pass@1 alone +2.00 points, in the others +6.00 points'
    """
    gains, first = gains_of(scores), round(count)
    lead = sum(gains) / len(gains)
    singles, others = sum(gains[:first]) / first, sum(gains[first:]) / (len(gains) - first)
    follows = f"in pass@1 alone {points(singles)}, in the others {points(others)}"
    said = f"a lead of {points(lead)} in the mean of pass@1 and pass@8"
    return Finding(said, follows, lead, singles, "points", tolerance=_ROUNDED)


def ahead_on(said_count: float, *scores: float) -> Finding:
    """On how many benchmarks the second row is ahead of the first.

    >>> ahead_on(0, 0.25, 0.36, 0.15, 0.37).follows
    'self-refinement less InT: -10.00 points, +1.00 points; ahead on 1 of 2'
    """
    gains = gains_of(scores)
    ahead = sum(gain > 0 for gain in gains)
    follows = f"self-refinement less InT: {', '.join(map(points, gains))}; ahead on {ahead} of {len(gains)}"
    said = f"InT is consistently ahead (self-refinement on {said_count:g})"
    return Finding(said, follows, said_count, ahead, "benchmarks")


def lead_final(stated: float, ours: float, theirs: float) -> Finding:
    """The later version's lead, in an average with the training set, against that of the test sets.

    >>> lead_final(0.0546, 0.3494, 0.3196).follows
    '34.94% against 31.96% on the test sets: +2.98 points'
    """
    follows = f"{percent(ours, 2)} against {percent(theirs, 2)} on the test sets: {points(ours - theirs)}"
    return Finding(f"a lead of {points(stated)}", follows, stated, ours - theirs, "points", tolerance=_ROUNDED)


def no_gain(stated: float, *scores: float) -> Finding:
    """Whether RL from the base model leaves pass@k as it is: scores before, then after.

    >>> no_gain(0, 0.2624, 0.2079, 0.3521, 0.2272).follows
    'pass@8 gains +8.97 points, +1.93 points elsewhere'
    """
    gains = gains_of(scores)
    follows = "pass@8 gains " + ", ".join(map(points, gains)) + " elsewhere"
    return Finding("RL from the base model does not improve pass@k", follows, stated, max(gains), "points")


def no_gain_distilled(stated: float, elsewhere: float) -> Finding:
    """Whether RL after distillation leaves pass@k as it is.

    >>> no_gain_distilled(0, 0.0351).agrees
    False
    """
    said = "RL from the distilled model does not improve pass@k at any step"
    return Finding(said, f"distillation gains {points(elsewhere)} in pass@64", stated, elsewhere, "points")


def _averages() -> list[Check]:
    tables = [(row, NAMES2) for row in ROWS2] + [(row, NAMES7) for row in ROWS7]
    matters = "Every comparison of averages rests on it."
    return [
        Check((f"{row}/average", *scores_of(row, names)), average, matters, row=row_name(row)) for row, names in tables
    ]


_E3_PAIR = (*scores_of(f"{E3}/base_easier", NAMES2), *scores_of(f"{E3}/int", NAMES2))
CHECKS = (
    *_averages(),
    Check(
        ("text/average_gain", f"{E3}/base_easier/average", f"{E3}/int/average", *_E3_PAIR),
        average_gain,
        "It is the text's number for all standard benchmarks.",
    ),
    Check(
        ("text/average_benchmarks", *_E3_PAIR),
        one_benchmark,
        "How much an average hangs on the one benchmark that moved most.",
    ),
    *(
        Check(
            (f"{model}/int/average", *(f"{model}/{arm}/average" for arm in ("base_easier", "distill_easier"))),
            best_average,
            "The text speaks of improvement and names no model.",
            row=row_name(model),
        )
        for model in (E3, QWEN)
    ),
    Check(
        ("text/table7_once", *scores_of(f"{T7}/rl-base", NAMES7), *scores_of(f"{T7}/rl-int", NAMES7)),
        mixed_average,
        "A mean of pass@1 and pass@8 is neither; it weighs what more samples find.",
    ),
    Check(
        ("text/self_refine_better", *scores_of(f"{T7}/rl-int", NAMES7), *scores_of(f"{T7}/rl-self_refine", NAMES7)),
        ahead_on,
        "The text names no exception.",
    ),
    Check(
        ("text/average_lead_final", f"{T7}/rl-int/average", f"{T7}/rl-base/average"),
        lead_final,
        "An average that includes the training set rewards memory.",
    ),
    Check(
        (
            "text/rl_base_gain_pass_at_k",
            *scores_of(f"{T7}/base", ("amo_bench", "apex_shortlist")),
            *scores_of(f"{T7}/rl-base", ("amo_bench", "apex_shortlist")),
        ),
        no_gain,
        "The one is about e3-1.7B and its hard problems, the other about another model and other sets.",
    ),
    Check(
        ("text/rl_base_gain_pass_at_k", "text/gain_pass64_distill"),
        no_gain_distilled,
        "What the gain of distillation is measured from is not said.",
    ),
)
