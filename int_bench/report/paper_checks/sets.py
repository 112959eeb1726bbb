"""Which problems, how many of them, and what is reported of them: counts that cannot all hold."""

from __future__ import annotations

from int_bench.report.paper import text_values
from int_bench.report.paper_checks.finding import Check, Finding, percent, points


def execution_share(said: float, elsewhere: float) -> Finding:
    """The share of execution errors, stated twice.

    >>> execution_share(0.30, 0.406).follows
    '40.6% elsewhere; as few as 32 traces can give that (13 of 32)'
    """
    digits = 3
    n = next(n for n in range(1, 1001) if round(round(elsewhere * n) / n, digits) == round(elsewhere, digits))
    follows = f"{percent(elsewhere)} elsewhere; as few as {n} traces can give that ({round(elsewhere * n)} of {n})"
    return Finding(f"near {percent(said, 0)}", follows, said, elsewhere, "points", tolerance=0.05)


def newly_solved(abstract: float, introduction: float, problems: float) -> Finding:
    """The share of hard test problems newly solved, stated twice.

    >>> newly_solved(0.16, 0.14, 64).follows
    '14%; of 64 problems these are 10 and 9'
    """
    solved = [round(share * problems) for share in (abstract, introduction)]
    follows = f"{percent(introduction, 0)}; of {problems:g} problems these are {solved[0]} and {solved[1]}"
    return Finding(percent(abstract, 0), follows, abstract, introduction, "points", tolerance=0.005)


def hard_set(unsolved: float, share: float, train: float, test: float) -> Finding:
    """Whether the problems kept suffice for a training and a test set.

    >>> hard_set(472, 0.16, 64, 64).follows
    '16% of 472 are 76'
    """
    kept = share * unsolved
    said = f"{train:g} to train on and {test:g} to test on, chosen alike"
    return Finding(
        said, f"{percent(share, 0)} of {unsolved:g} are {kept:.0f}", train + test, kept, "problems", "at most"
    )


def solution_rows(rows: float, problems: float) -> Finding:
    """The whole solutions that were cloned, and the problems they should be of.

    >>> solution_rows(73, 64).follows
    '64 problems'
    """
    return Finding(f"{rows:g} rows of whole solutions in SFT", f"{problems:g} problems", rows, problems, "rows")


def rl_problems(said: float, other_model: float) -> Finding:
    """The problems of RL that the text names, and those of the table's other model.

    >>> rl_problems(64, 295).difference
    -231
    """
    follows = f"{other_model:g} for the other model of the table"
    return Finding(f"trained on just {said:g} problems", follows, said, other_model, "problems")


def rl_data(rounded: float, exact: float) -> Finding:
    """The problems of the baselines' RL, rounded to hundreds and exact.

    >>> rl_data(1200, 1216).agrees, rl_data(1300, 1216).agrees
    (True, False)
    """
    return Finding(f"about {rounded:g}", f"{exact:g}", rounded, exact, "problems", tolerance=50)


def rl_added(added: float, small: float, small_int: float, large: float, large_int: float) -> Finding:
    """The easier problems that the baselines' RL has beyond InT's, for both models.

    >>> rl_added(1152, 1216, 64, 1447, 295).agrees
    True
    """
    found = [small - small_int, large - large_int]
    most_off = max(found, key=lambda count: abs(count - added))
    follows = f"{small:g} - {small_int:g} = {found[0]:g}, and {large:g} - {large_int:g} = {found[1]:g}"
    return Finding(f"{added:g} easier problems", follows, added, most_off, "problems")


def named_set(problems: float, *others: float) -> Finding:
    """Whether a number of problems is that of any other set that the paper names.

    >>> named_set(235, 64, 295, 334).follows
    'other sets have 64, 295, 334'
    """
    nearest = min(others, key=lambda count: abs(count - problems))
    follows = "other sets have " + ", ".join(f"{count:g}" for count in others)
    return Finding(f"{problems:g} problems, without the model's name", follows, problems, nearest, "problems")


def arms_shown(caption: float, table: float) -> Finding:
    """The initialisations that a caption names, and those of the table beside it.

    >>> arms_shown(3, 4).agrees
    False
    """
    said, follows = f"the caption names {caption:g} initialisations", f"the table and the text have {table:g}"
    return Finding(said, follows, caption, table, "initialisations")


def left_over(left: float, whole: float, taken: float) -> Finding:
    """What is left of a set when some are taken out.

    >>> left_over(360, 400, 40).agrees
    True
    """
    said, follows = f"{left:g} problems left", f"{whole:g} - {taken:g} = {whole - taken:g}"
    return Finding(said, follows, left, whole - taken, "problems")


def interval_count(plural: float, *ends: float) -> Finding:
    """The intervals that are published, as pairs of ends, against a plural.

    >>> interval_count(2, 0.0312, 0.0903).follows
    '1: +3.12 points to +9.03 points, without a level or what was resampled'
    """
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    listed = ", ".join(f"{points(low)} to {points(high)}" for low, high in pairs)
    follows = f"{len(pairs)}: {listed}, without a level or what was resampled"
    said = f"bootstrapped intervals are reported ({plural:g} or more)"
    return Finding(said, follows, plural, len(pairs), "intervals", "at most")


E3, QWEN = "table2/models/e3-1.7B", "table2/models/Qwen3-4B-Instruct"
CHECKS = (
    Check(
        ("text/execution_share_introduction", "text/execution_share_section3"),
        execution_share,
        "The share motivates the method; the number of traces behind it is not given.",
    ),
    Check(
        ("text/newly_solved_abstract", "text/newly_solved_introduction", "text/hard_test"),
        newly_solved,
        "It is the headline.",
    ),
    Check(
        ("text/hard_unsolved", "text/oracle_solves", "text/hard_train", "text/hard_test"),
        hard_set,
        "Whether training and test problems come from the same set.",
    ),
    Check(
        ("table4/arms/distillation/dataset_size", "text/hard_train"),
        solution_rows,
        "The oracle is said to have had one attempt at each problem.",
        row="e3-1.7B",
    ),
    Check(
        ("table5/arms/distillation/dataset_size", f"{QWEN}/int/rl_data"),
        solution_rows,
        "The arms of a model should be about the same problems.",
        row="Qwen3-4B-Instruct",
    ),
    Check(
        ("text/rl_data_section61", f"{E3}/base_easier/rl_data"),
        rl_data,
        "The size of the enlarged set is stated three times.",
    ),
    Check(
        ("text/rl_data_section63", f"{E3}/base_easier/rl_data"),
        rl_data,
        "The size of the enlarged set is stated three times.",
    ),
    Check(
        ("text/rl_added", *(f"{model}/{arm}/rl_data" for model in (E3, QWEN) for arm in ("base_easier", "int"))),
        rl_added,
        "What the baselines were trained on besides.",
    ),
    Check(
        ("text/rl_data_int_section63", f"{QWEN}/int/rl_data"),
        rl_problems,
        "The text speaks of the whole table.",
    ),
    Check(
        (
            "table1/problems",
            "text/hard_train",
            f"{QWEN}/int/rl_data",
            "text/hard_unsolved",
            "text/table6_problems",
            "text/hard_kept",
        ),
        named_set,
        "Table 1 can be rebuilt only with its problems and its model.",
    ),
    Check(
        ("text/figure10_arms", "text/table7_arms"),
        arms_shown,
        "The text refers to the figure for one of the arms.",
    ),
    Check(
        ("text/imo_pool", "text/imo_answerbench", "text/imo_problems"),
        left_over,
        "Test problems of IMO-AnswerBench are kept out of the pool.",
    ),
    Check(
        (
            "text/bootstrapped_intervals",
            *(f"text/{key}/{end}" for key, entry in text_values().items() if "low" in entry for end in ("low", "high")),
        ),
        interval_count,
        "Without an interval no one can say how far chance moves a number.",
    ),
)
