"""Tables 2 and 7 and the gains that the text takes from them: averages, and how far chance could move them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from int_bench.report.paper import paper_values
from int_bench.report.paper_checks.finding import Z95, Check, Finding, percent, points

_HALF_DIGIT = 0.00005
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
    gains = _gains(scores)
    mean = sum(gains) / len(gains)
    follows = f"the printed averages give {points(printed_after - printed_before)}, the rows {points(mean)}"
    return Finding(points(stated), follows, stated, mean, "points", tolerance=_ROUNDED)


def one_benchmark(benchmarks: float, *scores: float) -> Finding:
    """The share of the benchmark that gains most in the sum of gains, from one row's scores and then another's.

    >>> one_benchmark(2, 0.5, 0.5, 0.53, 0.51).follows
    'one gives 75% of it; without it the average gains +1.00 points'
    """
    gains = _gains(scores)
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


def exceeds_one_problem(*numbers: float) -> Finding:
    """On how many benchmarks the gain is more than what one problem weighs.

    Numbers are the scores of one row, then of another, then the problems of each benchmark.

    >>> exceeds_one_problem(0.50, 0.50, 0.52, 0.55, 40, 30).follows
    'gains in problems: +0.8 of 40, +1.5 of 30; more than one on 1 of 2'
    """
    count = len(numbers) // 3
    scores, problems = numbers[: 2 * count], numbers[2 * count :]
    weighed = [gain * n for gain, n in zip(_gains(scores), problems, strict=True)]
    more = sum(gain > 1 for gain in weighed)
    listed = (f"{gain:+.1f} of {n:g}" for gain, n in zip(weighed, problems, strict=True))
    follows = "gains in problems: " + ", ".join(listed)
    said = f"RL after InT is better on {sum(gain > 0 for gain in weighed)} of {len(weighed)} benchmarks"
    follows += f"; more than one on {more} of {len(weighed)}"
    return Finding(said, follows, sum(gain > 0 for gain in weighed), more, "benchmarks", "at most")


def lead_and_chance(samples: float, *numbers: float) -> Finding:
    """The gain in an average of pass@1, and how far chance could move it.

    Of new samples of the same n problems the variance of a score p is at most p(1-p)/(n samples), if all problems are
    equally hard. Of other problems it is at most p(1-p)/n, if each is always solved or never; for the difference of
    two models it is at most the sum of theirs, if they have nothing to do with each other. Numbers as in
    :func:`exceeds_one_problem`.

    >>> lead_and_chance(8, 0.5, 0.5, 100).follows
    'chance moves it by up to 4.90 points with new samples, 13.86 with other problems'
    """
    count = len(numbers) // 3
    before, after, problems = numbers[:count], numbers[count : 2 * count], numbers[2 * count :]
    lead = (sum(after) - sum(before)) / count
    variances = [(p * (1 - p) + q * (1 - q)) / n for p, q, n in zip(before, after, problems, strict=True)]
    other_problems = Z95 * math.sqrt(sum(variances)) / count
    new_samples = other_problems / math.sqrt(samples)
    follows = f"chance moves it by up to {100 * new_samples:.2f} points with new samples"
    follows += f", {100 * other_problems:.2f} with other problems"
    return Finding(f"a lead of {points(lead)}", follows, abs(lead), new_samples, "points", "at least")


def whole_problems(score: float, problems: float, samples: float) -> Finding:
    """Whether pass@k from k samples a problem is that of a whole number of problems.

    >>> whole_problems(0.1466, 64, 8).follows
    '9 of 64 problems are 14.06%, 10 are 15.62%'
    """
    below = math.floor(score * problems)
    nearest = round(score * problems) / problems
    follows = f"{below} of {problems:g} problems are {percent(below / problems, 2)}"
    follows += f", {below + 1} are {percent((below + 1) / problems, 2)}"
    said = f"pass@{samples:g} of {percent(score, 2)} from {samples:g} rollouts a problem"
    return Finding(said, follows, score, nearest, "points", tolerance=_HALF_DIGIT)


def whole_counts(samples: float, *numbers: float) -> Finding:
    """How many printed scores are those of a whole number of correct rollouts: problems first, then rows of scores.

    >>> whole_counts(8, 100, 30, 0.3875, 0.2251).follows
    '1 is not that of a whole number of correct rollouts; the nearest sum to 364'
    """
    # Problems of as many benchmarks as there are scores in a row: numbers above 1 are no scores.
    problems = [number for number in numbers if number > 1]
    scores = numbers[len(problems) :]
    drawn = [n * samples for n in problems] * (len(scores) // len(problems))
    correct = [round(score * n) for score, n in zip(scores, drawn, strict=True)]
    off = [abs(c / n - score) > _HALF_DIGIT + 1e-9 for c, n, score in zip(correct, drawn, scores, strict=True)]
    follows = f"{sum(off)} {'is' if sum(off) == 1 else 'are'} not that of a whole number of correct rollouts"
    follows += f"; the nearest sum to {sum(correct)}"
    said = f"{len(scores)} scores of {samples:g} rollouts a problem"
    return Finding(said, follows, 0, sum(off), "scores")


def mixed_average(count: float, *scores: float) -> Finding:
    """The lead in an average of pass@1 and pass@8, apart: one row's scores, then another's, pass@1 first.

    ``count`` is how many of a row's are pass@1.

    >>> mixed_average(1, 0.2, 0.3, 0.22, 0.36).follows
    'in pass@1 alone +2.00 points, in the others +6.00 points'
    """
    gains, first = _gains(scores), round(count)
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
    gains = _gains(scores)
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
    gains = _gains(scores)
    follows = "pass@8 gains " + ", ".join(map(points, gains)) + " elsewhere"
    return Finding("RL from the base model does not improve pass@k", follows, stated, max(gains), "points")


def no_gain_distilled(stated: float, elsewhere: float) -> Finding:
    """Whether RL after distillation leaves pass@k as it is.

    >>> no_gain_distilled(0, 0.0351).agrees
    False
    """
    said = "RL from the distilled model does not improve pass@k at any step"
    return Finding(said, f"distillation gains {points(elsewhere)} in pass@64", stated, elsewhere, "points")


def interval_excludes(gain: float, low: float, high: float, other: float, problems: float) -> Finding:
    """Whether an interval of one gain excludes the other gain.

    >>> interval_excludes(0.0609, 0.0312, 0.0903, 0.0351, 64).follows.split(";")[0]
    '+3.51 points lie in it, 1.71 standard errors from the gain if its level is 95%'
    """
    error = (high - low) / 2 / Z95
    apart = (gain - other) / error
    inside = "lie in it" if low <= other <= high else "lie outside"
    follows = f"{points(other)} {inside}, {apart:.2f} standard errors from the gain if its level is 95%"
    follows += f"; over {problems:g} problems gains then differ by {100 * error * math.sqrt(problems):.1f} points (SD)"
    said = f"a gain of {points(gain)} ({points(low)} to {points(high)}) against {points(other)}"
    return Finding(said, follows, low, other, "points", "at least")


def solved_and_lost(solved: float, gain: float, problems: float) -> Finding:
    """Problems newly solved against the net gain in pass@64 over the same problems.

    >>> solved_and_lost(0.14, 0.0609, 64).follows
    'the net gain is +6.09 points, 3.9 problems: if solved means the same, 5.1 others are lost'
    """
    net = gain * problems
    follows = f"the net gain is {points(gain)}, {net:.1f} problems"
    follows += f": if solved means the same, {solved * problems - net:.1f} others are lost"
    said = f"{percent(solved, 0)} of {problems:g} problems newly solved"
    return Finding(said, follows, solved, gain, "points")


def _gains(scores: Sequence[float]) -> list[float]:
    """Differences of the second half of the scores less the first."""
    half = len(scores) // 2
    return [after - before for before, after in zip(scores[:half], scores[half:], strict=True)]


E3, QWEN, T7 = "table2/models/e3-1.7B", "table2/models/Qwen3-4B-Instruct", "table7/rows"
_NAMES2 = [name for name in paper_values()["table2"]["columns"] if name != "hard_test"]
_NAMES7 = list(paper_values()["table7"]["columns"])
_ONCE7 = [name for name, column in paper_values()["table7"]["columns"].items() if column["k"] == 1]
_PROBLEMS2 = tuple(f"table2/columns/{name}/problems" for name in _NAMES2)
_PROBLEMS7 = tuple(f"table7/columns/{name}/problems" for name in _NAMES7)
_ROWS2 = [f"{model}/{arm}" for model in (E3, QWEN) for arm in ("base_easier", "distill_easier", "int")]
_ROWS7 = [f"{T7}/{row}" for row in ("base", "rl-base", "rl-gold", "rl-self_refine", "rl-int")]
_RESOLUTION = "A benchmark of so few problems cannot resolve smaller gains."


def _scores(row: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{row}/scores/{name}" for name in names)


def _row(path: str) -> str:
    """The model and the row of a path, for people."""
    return ", ".join(part for part in path.split("/")[1:] if part not in ("models", "rows"))


def _averages() -> list[Check]:
    tables = [(row, _NAMES2) for row in _ROWS2] + [(row, _NAMES7) for row in _ROWS7]
    matters = "Every comparison of averages rests on it."
    return [Check((f"{row}/average", *_scores(row, names)), average, matters, row=_row(row)) for row, names in tables]


def _leads() -> list[Check]:
    found = []
    for model in (E3, QWEN):
        pair = (*_scores(f"{model}/base_easier", _NAMES2), *_scores(f"{model}/int", _NAMES2), *_PROBLEMS2)
        found.append(Check(pair, exceeds_one_problem, _RESOLUTION, "resolution", _row(model)))
        chance = "A lead within the noise of another evaluation says nothing of the method."
        found.append(Check(("table2/samples", *pair), lead_and_chance, chance, "resolution", _row(model)))
    pair = (*_scores(f"{T7}/rl-base", _NAMES7), *_scores(f"{T7}/rl-int", _NAMES7), *_PROBLEMS7)
    found.append(Check(pair, exceeds_one_problem, _RESOLUTION, "resolution"))
    imo = (f"{T7}/rl-base/scores/imo_bench", f"{T7}/rl-int/scores/imo_bench", "table7/columns/imo_bench/problems")
    chance = "Many rollouts do not make up for few problems."
    found.append(Check(("table7/samples", *imo), lead_and_chance, chance, "resolution", "imo_bench"))
    return found


_E3_PAIR = (*_scores(f"{E3}/base_easier", _NAMES2), *_scores(f"{E3}/int", _NAMES2))
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
            row=_row(model),
        )
        for model in (E3, QWEN)
    ),
    *_leads(),
    Check(
        (f"{QWEN}/int/scores/hard_test", "table2/columns/hard_test/problems", "table2/samples"),
        whole_problems,
        "Whether it was taken from so many rollouts on so many problems.",
    ),
    Check(
        ("table2/samples", *_PROBLEMS2, *(score for row in _ROWS2 for score in _scores(row, _NAMES2))),
        whole_counts,
        "Whether the numbers of problems and of rollouts are as stated.",
    ),
    Check(
        ("table7/samples", *_PROBLEMS7[: len(_ONCE7)], *(score for row in _ROWS7 for score in _scores(row, _ONCE7))),
        whole_counts,
        "Whether the numbers of problems and of rollouts are as stated.",
    ),
    Check(
        ("text/table7_once", *_scores(f"{T7}/rl-base", _NAMES7), *_scores(f"{T7}/rl-int", _NAMES7)),
        mixed_average,
        "A mean of pass@1 and pass@8 is neither; it weighs what more samples find.",
    ),
    Check(
        ("text/self_refine_better", *_scores(f"{T7}/rl-int", _NAMES7), *_scores(f"{T7}/rl-self_refine", _NAMES7)),
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
            *_scores(f"{T7}/base", ("amo_bench", "apex_shortlist")),
            *_scores(f"{T7}/rl-base", ("amo_bench", "apex_shortlist")),
        ),
        no_gain,
        "The one is about e3-1.7B and its hard problems, the other about another model and other sets.",
    ),
    Check(
        ("text/rl_base_gain_pass_at_k", "text/gain_pass64_distill"),
        no_gain_distilled,
        "What the gain of distillation is measured from is not said.",
    ),
    Check(
        (
            "text/gain_pass64_int",
            "text/gain_pass64_int/low",
            "text/gain_pass64_int/high",
            "text/gain_pass64_distill",
            "text/hard_test",
        ),
        interval_excludes,
        "The difference of the two methods has no interval of its own; level and resampling are not stated.",
        "resolution",
    ),
    Check(
        ("text/newly_solved_introduction", "text/gain_pass64_int", "text/hard_test"),
        solved_and_lost,
        "Problems that are no longer solved count as well.",
    ),
)
