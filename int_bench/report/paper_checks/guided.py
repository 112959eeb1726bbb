"""Tables 1 and 6: what follows from their counts and accuracies alone."""

from __future__ import annotations

import math

from int_bench.report.paper_checks.finding import Z95, Check, Finding, percent, points

# Half the last digit that the tables print, as shares.
_HALF_DIGIT, _HALF_FINE_DIGIT = 0.00005, 0.0000005


def least_rollouts(samples: float, solved: float, accuracy: float, problems: float) -> Finding:
    """How many rollouts a problem there must have been, since each problem solved takes a correct one.

    At the accuracy a, n rollouts a problem solve at most 1 - (1-a)^n of the problems in expectation, which they do if
    all problems are equally hard: this asks for more.

    >>> least_rollouts(32, 98, 0.0097, 235).follows
    '98 of 235 solved at 0.97% take 43 rollouts a problem or more (56 in expectation, if all are equally hard)'
    """
    least = math.ceil(solved / (problems * (accuracy + _HALF_DIGIT)))
    expected = math.ceil(math.log1p(-solved / problems) / math.log1p(-accuracy))
    follows = f"{solved:g} of {problems:g} solved at {percent(accuracy, 2)} take {least} rollouts a problem or more"
    follows += f" ({expected} in expectation, if all are equally hard)"
    return Finding(f"{samples:g} rollouts make a problem hard", follows, samples, least, "rollouts", "at least")


def regression(solved: float, problems: float, accuracy: float, samples: float) -> Finding:
    """How many problems without a success are solved by sampling again.

    >>> regression(98, 235, 0.0097, 32).follows
    '98 of 235 are solved by sampling again; at their accuracy 73.2% of problems have no success in 32 rollouts'
    """
    missed = percent((1 - accuracy) ** samples)
    follows = f"{solved:g} of {problems:g} are solved by sampling again"
    follows += f"; at their accuracy {missed} of problems have no success in {samples:g} rollouts"
    return Finding("hard problems are those without a success", follows, 0.0, solved, "problems", "at least")


def more_solved(problems: float, before: float, after: float) -> Finding:
    """Between which ends the statistic of McNemar's test lies, since which problems were solved is not given.

    With b problems solved only after and c only before, it is (b-c)/sqrt(b+c): b - c is known, b + c is not.

    >>> more_solved(235, 98, 120).follows
    'of 235 problems 98 and 120 are solved: by which ones, the difference is 1.49 to 4.69 standard errors'
    """
    gain = after - before
    lost = min(before, problems - after)  # at most so many were solved before and are no longer
    low, high = gain / math.sqrt(gain + 2 * lost), math.sqrt(gain)
    follows = f"of {problems:g} problems {before:g} and {after:g} are solved"
    follows += f": by which ones, the difference is {low:.2f} to {high:.2f} standard errors"
    return Finding(f"{gain:g} more problems are solved", follows, low, Z95, "standard errors", "at least")


def times(stated: float, before: float, after: float) -> Finding:
    """A factor between two numbers.

    >>> times(10, 0.000984, 0.0156).follows
    '0.0156 is 15.9 times 0.000984'
    """
    factor = after / before
    follows = f"{after:g} is {factor:.3g} times {before:g}"
    return Finding(f"{stated:g} times or more", follows, stated, factor, "times", "at most")


def whole_rollouts(accuracy: float, problems: float, samples: float, solved: float) -> Finding:
    """Whether a printed accuracy is that of a whole number of correct rollouts.

    >>> whole_rollouts(0.000984, 334, 128, 40).follows
    '42 correct of 334 x 128 rollouts are 0.0982%; with 40 problems solved there were 122 rollouts a problem or more'
    """
    drawn = problems * samples
    correct = round(accuracy * drawn)
    least = math.ceil(solved / (problems * (accuracy + _HALF_FINE_DIGIT)))
    follows = f"{correct} correct of {problems:g} x {samples:g} rollouts are {percent(correct / drawn, 4)}"
    follows += f"; with {solved:g} problems solved there were {least} rollouts a problem or more"
    return Finding(percent(accuracy, 4), follows, accuracy, correct / drawn, "points", tolerance=_HALF_FINE_DIGIT)


def all_kept(solved: float, problems: float) -> Finding:
    """Whether problems kept since guided rollouts solve them are solved by guided rollouts.

    >>> all_kept(80, 334).difference
    -254
    """
    said = f"{problems:g} problems were kept since guided rollouts solve them"
    follows = f"{solved:g} are solved with intervention"
    return Finding(said, follows, solved, problems, "problems", "at least")


def drawn_from_all(kept: float, hard: float, solved: float, problems: float) -> Finding:
    """The share of hard problems that were kept, and the share of a table's problems that are solved.

    >>> drawn_from_all(1076, 4500, 80, 334).follows
    '80 of 334 are solved with intervention, 24.0%'
    """
    said = f"{kept:g} of about {hard:g} hard problems were kept, {percent(kept / hard)}"
    follows = f"{solved:g} of {problems:g} are solved with intervention, {percent(solved / problems)}"
    return Finding(said, follows, kept / hard, solved / problems, "points", tolerance=0.005)


def kept_accuracy(accuracy: float, correct: float, kept: float, samples: float) -> Finding:
    """The accuracy with interventions, and that of the interventions that were kept.

    >>> kept_accuracy(0.0156, 20170, 2213, 32).follows
    '20170 correct of 2213 x 32 guided rollouts of the kept interventions are 28.48%'
    """
    found = correct / (kept * samples)
    follows = f"{correct:.0f} correct of {kept:g} x {samples:g} guided rollouts of the kept interventions are"
    said = f"{percent(accuracy, 2)} with interventions that were kept"
    return Finding(said, f"{follows} {percent(found, 2)}", accuracy, found, "points", tolerance=_HALF_DIGIT)


def prefix_gain(
    problems: float, naive: float, prefix: float, problems_final: float, naive_final: float, prefix_final: float
) -> Finding:
    """Whether sampling from the bare prefix solves more problems, in the paper and in its later version.

    >>> prefix_gain(235, 98, 120, 334, 40, 31).follows
    '31 of 334 against 40 in the later version, a gain of -2.69 points'
    """
    gain, gain_final = (prefix - naive) / problems, (prefix_final - naive_final) / problems_final
    said = f"{prefix:g} of {problems:g} from the prefix, {naive:g} from the problem, a gain of {points(gain)}"
    follows = f"{prefix_final:g} of {problems_final:g} against {naive_final:g} in the later version"
    return Finding(said, f"{follows}, a gain of {points(gain_final)}", gain, gain_final, "points")


T1, T6 = "table1/rows", "table6/rows"
_LOST = "A test needs to know which problems were solved; samples of a problem are no independent trials."
_PAIRS = (
    ("table1", "naive", "from_intervention"),
    ("table1", "naive", "with_intervention"),
    ("table1", "from_intervention", "with_intervention"),
    ("table1", "no_filter", "int"),
    ("table6", "naive", "with_intervention"),
)
CHECKS = (
    Check(
        ("text/mining_samples_e3", f"{T1}/naive/nonzero", f"{T1}/naive/accuracy", "table1/problems"),
        least_rollouts,
        "More rollouts solve more problems by chance; how many were drawn is not stated.",
    ),
    Check(
        (f"{T1}/naive/nonzero", "table1/problems", f"{T1}/naive/accuracy", "text/mining_samples_e3"),
        regression,
        "Choosing for zero successes regresses to the mean: a second, independent pass is the right null.",
    ),
    *(
        Check((f"{table}/problems", *(f"{table}/rows/{row}/nonzero" for row in pair)), more_solved, _LOST, "resolution")
        for table, *pair in _PAIRS
    ),
    Check(
        ("text/table6_times_problems", f"{T6}/naive/nonzero", f"{T6}/with_intervention/nonzero"),
        times,
        "The text states the factor.",
    ),
    Check(
        ("text/table6_times_accuracy", f"{T6}/naive/accuracy", f"{T6}/with_intervention/accuracy"),
        times,
        "The text states the factor.",
    ),
    Check(
        (f"{T6}/naive/accuracy", "table6/problems", "table7/samples", f"{T6}/naive/nonzero"),
        whole_rollouts,
        "How many rollouts were drawn is not stated; the appendix's other table has so many.",
    ),
    Check(
        (f"{T6}/with_intervention/nonzero", "table6/problems"),
        all_kept,
        "Whether the problems are a subset of those kept, and whether the filter's rollouts repeat.",
    ),
    Check(
        ("text/hard_kept", "text/hard_scaled", f"{T6}/with_intervention/nonzero", "table6/problems"),
        drawn_from_all,
        "Whether the problems are a draw from all hard ones, and not from those kept.",
    ),
    Check(
        (
            f"{T6}/with_intervention/accuracy",
            "funnel/counts/correct",
            "funnel/counts/kept",
            "text/filter_samples_scripts",
        ),
        kept_accuracy,
        "Whether the two sets of kept interventions are alike.",
    ),
    Check(
        (
            "table1/problems",
            f"{T1}/naive/nonzero",
            f"{T1}/from_intervention/nonzero",
            "bare_prefix/problems",
            "bare_prefix/rows/naive/nonzero",
            "bare_prefix/rows/from_intervention/nonzero",
        ),
        prefix_gain,
        "Whether the place alone helps.",
    ),
)
