"""What chance and few problems could make of the scores of Tables 2 and 7, and of the gain in pass@64."""

from __future__ import annotations

import math

from int_bench.report.paper import paper_values
from int_bench.report.paper_checks.finding import Z95, Check, Finding, percent, points
from int_bench.report.paper_checks.rows import (
    E3,
    HALF_DIGIT,
    NAMES2,
    NAMES7,
    QWEN,
    ROWS2,
    ROWS7,
    T7,
    gains_of,
    row_name,
    scores_of,
)


def exceeds_one_problem(*numbers: float) -> Finding:
    """On how many benchmarks the gain is more than what one problem weighs.

    Numbers are the scores of one row, then of another, then the problems of each benchmark.

    >>> exceeds_one_problem(0.50, 0.50, 0.52, 0.55, 40, 30).follows
    'gains in problems: +0.8 of 40, +1.5 of 30; more than one on 1 of 2'
    """
    count = len(numbers) // 3
    scores, problems = numbers[: 2 * count], numbers[2 * count :]
    weighed = [gain * n for gain, n in zip(gains_of(scores), problems, strict=True)]
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
    return Finding(said, follows, score, nearest, "points", tolerance=HALF_DIGIT)


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
    off = [abs(c / n - score) > HALF_DIGIT + 1e-9 for c, n, score in zip(correct, drawn, scores, strict=True)]
    follows = f"{sum(off)} {'is' if sum(off) == 1 else 'are'} not that of a whole number of correct rollouts"
    follows += f"; the nearest sum to {sum(correct)}"
    said = f"{len(scores)} scores of {samples:g} rollouts a problem"
    return Finding(said, follows, 0, sum(off), "scores")


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


_IMO = "imo_answerbench_40"


def _leads() -> list[Check]:
    found = []
    for model in (E3, QWEN):
        pair = (*scores_of(f"{model}/base_easier", NAMES2), *scores_of(f"{model}/int", NAMES2), *_PROBLEMS2)
        found.append(Check(pair, exceeds_one_problem, _RESOLUTION, "resolution", row_name(model)))
        chance = "A lead within the noise of another evaluation says nothing of the method."
        found.append(Check(("table2/samples", *pair), lead_and_chance, chance, "resolution", row_name(model)))
    pair = (*scores_of(f"{T7}/rl-base", NAMES7), *scores_of(f"{T7}/rl-int", NAMES7), *_PROBLEMS7)
    found.append(Check(pair, exceeds_one_problem, _RESOLUTION, "resolution"))
    imo = (*(f"{T7}/rl-{arm}/scores/{_IMO}" for arm in ("base", "int")), f"table7/columns/{_IMO}/problems")
    chance = "Many rollouts do not make up for few problems."
    found.append(Check(("table7/samples", *imo), lead_and_chance, chance, "resolution", _IMO))
    return found


_ONCE7 = [name for name, column in paper_values()["table7"]["columns"].items() if column["k"] == 1]
_PROBLEMS2 = tuple(f"table2/columns/{name}/problems" for name in NAMES2)
_PROBLEMS7 = tuple(f"table7/columns/{name}/problems" for name in NAMES7)
_RESOLUTION = "A benchmark of so few problems cannot resolve smaller gains."
CHECKS = (
    *_leads(),
    Check(
        (f"{QWEN}/int/scores/hard_test", "table2/columns/hard_test/problems", "table2/samples"),
        whole_problems,
        "Whether it was taken from so many rollouts on so many problems.",
    ),
    Check(
        ("table2/samples", *_PROBLEMS2, *(score for row in ROWS2 for score in scores_of(row, NAMES2))),
        whole_counts,
        "Whether the numbers of problems and of rollouts are as stated.",
    ),
    Check(
        ("table7/samples", *_PROBLEMS7[: len(_ONCE7)], *(score for row in ROWS7 for score in scores_of(row, _ONCE7))),
        whole_counts,
        "Whether the numbers of problems and of rollouts are as stated.",
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
