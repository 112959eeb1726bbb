"""Claims of a run: numbers against the files, rows for what lacks, seeds, and the figure."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from int_bench.analysis.estimates import Difference
from int_bench.records import (
    Drift,
    Intervention,
    Rollout,
    TraceLikelihood,
    TrainingExample,
    read_records,
    write_records,
)
from int_bench.report import paper
from int_bench.report.claims.readings import NotMeasured, Readings, contrast, difference
from int_bench.report.claims.registry import MATCHED, MEASURES
from int_bench.report.claims.table import BY_CONSTRUCTION, NOT_MEASURED, OURS, claims, forest, judged
from int_bench.report.figures.claims import VERDICTS
from int_bench.report.figures.claims import claims as forest_plot
from int_bench.report.scores import Estimator
from int_bench.report.write import formatted
from tests.report.conftest import Tree

SFT = {"epochs": 3, "batch": 32, "learning_rate": 2e-4}
SFT_ABILITY = {"gold": 0.02, "self_refine": 0.02, "r1_think": 0.02, "r1_summary": 0.02}
SFT_ABILITY |= {"rejection": 0.05, "int_matched": 0.12, "distill_matched": 0.03, "rejection_matched": 0.06}
SFT_ABILITY |= {f"{name}_matched": 0.03 for name in ("gold", "self_refine", "r1_think", "r1_summary")}
RL_ARMS = {name: {} for name in ("gold", "self_refine")}
RL_ARMS |= {"base_easier": {"start": "base"}, "distill_easier": {"start": "distill"}}
RL_ARMS |= {"hinted": {"start": "base"}, "base_budget": {"start": "base"}}
NLL = {"int": 0.2, "gold": 1.0, "self_refine": 0.5, "r1_think": 2.0, "r1_summary": 1.5}
DRIFT = {"int": (0.1, 0.9), "suffix": (0.2, 0.5), "no_filter": (0.2, 0.7), "distill": (0.8, 0.6)}
DRIFT |= {"int_matched": (0.1, 0.9), "distill_matched": (0.3, 0.6)}
"""KL and entropy per token."""


class Complete(Tree):
    """The tree with all that claims need; as another ``seed`` its problems have other numbers of successes."""

    def __init__(self, root: Path, seed: int = 0) -> None:
        super().__init__(root)
        self.rng = np.random.default_rng(seed)

    def write(self) -> Path:
        super().write()
        config = yaml.safe_load((self.root / "config.yaml").read_text())
        config["name"] = self.root.name
        config["arms"] |= {name: {"solutions": "references", "sft": SFT} for name in SFT_ABILITY}
        config["rl"]["arms"] |= RL_ARMS
        config["evaluation"] |= {"table2": ["easy", "long"], "table7": {"easy": 1, "long": 8}}
        config["report"]["resamples"] = 1000
        # As its own companion the second base model of Table 2 does as the first.
        config["companions"] = {"other": {"role": "base", "config": self.root.name}}
        (self.root / "config.yaml").write_text(yaml.safe_dump(config))
        for name, ability in SFT_ABILITY.items():
            self.evaluation(name, ability)
        for name in RL_ARMS:
            self.evaluation(f"rl-{name}@40", 0.02)
        self.examples()
        self.likelihoods()
        # Two on each problem, so that some have errors of both kinds.
        path = self.root / "interventions" / "main.parquet"
        found = [
            replace(row, problem_id=f"hard_train-{i // 2}") for i, row in enumerate(read_records(path, Intervention))
        ]
        write_records(path, found, Intervention)
        return self.root

    def rollout(self, problem_set: str, problem: int, sample: int, mode: str, correct: bool) -> Rollout:
        plain = super().rollout(problem_set, problem, sample, mode, correct)
        return replace(plain, extracted="1" if correct else str(self.rng.integers(2, 5)))

    def examples(self) -> None:
        for arm, length in {"int": 30, "distill": 60}.items():
            rows = [
                TrainingExample(f"e{i}", f"hard_train-{i}", [1] * length, [1] * length, 10, 15, 5 * (arm == "int"))
                for i in range(20)
            ]
            write_records(self.root / "training" / f"{arm}.examples.parquet", rows, TrainingExample)

    def likelihoods(self) -> None:
        for arm, nll in NLL.items():
            parts = {"prefix": nll, "intervention": 3 * nll} if arm == "int" else {"solution": nll}
            rows = [
                TraceLikelihood(f"e{i}", f"hard_train-{i}", part, 10, 10 * each)
                for i in range(20)
                for part, each in (parts | {"end": 9.0}).items()
            ]
            write_records(self.root / "likelihood" / f"{arm}.traces.parquet", rows, TraceLikelihood)
        for arm, (kl, entropy) in DRIFT.items():
            sizes = [5 + i % 3 for i in range(40)]
            rows = [Drift(f"r{i}", f"easy-{i // 2}", n, kl * n, entropy * n, n) for i, n in enumerate(sizes)]
            write_records(self.root / "likelihood" / f"{arm}.drift.parquet", rows, Drift)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Complete(tmp_path_factory.mktemp("results") / "tree").write()


@pytest.fixture(scope="module")
def rows(complete: Path) -> dict:
    return {row.measure.id: row for row in judged(complete)}


def shares(path: Path, problem_set: str, score: Callable[[list[bool]], float]) -> dict[str, float]:
    grades: dict[str, list[bool]] = {}
    for rollout in read_records(path, Rollout):
        if rollout.problem_set == problem_set:
            grades.setdefault(rollout.problem_id, []).append(rollout.correct)
    return {problem: score(correct) for problem, correct in grades.items()}


def test_every_claim_of_the_paper_has_a_measure_in_its_order():
    theirs = list(dict.fromkeys(measure.claim for measure in MEASURES if not measure.statement))
    assert theirs == list(paper.claims())
    assert len({measure.id for measure in MEASURES}) == len(MEASURES) > 30
    assert MEASURES[-1].id == "same_model_twice"
    margins = [measure for measure in MEASURES if measure.hypothesis.threshold]
    assert len(margins) >= 4
    assert all(measure.why for measure in margins)


def test_a_complete_run_measures_every_claim(rows: dict):
    assert [name for name, row in rows.items() if row.verdict == NOT_MEASURED] == []
    for row in rows.values():
        assert row.effect.low <= row.effect.value <= row.effect.high
        assert row.effect.p <= row.effect.p_holm <= 1.0
    assert rows["same_model_twice"].verdict == "undecided"
    assert rows["conditioning_helps"].verdict == rows["newly_solved"].verdict == "holds"
    assert rows["interventions_short"].verdict == BY_CONSTRUCTION


@pytest.mark.parametrize(
    ("claim", "after", "before", "problem_set", "score"),
    [
        ("int_sft_helps", "evaluation/int", "evaluation/base", "hard_train", np.mean),
        ("suffix_hurts", "evaluation/suffix", "evaluation/int", "hard_train", np.mean),
        ("conditioning_helps", "rollouts/with_intervention-main", "evaluation/base", "hard_train", np.mean),
        ("more_problems_with_intervention", "rollouts/with_intervention-main", "rollouts/naive", "hard_train", any),
        ("int_keeps_easy", "evaluation/int", "evaluation/base", "easy", np.mean),
        ("int_rl_beats_distill_rl", "evaluation/rl-int@40", "evaluation/rl-distill@40", "hard_test", any),
        ("int_rl_improves_pass_at_k", "evaluation/rl-int@40", "evaluation/int", "hard_test", any),
        ("newly_solved", "evaluation/rl-int@40", "evaluation/base", "hard_test", any),
        ("distill_rl_degrades_held_out", "evaluation/rl-distill@40", "evaluation/distill", "easy", np.mean),
        ("int_beats_rejection", "evaluation/int_matched", "evaluation/rejection_matched", "hard_test", np.mean),
        ("distill_degrades_easy_matched", "evaluation/distill_matched", "evaluation/base", "easy", np.mean),
        ("int_keeps_easy_matched", "evaluation/int_matched", "evaluation/base", "easy", np.mean),
        ("int_rl_beats_base_budget", "evaluation/rl-int@40", "evaluation/rl-base_budget@40", "hard_test", np.mean),
        ("same_model_twice", "rollouts/null", "rollouts/naive", "hard_train", np.mean),
    ],
)
def test_effects_are_what_the_files_hold(
    complete: Path, rows: dict, claim: str, after: str, before: str, problem_set: str, score: Callable
):
    one, other = (shares(complete / f"{name}.parquet", problem_set, score) for name in (after, before))
    gains = [float(one[problem]) - float(other[problem]) for problem in one if problem in other]
    assert (rows[claim].effect.value, rows[claim].effect.n) == (pytest.approx(np.mean(gains)), len(gains))


def test_amounts_are_compared_by_their_contrast(rows: dict):
    def of(one: float, other: float) -> float:
        return (one - other) / (one + other)

    expected = {
        "interventions_short": of(5, 50),
        "int_lowest_nll": of(2 * NLL["int"], NLL["self_refine"]),  # as many tokens in prefix and intervention
        "int_lowest_nll_per_trace": of(4 * NLL["int"], NLL["self_refine"]),  # prefix and three times that
        "intervention_tokens_unlikely": of(3, 1),
        "int_drifts_less": of(DRIFT["int"][0], DRIFT["distill"][0]),
        "int_drifts_less_matched": of(DRIFT["int_matched"][0], DRIFT["distill_matched"][0]),
        "entropy": of(DRIFT["suffix"][1], DRIFT["int"][1]),
        "filter_keeps_entropy": of(DRIFT["int"][1], DRIFT["no_filter"][1]),
    }
    for claim, value in expected.items():
        assert rows[claim].effect.value == pytest.approx(value), claim
        assert rows[claim].effect.n == 20


def test_a_factor_is_asked_for_by_dividing(complete: Path, rows: dict):
    guided, base = (
        shares(complete / f"{name}.parquet", "hard_train", np.mean)
        for name in ("rollouts/with_intervention-self", "evaluation/base")
    )
    expected = np.mean([guided[problem] / 10 - base[problem] for problem in guided])
    assert rows["self_interventions_tenfold"].effect.value == pytest.approx(expected)
    solved, naive = (
        shares(complete / f"rollouts/{name}.parquet", "hard_train", any) for name in ("with_intervention-self", "naive")
    )
    expected = np.mean([solved[problem] / 2 - naive[problem] for problem in solved])
    assert rows["self_interventions_solve_twice"].effect.value == pytest.approx(expected)


def test_sharpening_is_compared_by_its_change(complete: Path, rows: dict):
    run = Readings(complete)

    def change(arm: str, start: str, problem_set: str) -> pd.Series:
        return run.differing(f"rl-{arm}@40", problem_set) - run.differing(start, problem_set)

    rival = max((("base", "base"), ("distill", "distill")), key=lambda pair: change(*pair, "easy").mean())
    expected = (change("int", "int", "hard_test") - change(*rival, "hard_test")).mean() / 2
    assert rows["int_rl_sharpens_less"].effect.value == pytest.approx(expected)


def test_places_at_random_are_not_in_the_middle(complete: Path, tmp_path: Path, rows: dict):
    """One intervention at every step of a trace: what a uniform place gives."""
    folder = linked(complete, tmp_path / "tree", without="interventions/main.parquet")
    path = "interventions/main.parquet"
    one = next(row for row in read_records(complete / path, Intervention) if row.status == "proposed")
    every = [
        replace(one, intervention_id=f"{size}-{i}", problem_id=f"p{size}", location=i, steps=size)
        for size in (5, 12)
        for i in range(size)
    ]
    write_records(folder / path, every, Intervention)
    for extra in (".verdicts", ".selection"):
        assert (folder / f"interventions/main{extra}.parquet").exists()
    found = {row.measure.id: row for row in judged(folder)}["interventions_mid_trace"]
    assert found.effect.value == pytest.approx(0.0)
    assert found.verdict == "undecided"
    assert rows["interventions_mid_trace"].measure.by_construction


def test_the_world_makes_claims_true_only_with_its_exact_oracle(complete: Path, tmp_path: Path, rows: dict):
    assert rows["intervention_tokens_unlikely"].verdict == BY_CONSTRUCTION
    folder = linked(complete, tmp_path / "tree")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["oracles"]["main"] = {"kind": "language_model"}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    found = {row.measure.id: row for row in judged(folder)}
    assert found["intervention_tokens_unlikely"].verdict == "holds"
    assert BY_CONSTRUCTION not in {row.verdict for row in found.values()}


def test_benchmarks_count_the_same_as_in_tables_2_and_7(complete: Path, tmp_path: Path):
    """A benchmark of 12 problems beside one of 20."""
    folder = linked(complete, tmp_path / "tree")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["evaluation"] |= {"table2": ["easy", "sums"], "table7": {"easy": 1, "sums": 8}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    run, estimator = Readings(folder), Estimator(Readings(folder).config.report)

    def average(after: str, before: str, ks: dict[str, int]) -> Difference:
        sides = [[run.passed(model, name, k) for name, k in ks.items()] for model in (after, before)]
        return estimator.average_gain(*sides)

    found = {row.measure.id: row.effect for row in judged(folder)}
    best = max(("rl-gold@40", "rl-self_refine@40"), key=lambda m: run.passed(m, "hard_test").mean())
    for claim, expected in {
        "int_rl_beats_base_easier_rl": average("rl-int@40", "rl-base_easier@40", {"easy": 1, "sums": 1}),
        "int_rl_beats_gold_self_refine": average("rl-int@40", best, {"easy": 1, "sums": 8}),
    }.items():
        effect = found[claim]
        assert (effect.value, effect.low, effect.high, effect.n) == pytest.approx(
            (expected.value, expected.low, expected.high, 32)
        )


def test_an_average_needs_all_its_benchmarks(complete: Path):
    run = Readings(complete)
    with pytest.raises(NotMeasured, match="needs pass@99 of int on long"):
        run.over({"easy": 1, "long": 99}, "int")


def test_rows_of_one_claim_say_which_part_each_tests():
    by_claim: dict[str, list[str]] = {}
    for measure in MEASURES:
        by_claim.setdefault(measure.claim, []).append(measure.part)
    for claim, parts in by_claim.items():
        assert len(set(parts)) == len(parts), claim
        assert len(parts) == 1 or all(parts), claim
    statements = [claim.statement for claim in paper.claims().values()]
    assert len(set(statements)) == len(statements)
    mixed = [measure for measure in MEASURES if "Table 7" in measure.measured]
    assert len(mixed) == 3
    assert all("pass@1 and pass@8 mixed" in measure.measured for measure in mixed)


def test_what_a_run_lacks_is_said_and_the_rest_is_judged(make_tree: Callable[..., Path], tmp_path: Path):
    tree = make_tree()
    for name in tree.iterdir():
        (tmp_path / name.name).symlink_to(name)
    config = yaml.safe_load((tree / "config.yaml").read_text())
    config["evaluation"]["table7"] = {}
    del config["arms"]["gold"], config["rl"]["arms"]["gold"]
    (tmp_path / "config.yaml").unlink()
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    table = claims(tmp_path).set_index("claim")
    lacking = table.loc["int_beats_rejection", ["verdict", "note"]].tolist()
    assert lacking == [NOT_MEASURED, "needs arm rejection_matched"]
    assert table.loc["int_sft_best_pass_at_k_matched", "verdict"] == NOT_MEASURED
    assert table.loc["int_rl_beats_base_budget", "note"] == "needs arm base_budget of RL"
    assert table.loc["int_beats_hints", "note"] == "needs evaluation.table7"
    assert table.loc["int_lowest_nll", "note"] == "needs arm gold"
    assert table.loc["int_sft_helps", "verdict"] in ("holds", "fails", "undecided")
    empty = claims(make_tree(empty=True))
    assert set(empty["verdict"]) == {NOT_MEASURED}
    assert len(empty) == len(MEASURES)


def test_the_table_gives_words_places_and_what_is_asked(complete: Path):
    table = claims(complete)
    assert list(table.columns[:2]) == ["claim", "verdict"]
    table = table.set_index("claim")
    assert table.loc["suffix_hurts", "part"] == "the whole"
    assert table.loc["int_keeps_easy_matched", "part"] == MATCHED
    assert table.loc["suffix_hurts", "place"] == "section 4.2, Table 1"
    assert table.loc["int_beats_rejection", "place"] == OURS
    assert table.loc["suffix_hurts", "asked"] == "below 0"
    assert table.loc["int_keeps_easy", "asked"].startswith("above -2 pp (")
    assert list(table.index) == [measure.id for measure in MEASURES]
    assert (table["seeds"] == 1).all()
    assert formatted(table.reset_index())["effect"].str.contains("pp").all()


def test_claims_of_the_world_are_judged_on_real_problems_and_where_they_come_out_false(
    make_tree: Callable[..., Path], rows: dict
):
    real = {row.measure.id: row for row in judged(make_tree(kind="files", zero=True))}
    assert BY_CONSTRUCTION not in {row.verdict for row in real.values()}
    assert real["interventions_short"].verdict == "holds"
    made = [row for row in rows.values() if row.measure.by_construction]
    assert {row.verdict for row in made} > {BY_CONSTRUCTION}
    for row in made:
        # Judged like any other; only one that holds is called by another name.
        beyond = (row.effect.value > row.measure.hypothesis.threshold) == (row.measure.hypothesis.side == "above")
        expected = {True: {BY_CONSTRUCTION, "undecided"}, False: {"fails", "undecided"}}
        assert row.verdict in expected[beyond]
        assert row.verdict == "undecided" or row.effect.p_holm <= 0.05


def linked(complete: Path, folder: Path, without: str = "") -> Path:
    """The same run again, in links, but for one file."""
    for path in complete.rglob("*.parquet"):
        link = folder / path.relative_to(complete)
        if str(path.relative_to(complete)) != without:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    (folder / "config.yaml").write_text((complete / "config.yaml").read_text())
    return folder


def test_other_seeds_are_pooled(complete: Path, tmp_path: Path):
    second = Tree(tmp_path / "tree-second")
    second.rng = np.random.default_rng(1)
    folders = [linked(complete, tmp_path / "tree"), second.write()]
    folders.append(linked(complete, tmp_path / "tree-third", without="rollouts/null.parquet"))
    config = yaml.safe_load((folders[0] / "config.yaml").read_text())
    config["companions"] = {name: {"role": "seed", "override": {"seed": 1}} for name in ("second", "third")}
    (folders[0] / "config.yaml").write_text(yaml.safe_dump(config))
    pooled = {row.measure.id: row for row in judged(folders[0])}
    runs = map(Readings, folders)
    gains = [difference(run.guided("with_intervention"), run.passed("base", "hard_train")) for run in runs]
    found, lacking = pooled["conditioning_helps"], pooled["same_model_twice"]
    assert found.effect.value == pytest.approx(np.mean([values.mean() for values in gains]))
    # All have the same world, hence the same problems.
    assert (found.effect.n, found.seeds) == (26, 3)
    assert (lacking.seeds, lacking.note) == (2, "without third, which needs rollouts/null.parquet")
    assert "without second, which needs arm rejection_matched" in pooled["int_beats_rejection"].note


def test_the_second_base_model_is_that_of_the_companion(complete: Path, tmp_path: Path):
    folder = linked(complete, tmp_path / "tree")
    other = linked(complete, tmp_path / "other", without="evaluation/rl-int@40.parquet")
    (other / "evaluation/rl-int@40.parquet").symlink_to(complete / "evaluation/rl-base_easier@40.parquet")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["companions"] = {"other": {"role": "base", "config": "other"}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    found = {row.measure.id: row for row in judged(folder)}
    assert found["int_rl_beats_base_easier_rl_second"].effect.value == 0.0
    assert found["int_rl_beats_base_easier_rl"].effect.value != 0.0
    (other / "evaluation/rl-int@40.parquet").unlink()
    lacking = {row.measure.id: row for row in judged(folder)}["int_rl_beats_base_easier_rl_second"]
    assert (lacking.verdict, lacking.note) == (NOT_MEASURED, "needs evaluation/rl-int@40.parquet")


def test_differences_and_contrasts_are_of_the_problems_on_both_sides():
    one, other = pd.Series({"a": 1.0, "b": 0.0, "c": 2.0}), pd.Series({"c": 2.0, "b": 0.0, "d": 1.0})
    assert contrast(one, other).tolist() == [0.0, 0.0]
    assert contrast(pd.Series({"a": -1e-9}), pd.Series({"a": 2e-9})).tolist() == [-1.0]
    with pytest.raises(NotMeasured, match="no rows"):
        difference(one, pd.Series({"z": 1.0}))
    with pytest.raises(NotMeasured, match="no rows"):
        difference(one, one * math.nan)


def test_the_figure_shows_what_was_measured_in_the_colour_of_its_verdict(complete: Path):
    found = forest(complete)
    figure = forest_plot(found)
    figure.draw_without_rendering()
    axes = figure.axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == len(found) == len(MEASURES)
    assert "InT SFT helps" in labels
    drawn = {line.get_color() for line in axes.lines}
    assert {VERDICTS[verdict].colour for verdict in found["verdict"]} <= drawn
    assert set(found["verdict"]) <= set(VERDICTS)
