"""What each rule does: job counts of the workflow itself, and sequences counted by hand."""

import re

import numpy as np
import pytest

from int_bench.config import load, override_of
from int_bench.layout import evaluated_models
from int_bench.plan.estimate import plan_of
from int_bench.plan.seen import Seen
from int_bench.plan.sizes import sizes_of
from int_bench.plan.work import Rule, attempts, rules_of
from tests.smoke.conftest import ROOT, Workplace, workplace

CONFIGS, RULES = ROOT / "configs", ROOT / "rules"
RUNS = sorted(path.stem for path in CONFIGS.glob("*.yaml") if path.stem != "ablations")


def rules(name: str, *overrides: str) -> dict[str, Rule]:
    config = load(CONFIGS / f"{name}.yaml", override_of(overrides))
    return {rule.name: rule for rule in rules_of(config, sizes_of(config), Seen())}


def sequences(rule: Rule) -> list[float]:
    return np.sum([sampling.sequences_C for sampling in rule.sampling], axis=0).tolist()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A place in which nothing has run."""
    return workplace(tmp_path_factory.mktemp("empty"))


def alone(planned: dict[str, int]) -> dict[str, int]:
    """The rules of a run without those of its companions, whose names have a prefix."""
    known = {path.stem: set(re.findall(r"^ *rule (\w+):", path.read_text(), re.M)) for path in RULES.glob("*.smk")}
    names = {"all", "total"}.union(*known.values())
    return {rule: jobs for rule, jobs in planned.items() if rule in names}


@pytest.mark.parametrize("name", RUNS)
def test_jobs_are_those_of_the_workflow(empty: Workplace, name: str):
    planned = alone(empty.planned(run=name))
    found = {rule.name: rule.jobs for rule in rules(name).values()}
    assert {**found, "all": 1} == {rule: jobs for rule, jobs in planned.items() if rule != "total"}


@pytest.mark.parametrize(
    ("name", "overrides"),
    [
        ("smoke", ["engine={shards: 3}"]),
        ("paper-e3", ["engine={shards: 4, gpus: 2}", "training={processes: 8}"]),
        ("smoke", ["rl={arms: {base: {int_budget: true}}, steps: 4, checkpoints: [0, 1, 4]}"]),
    ],
)
def test_jobs_are_those_of_the_workflow_with_overrides(empty: Workplace, name: str, overrides: list[str]):
    planned = alone(empty.planned(*overrides, run=name))
    found = {rule.name: rule.jobs for rule in rules(name, *overrides).values()}
    assert {**found, "all": 1} == {rule: jobs for rule, jobs in planned.items() if rule != "total"}


def test_the_sequences_of_the_tiny_run_are_those_its_stages_count():
    # As `all_rollouts` of the manifests of mining, null and base's evaluation; the filter met 70 different
    # interventions and so counted 70 x 32.
    found = rules("tiny")
    assert sequences(found["mine"]) == [900 * 4, 900 * 128, 900 * 128]
    # Twice 64 samples a problem, and for rejection sampling as many as the filter may draw: two attempts, 32 each.
    assert sequences(found["sample"]) == [(64 + 64 + 2 * 32) * 64] * 3
    # The base model refines each attempt four times.
    assert sequences(found["solutions"]) == [4 * 128] * 3
    # Six oracles, of which each says one thing of 128 attempts; three of them are the base model.
    assert sequences(found["propose"]) == [3 * 128] * 3
    assert sequences(found["judge"]) == [6 * 128] * 3
    assert sequences(found["filter"]) == [6 * 128 * 4, 6 * 128 * 32, 6 * 128 * 32]
    assert sequences(found["guide"]) == [128 * 32 + 6 * 128 * 28, 128 * 32, 128 * 32]
    assert found["evaluate"].sampling[0].sequences_C.tolist() == [12 * 64 * 16 + 64 * 64 + 64 * 128] * 3
    models = list(evaluated_models(load(CONFIGS / "tiny.yaml")))
    middle = found["evaluate"].sampling[models.index("rl-base@20")]
    assert middle.sequences_C.tolist() == [5 * 64 * 16 + 64 * 128] * 3
    # Twelve arms, of which one has as many rollouts more as the filter of InT may draw.
    assert sequences(found["rl"]) == [12 * 60 * 16 * 8 + 128 * 32] * 3


def test_the_rows_of_the_tiny_run_are_counted_by_epochs():
    config = load(CONFIGS / "tiny.yaml")
    sft = dict(zip(config.arms, rules("tiny")["sft"].training, strict=True))
    for name, row in sft.items():
        arm = config.arms[name]
        assert row.rows == (arm.sft.epochs or 1) * (64 if arm.solutions else 128)
        assert row.learned == arm.sft.trained_tokens
    assert (sft["int"].longest, sft["suffix"].longest, sft["distill"].longest, sft["gold"].references) == (1, 2, 1, 1)


def test_an_arm_of_so_many_tokens_passes_over_as_many_rows_as_have_them():
    def read(arm: str) -> float:
        overrides = f"arms={{{arm}: null}}"
        whole, without = (
            next(line for line in plan_of(config, mean_tokens=100).lines if line.rule.name == "sft").read_C[0]
            for config in (load(CONFIGS / "tiny.yaml"), load(CONFIGS / "tiny.yaml", override_of([overrides])))
        )
        return whole - without

    # Both learn from 4,700 tokens: a trace has 100 beside a problem of 70, a reference 56 beside it.
    assert read("distill_matched") - read("gold_matched") == 47 * 170 - 84 * 126


def test_the_paper_run_is_counted_by_hand():
    found = rules("paper-e3")
    least, expected, most = sequences(found["mine"])
    assert (least, most) == (2500 * 4, 2500 * 32)
    assert least < expected < most
    # 430 problems in seven benchmarks, 30 of them in the held-out one
    whole, arms, middle = 10 * (128 * 128 + 430 * 8), 3 * (128 * 128 + 30 * 8), 6 * (64 * 128 + 30 * 8)
    assert sequences(found["evaluate"]) == [whole + arms + middle] * 3
    assert [row.forwards for row in found["rl"].training] == [2] * 5  # two updates a step, and a KL term
    assert [row.micro for row in found["rl"].training] == [1] * 5


def test_a_pool_has_its_own_number_of_samples():
    found = rules("paper-qwen3")
    assert sequences(found["mine"])[-1] == 54_000 * 64 + 50_000 * 64 + 4_428 * 128 + 360 * 64


def test_the_filter_cannot_stop_before_there_are_enough():
    least, _, most = sequences(rules("tiny", "selection.min_correct=5")["filter"])
    assert (least, most) == (6 * 128 * 8, 6 * 128 * 32)


def test_a_server_that_is_an_oracle_samples_nothing_here():
    served = "oracles.self.chat.engine={name: http}"
    assert sequences(rules("tiny", served)["propose"]) == [2 * 128] * 3
    assert sequences(rules("paper-qwen3")["propose"]) == [(295 + 295 * 4) * 4] * 3


def test_no_more_attempts_are_shown_than_there_are():
    config = load(CONFIGS / "tiny.yaml", override_of(["hard_set.samples=1"]))
    assert attempts(config) == 64


def test_a_size_that_nobody_knows_is_named():
    overrides = ["problems.pools={deepscaler: mathodyssey}", "hard_set.samples=32"]
    sizes = sizes_of(load(CONFIGS / "paper-e3.yaml", override_of(overrides)))
    assert (sizes.unknown, sizes.pools) == (["deepscaler"], {"deepscaler": 0})


def test_a_file_of_problems_is_counted():
    assert sizes_of(load(CONFIGS / "real-smoke.yaml")).pools == {"math": 12}
