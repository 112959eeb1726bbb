"""How training data and trainings were made: interventions, rows, steps and settings that do not fit each other."""

from __future__ import annotations

from int_bench.report.paper_checks.finding import Check, Finding, percent


def interventions_counts(abstract: float, bound: float) -> Finding:
    """Two statements of how many interventions were needed.

    >>> interventions_counts(100, 80).agrees
    False
    """
    said, follows = f"about {abstract:g} interventions", f"at most {bound:g} elsewhere"
    return Finding(said, follows, abstract, bound, "interventions", "at most")


def interventions_bound(bound: float, rows: float) -> Finding:
    """A bound on the interventions against the rows that were trained on.

    >>> interventions_bound(80, 482).agrees
    False
    """
    said, follows = f"at most or about {bound:g} interventions", f"{rows:g} rows of interventions in SFT"
    return Finding(said, follows, bound, rows, "interventions", "at least")


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


def _sft(table: str) -> tuple[str, ...]:
    arms = [f"{table}/arms/{arm}" for arm in ("distillation", "InT")]
    keys = ("dataset_size", "effective_batch_size", "num_train_epochs")
    return (*(f"{arm}/learning_rate" for arm in arms), *(f"{arm}/{key}" for arm in arms for key in keys))


QWEN = "table2/models/Qwen3-4B-Instruct"
CHECKS = (
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
)
