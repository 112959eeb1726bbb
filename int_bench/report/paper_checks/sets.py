"""Which problems and how many interventions: counts that cannot all hold."""

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


def interventions_bound(bound: float, rows: float) -> Finding:
    """A bound on the interventions against the rows that were trained on.

    >>> interventions_bound(80, 482).agrees
    False
    """
    said, follows = f"at most or about {bound:g} interventions", f"{rows:g} rows of interventions in SFT"
    return Finding(said, follows, bound, rows, "interventions", "at least")


def interventions_counts(abstract: float, bound: float) -> Finding:
    """Two statements of how many interventions were needed.

    >>> interventions_counts(100, 80).agrees
    False
    """
    said, follows = f"about {abstract:g} interventions", f"at most {bound:g} elsewhere"
    return Finding(said, follows, abstract, bound, "interventions", "at most")


def interventions_a_problem(algorithm: float, rows: float, problems: float) -> Finding:
    """How many interventions a problem the algorithm makes, and how many were trained on.

    >>> interventions_a_problem(1, 482, 64).follows
    '482 rows for 64 problems: 7.5 a problem'
    """
    each = rows / problems
    follows = f"{rows:g} rows for {problems:g} problems: {each:.1f} a problem"
    return Finding(f"{algorithm:g} a problem", follows, algorithm, each, "interventions a problem", tolerance=0.05)


def cloned_steps(replaced: float, *locations: float) -> Finding:
    """How many steps of a trace a row of SFT clones, in the examples shown.

    >>> cloned_steps(1, 41, 244, 213, 112).follows
    'in the 4 examples shown 40, 243, 212, 111 steps stand before it, and are cloned with it: 151.5 on average'
    """
    before = [location - 1 for location in locations]
    mean = sum(before) / len(before)
    listed = ", ".join(f"{steps:g}" for steps in before)
    follows = f"in the {len(before)} examples shown {listed} steps stand before it, and are cloned with it"
    said = f"a single step ({replaced:g}) is replaced, so SFT is on very few tokens"
    return Finding(said, f"{follows}: {mean:.1f} on average", replaced, replaced + mean, "steps cloned a row")


def settings(
    rate_whole: float, rate_int: float, rows_whole: float, batch_whole: float, epochs_whole: float,
    rows_int: float, batch_int: float, epochs_int: float,
) -> Finding:  # fmt: skip
    """The learning rates of two arms that are compared, and how many updates each took.

    >>> settings(1e-7, 1e-6, 73, 32, 100, 482, 64, 16).follows
    'InT at 1e-06, 10 times that; 228 updates against 120'
    """
    updates = [rows_whole * epochs_whole / batch_whole, rows_int * epochs_int / batch_int]
    follows = f"InT at {rate_int:g}, {rate_int / rate_whole:.3g} times that"
    follows += f"; {updates[0]:.0f} updates against {updates[1]:.0f}"
    return Finding(f"distillation at a learning rate of {rate_whole:g}", follows, rate_whole, rate_int, "learning rate")


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


def first_attempts(attempts: float, each: float, problems: float) -> Finding:
    """The problems behind the first attempts, at so many a problem.

    >>> first_attempts(22332, 4, 4500).follows
    '22332 first attempts at 4 a problem: 5583 problems'
    """
    found = attempts / each
    follows = f"{attempts:g} first attempts at {each:g} a problem: {found:g} problems".replace("e+", "e")
    return Finding(f"{problems:g} hard problems", follows, problems, found, "problems", tolerance=50)


def first_accuracy(samples: float, attempts: float, wrong: float) -> Finding:
    """How often problems without a success in mining are solved by the attempts that follow.

    >>> first_accuracy(64, 22332, 21295).follows.split(";")[0]
    '4.64% of 22332 first attempts are correct'
    """
    accuracy = 1 - wrong / attempts
    missed = percent((1 - accuracy) ** samples)
    follows = f"{percent(accuracy, 2)} of {attempts:.0f} first attempts are correct"
    follows += f"; a problem of that accuracy has no success in {samples:g} rollouts in {missed} of cases"
    return Finding(f"no success in {samples:g} rollouts", follows, 0.0, accuracy, "points")


def guided_rollouts(drawn: float, interventions: float, each: float) -> Finding:
    """Guided rollouts that were scored, of those that were to be drawn.

    >>> guided_rollouts(472320, 14766, 32).difference
    -192
    """
    due = interventions * each
    follows = f"{interventions:.0f} interventions of {each:g} rollouts are {due:.0f}"
    return Finding(f"{drawn:.0f} guided rollouts", follows, drawn, due, "rollouts")


def share_of(stated: float, part: float, whole: float) -> Finding:
    """A share that follows from two counts.

    >>> share_of(0.0427, 20170, 472320).agrees
    True
    """
    follows = f"{part:.0f} of {whole:.0f} are {percent(part / whole, 2)}"
    return Finding(percent(stated, 2), follows, stated, part / whole, "points", tolerance=0.00005)


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


def _sft(table: str) -> tuple[str, ...]:
    arms = [f"{table}/arms/{arm}" for arm in ("distillation", "InT")]
    keys = ("dataset_size", "effective_batch_size", "num_train_epochs")
    return (*(f"{arm}/learning_rate" for arm in arms), *(f"{arm}/{key}" for arm in arms for key in keys))


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
        ("text/interventions_abstract", "text/interventions_section4"),
        interventions_counts,
        "How much the oracle had to write is the method's price.",
    ),
    Check(
        ("text/interventions_section4", "table4/arms/InT/dataset_size"),
        interventions_bound,
        "How much the oracle had to write is the method's price, if each row is another intervention.",
    ),
    Check(
        ("text/interventions_abstract", "table5/arms/InT/dataset_size"),
        interventions_bound,
        "How much the oracle had to write is the method's price; the abstract names no model.",
    ),
    *(
        Check(
            ("text/algorithm_interventions", rows, problems),
            interventions_a_problem,
            "How many attempts, proposals or replacements a problem it takes to rebuild the data.",
        )
        for rows, problems in (
            ("table4/arms/InT/dataset_size", "text/hard_train"),
            ("table5/arms/InT/dataset_size", f"{QWEN}/int/rl_data"),
        )
    ),
    Check(
        (
            "text/steps_replaced",
            *(f"text/location_{name}" for name in ("polygon", "bubble", "dorms", "polynomial")),
        ),
        cloned_steps,
        "Of what is cloned, most is the model's own: few new tokens are not few tokens.",
    ),
    *(
        Check(_sft(table), settings, "Arms that differ in it are compared in it too.", "settings", model)
        for table, model in (("table4", "e3-1.7B"), ("table5", "Qwen3-4B-Instruct"))
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
        ("text/attempts_all", "text/rollouts_scripts", "text/hard_scaled"),
        first_attempts,
        "Whether the published data are those of the paper, if each problem had so many attempts.",
    ),
    Check(
        ("text/mining_samples_polaris", "text/attempts_all", "funnel/counts/attempts"),
        first_accuracy,
        "Successes of such problems are chance, another grader's, or other sampling's.",
    ),
    Check(
        ("funnel/counts/rollouts", "funnel/counts/different", "text/filter_samples_scripts"),
        guided_rollouts,
        "Whether every intervention was tried as often.",
    ),
    Check(
        ("text/guided_accuracy", "funnel/counts/correct", "funnel/counts/rollouts"),
        share_of,
        "Whether the stages of the published data fit each other.",
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
