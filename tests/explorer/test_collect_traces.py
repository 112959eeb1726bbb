"""What is read of a run's files."""

from pathlib import Path

import pytest

from int_bench.report import collect, collect_traces


@pytest.fixture(scope="session")
def config(run: Path):
    return collect.run_config(run)


def test_examples_of_an_oracle(run: Path, config):
    found, total = collect_traces.examples(run, config, "teacher", 9)
    by_name = {example.record.intervention_id: example for example in found}
    assert total == len(found) == 4
    kept = by_name["sum/0"]
    assert kept.shared == ("Write $1 + 4 + 9 + 16$.\n\n", "The first three give $14$.\n\n")
    assert kept.student.extracted == "31"
    # The first correct rollout, not the first one; without a correct one, the first.
    assert kept.guided.text == "\\boxed{30}"
    assert by_name["root/0"].guided.text == "Still \\boxed{2}"
    assert by_name["attack/0"].guided is None
    assert kept.arms == ("int", "no_filter")
    assert by_name["sum/1"].arms == ()
    assert {name: example.outcome for name, example in by_name.items()} == {
        "sum/0": "kept",
        "sum/1": "duplicate",
        "root/0": "too_few_correct",
        "attack/0": "no_error",
    }


def test_rows_of_another_oracles_arms_have_the_same_ids_and_do_not_count(run: Path, config):
    found, _ = collect_traces.examples(run, config, "self", 9)
    assert {example.fragment: example.arms for example in found} == {"self/sum/0": ("by_self",), "self/attack/0": ()}


def test_no_more_are_read_than_asked_for(run: Path, config):
    two, total = collect_traces.examples(run, config, "teacher", 2)
    everything, _ = collect_traces.examples(run, config, "teacher", 4)
    assert total == 4
    assert two == everything[:2]


def test_partings_of_the_base_model_and_the_last_checkpoint(run: Path, config):
    (parting,) = collect_traces.partings(run, config, 9)
    assert parting.problem.problem_id == "test-0"
    assert parting.shared == ("Double: $2, 4, 8$.\n\n",)
    assert [side.model for side in parting.sides] == ["base", "rl-int@2"]
    assert [side.steps[0] for side in parting.sides] == ["Then $16$.\n\n", "Then $16, 32$.\n\n"]


def test_without_rl_the_arm_itself_and_without_the_arm_nothing(run: Path, config, tmp_path: Path):
    for name in ("problems", "evaluation"):
        (tmp_path / name).mkdir()
        for path in (run / name).iterdir():
            (tmp_path / name / path.name.replace("rl-int@2", "int")).symlink_to(path)
    rl = config.rl.model_copy(update={"arms": {}})
    (parting,) = collect_traces.partings(tmp_path, config.model_copy(update={"rl": rl}), 9)
    assert [side.model for side in parting.sides] == ["base", "int"]
    assert collect_traces.partings(tmp_path, config.model_copy(update={"arms": {}}), 9) == []
