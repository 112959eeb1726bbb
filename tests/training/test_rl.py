"""Reinforcement learning of a tiny model: what is rewarded, logged and published, and what survives a kill."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import HintsConfig, RLArm, RLConfig, SamplingConfig
from int_bench.engines import Completion
from int_bench.engines.transformers import TransformersEngine
from int_bench.errors import UserError
from int_bench.grading import Grade, Grader
from int_bench.models import load_model
from int_bench.synthetic.world import parse_program
from int_bench.training import rewards
from int_bench.training.curriculum import curriculum
from int_bench.training.rewards import zero_advantage
from int_bench.training.rl import reinforce

CONFIG = RLConfig(
    arms={"base": RLArm()},
    steps=3,
    prompts=4,
    minibatch_prompts=2,
    samples=4,
    learning_rate=1e-3,
    sampling=SamplingConfig(max_new_tokens=8),
    checkpoints=(0, 1, 3),
)


def asked(problems, config: RLConfig = CONFIG, hints: HintsConfig | None = None):
    """What a training by such a configuration asks."""
    return curriculum(problems, config.steps, config.prompts, 0, hints, config.checkpoints)


@dataclass
class Lottery:
    """A grader that finds half of all responses correct, always the same ones."""

    grades: list[bool] = field(default_factory=list)

    def grade(self, response: str, finish_reason: str, gold: str) -> Grade:
        return self.note(zlib.crc32(f"{response}{gold}".encode()) % 2 == 0)

    def grade_many(self, responses: Iterable[tuple[str, str, str]]) -> list[Grade]:
        return [self.grade(*response) for response in responses]

    def note(self, correct: bool) -> Grade:
        self.grades.append(correct)
        return Grade("correct" if correct else "wrong", None, "none")


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=3, max_size=3), min_size=1, max_size=20))
def test_zero_advantage_shares_are_those_of_groups_all_alike(groups: list[list[float]]):
    wrong, right = zero_advantage([reward for group in groups for reward in group], 3)
    assert wrong == pytest.approx(sum(sum(group) == 0 for group in groups) / len(groups))
    assert right == pytest.approx(sum(sum(group) == 3 for group in groups) / len(groups))
    # What is left has an advantage: the paper's ratio is the share of groups with no gradient, by cause.
    mixed = sum(0 < sum(group) < 3 for group in groups) / len(groups)
    assert wrong + right + mixed == pytest.approx(1.0)


@pytest.fixture
def trained(make_model, tokenizer, problems):
    """Train a model in a work folder; returns it, its log and the grader."""

    def trained(work: Path, hints: HintsConfig | None = None, **changes):
        model, grader = make_model(), Lottery()
        config = CONFIG.model_copy(update=changes)
        steps = reinforce(model, tokenizer, asked(problems[:6], config, hints), config, 64, grader, 0, work)
        return model, steps, grader

    return trained


def test_a_step_is_logged_once_with_what_was_rewarded(trained, tmp_path: Path):
    _, steps, grader = trained(tmp_path)
    assert [row.step for row in steps] == [1, 2, 3]
    groups = np.array(grader.grades, dtype=float).reshape(3, 4, 4)
    assert [row.reward for row in steps] == pytest.approx(groups.mean((1, 2)).tolist(), abs=1e-6)
    assert [row.all_wrong for row in steps] == pytest.approx((groups.sum(2) == 0).mean(1).tolist(), abs=1e-6)
    assert [row.all_right for row in steps] == pytest.approx((groups.sum(2) == 4).mean(1).tolist(), abs=1e-6)
    for row in steps:
        assert 0 < row.length <= 8
        assert 0 <= row.truncated <= 1
        assert np.isfinite([row.loss, row.grad_norm, row.entropy, row.clipped, row.learning_rate, row.seconds]).all()


def test_a_reward_for_steps_is_half_for_the_answer(trained, problems, tmp_path: Path, monkeypatch):
    # The model writes no step that can be read; so each problem gets a share of its own.
    monkeypatch.setattr(rewards, "steps_before_error", lambda program, steps: len(program.operations) / 10)
    _, steps, grader = trained(tmp_path, reward="steps")
    groups = np.array(grader.grades, dtype=float).reshape(3, 4, 4)
    programs = [parse_program(text) for text in asked(problems[:6]).texts]
    shares = np.array([len(program.operations) / 10 for program in programs]).reshape(3, 4)
    expected = (groups.mean((1, 2)) + shares.mean(1)) / 2
    assert [row.reward for row in steps] == pytest.approx(expected.tolist(), abs=1e-6)
    assert [row.all_wrong for row in steps] == pytest.approx((groups.sum(2) == 0).mean(1).tolist(), abs=1e-6)


def test_the_configured_checkpoints_are_published(trained, make_model, distance, tmp_path: Path):
    model, _, _ = trained(tmp_path)
    assert {path.name for path in (tmp_path / "published").iterdir()} == {"step-1", "step-3"}
    assert distance(load_model(tmp_path / "published" / "step-3"), model) == 0.0
    assert distance(load_model(tmp_path / "published" / "step-1"), model) > 1e-4
    assert distance(model, make_model()) > 1e-3


@pytest.mark.parametrize("updates", [3, 4])
def test_an_interrupted_training_goes_on_to_the_same_weights(trained, distance, killed_at, tmp_path: Path, updates):
    expected, log, _ = trained(tmp_path / "alone")
    with killed_at(updates):
        trained(tmp_path / "killed")
    assert list((tmp_path / "killed").glob("checkpoint-*"))
    model, steps, grader = trained(tmp_path / "killed")
    assert len(grader.grades) < 3 * 16  # what a checkpoint holds is not sampled again
    assert distance(model, expected) < 1e-5
    assert [row.step for row in steps] == [row.step for row in log]
    assert [row.reward for row in steps] == pytest.approx([row.reward for row in log])
    for name in ("step-1", "step-3"):
        published = [load_model(tmp_path / run / "published" / name) for run in ("alone", "killed")]
        assert distance(*published) < 1e-5


@pytest.mark.parametrize("scale", ["none", "group"])
def test_the_advantage_is_the_reward_minus_the_mean_of_its_group(trained, tmp_path: Path, monkeypatch, scale: str):
    # At the first update the policy is the one that sampled, so the loss is minus the advantages' mean over tokens.
    said: list[Completion] = []
    generate = TransformersEngine.generate

    def recorded(self, *args, **kwargs):
        groups = generate(self, *args, **kwargs)
        said.extend(completion for group in groups for completion in group)
        return groups

    monkeypatch.setattr(TransformersEngine, "generate", recorded)
    # Stop strings make lengths differ within a group, or all advantages would weigh the same.
    sampling = SamplingConfig(max_new_tokens=60, stop=tuple("abc123456="))
    changes = {"steps": 1, "checkpoints": (0, 1), "minibatch_prompts": 4, "sampling": sampling, "scale": scale}
    _, steps, grader = trained(tmp_path, **changes)
    rewards = np.array(grader.grades, dtype=float).reshape(4, 4)
    lengths = np.array([len(completion.token_ids) for completion in said]).reshape(4, 4)
    centred = rewards - rewards.mean(1, keepdims=True)
    scaled = centred / (rewards.std(1, ddof=1, keepdims=True) + 1e-4)
    expected = {
        name: -(advantages * lengths).sum() / lengths.sum()
        for name, advantages in (("none", centred), ("group", scaled))
    }
    assert abs(expected["none"] - expected["group"]) > 0.01  # the rewards drawn tell the two apart
    assert steps[0].loss == pytest.approx(expected[scale], abs=1e-3)


class Integrals(Grader):
    """The real grader, of answers that only its worker processes decide; the trainer's thread waits for them."""

    def grade_many(self, responses: Iterable[tuple[str, str, str]]) -> list[Grade]:
        limits = [zlib.crc32(response.encode()) % 3 + 1 for response, _, _ in responses]
        return super().grade_many((rf"\boxed{{\int_0^{{{n}}} 2x\,dx}}", "stop", "4") for n in limits)


def test_the_workers_of_the_grader_serve_the_trainer(make_model, tokenizer, problems, tmp_path: Path):
    with Integrals(workers=2) as grader:
        steps = reinforce(make_model(), tokenizer, asked(problems), CONFIG, 64, grader, 0, tmp_path)
        methods = {
            grade.method for grade in grader.grade_many([("a", "stop", ""), ("b", "stop", ""), ("c", "stop", "")])
        }
    assert methods == {"math_verify"}
    assert len(steps) == 3
    assert 0 < sum(row.reward for row in steps) < 3


def test_without_a_correct_rollout_nothing_is_learned(trained, make_model, distance, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(Lottery, "grade", lambda self, *_: Grade("wrong", None, "none"))
    model, steps, _ = trained(tmp_path)
    assert [(row.reward, row.all_wrong, row.all_right) for row in steps] == [(0.0, 1.0, 0.0)] * 3
    assert distance(model, make_model()) == 0.0


@pytest.mark.parametrize("count", [3, 4, 5])
def test_problems_take_turns_whatever_the_size_of_the_set(
    make_model, tokenizer, problems, tmp_path: Path, monkeypatch, count: int
):
    met: list[str] = []
    generate = TransformersEngine.generate

    def recorded(self, prompts, *args, **kwargs):
        met.extend(prompt.key.split("/")[-1] for prompt in prompts)
        return generate(self, prompts, *args, **kwargs)

    monkeypatch.setattr(TransformersEngine, "generate", recorded)
    reinforce(make_model(), tokenizer, asked(problems[:count]), CONFIG, 64, Lottery(), 0, tmp_path)
    assert len(met) == 3 * 4
    for start in range(0, 12 - count + 1, count):
        assert sorted(met[start : start + count]) == [problem.problem_id for problem in problems[:count]]


def test_a_micro_batch_that_does_not_divide_the_share_of_a_process_is_refused(trained, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(UserError, match=r"^rl\.micro_batch: 4 does not divide the 6 rows of a batch that each process"):
        trained(tmp_path, samples=6, minibatch_prompts=4, micro_batch=4)


def test_hints_stand_in_the_prompts_that_are_sampled_and_graded(trained, distance, killed_at, tmp_path, monkeypatch):
    met: list[str] = []
    generate = TransformersEngine.generate

    def recorded(self, prompts, *args, **kwargs):
        met.extend(self.tokenizer.decode(prompt.token_ids) for prompt in prompts)
        return generate(self, prompts, *args, **kwargs)

    monkeypatch.setattr(TransformersEngine, "generate", recorded)
    hints = HintsConfig(schedule="annealed", share=(1.0, 0.0), style="compact")
    expected, log, _ = trained(tmp_path / "alone", hints)
    shown = ["We get" in text for text in met]
    assert shown == [True] * 8 + [False] * 4  # the last of three steps shows nothing
    # What a resumed training shows is what it would have shown.
    with killed_at(3):
        trained(tmp_path / "killed", hints)
    met.clear()
    model, steps, _ = trained(tmp_path / "killed", hints)
    assert 0 < sum("We get" in text for text in met) <= 8
    assert distance(model, expected) < 1e-5
    assert [row.reward for row in steps] == pytest.approx([row.reward for row in log])
