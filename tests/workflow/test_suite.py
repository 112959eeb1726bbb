"""Which rules of the ablation suite a command line asks for, as dry runs say it."""

from __future__ import annotations

import re

import pytest

from int_bench.config import load_ablations
from tests.smoke.conftest import ROOT, Workplace, workplace

SUITE = load_ablations(ROOT / "configs" / "ablations.yaml")
PROBLEMS = [name for name, ablation in SUITE.items() if ablation.sweep == "problems"]
QUICK = [name for name, ablation in SUITE.items() if ablation.quick]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return workplace(tmp_path_factory.mktemp("suite"))


def dry_run(place: Workplace, *asked: str) -> str:
    return place.run("snakemake", "-n", "-p", *asked).stdout


@pytest.mark.parametrize(
    ("asked", "command", "names"),
    [
        (["sweep_problems"], "figure tiny", PROBLEMS),
        (["figures/tiny/ablations/problems.png"], "figure tiny", PROBLEMS),
        # As a job on a cluster names it.
        (["--target-jobs", "sweep_problems:"], "figure tiny", PROBLEMS),
        (["sweep_problems", "ablation_problems_8"], "figure tiny", PROBLEMS),
        (["results/smoke/ablations/quick.csv", "--config", "run=smoke"], "table smoke", QUICK),
        (["figure_quick", "--config", "run=smoke"], "overview smoke", QUICK),
    ],
)
def test_what_is_drawn_or_tabled_of_several_is_of_all(
    place: Workplace, asked: list[str], command: str, names: list[str]
):
    said = dry_run(place, *asked)
    assert f"int-bench ablation {command} {' '.join(names)} --to" in said


def test_an_ablation_whose_name_is_part_of_another_is_not_asked_for_with_it(place: Workplace):
    # The run lacks what `compute_rejection` compares.
    said = dry_run(place, "ablation_compute_rejection_rl", "--config", "run=smoke")
    assert "int-bench ablation table smoke compute_rejection_rl --to" in said


def test_an_ablation_is_made_in_every_seed_of_the_run_and_in_no_other_companion(place: Workplace):
    said = dry_run(place, "ablation_mask_end", "--config", "run=small")
    made = set(re.findall(r"int-bench sft (tiny\S*mask_end) int ", said))
    assert made == {"tiny-mask_end", "tiny-seed1-mask_end", "tiny-world1-mask_end"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["ablation_kll"], "no 'ablation_kll' in configs/ablations.yaml; did you mean 'ablation_kl'?"),
        (["sweep_problem"], "no 'sweep_problem' in configs/ablations.yaml; did you mean 'sweep_problems'?"),
        (["ablation_kl", "--config", "run=smoke"], "ablation kl changes nothing that 'rl-int' of run smoke depends on"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(place: Workplace, asked: list[str], message: str):
    done = place.run("snakemake", "-n", *asked, check=False)
    assert done.returncode
    assert done.stderr.strip() == message


def test_a_suite_that_a_run_cannot_make_says_what_to_do(place: Workplace):
    done = place.run("snakemake", "-n", "design", "--config", "run=smoke", check=False)
    assert done.returncode
    assert re.fullmatch(r"ablation \w+: run smoke has no '\w+'.* name single ablations\)\n", done.stderr)


def test_two_ablations_whose_rules_would_have_one_name_are_refused(place: Workplace):
    with (place.folder / "configs" / "ablations.yaml").open("a") as suite:
        suite.write("seed1_mask_end: {base: int, question: '?', override: {arms: {int: {end: true}}}}\n")
    with pytest.raises(
        AssertionError, match="ablation seed1_mask_end: its rules would have the names of others, seed1_mask_end_"
    ):
        dry_run(place, "ablation_mask_end", "ablation_seed1_mask_end", "--config", "run=small")
