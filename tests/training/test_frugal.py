"""The trainer that leaves work out ends where TRL's own does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from trl import GRPOTrainer

from int_bench.config import SamplingConfig
from int_bench.grading import Grade
from int_bench.models import load_model, save_model
from int_bench.training import rl
from int_bench.training.curriculum import curriculum
from int_bench.training.frugal import FrugalTrainer
from int_bench.training.rl import reinforce
from tests.training.test_rl import CONFIG, Lottery

# Stop strings make lengths differ: there are parts of several lengths, and padding to leave out.
VARIED = CONFIG.model_copy(
    update={"prompts": 8, "minibatch_prompts": 4, "sampling": SamplingConfig(max_new_tokens=40, stop=tuple("abc123="))}
)


class Rare(Lottery):
    """A grader that finds one response in fifteen correct, so that most groups have no advantage."""

    def grade(self, response: str, finish_reason: str, gold: str) -> Grade:
        return self.note(sum(map(ord, response)) % 15 == 0)


@pytest.fixture
def both(make_model, tokenizer, problems, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """Train two equal models, one with TRL's trainer and one with ours; returns model, log and tokens of each."""

    def both(config, grader):
        found = []
        save_model(make_model(), tokenizer, tmp_path / "start")  # where a KL term looks for its reference model
        for trainer in (GRPOTrainer, FrugalTrainer):
            computed = 0
            forward = GRPOTrainer._get_per_token_logps_and_entropies

            def counted(self, model, input_ids, *args, forward=forward, **rest):
                nonlocal computed
                computed += input_ids.numel() if torch.is_grad_enabled() else 0
                return forward(self, model, input_ids, *args, **rest)

            with monkeypatch.context() as patch:
                patch.setattr(GRPOTrainer, "_get_per_token_logps_and_entropies", counted)
                patch.setattr(rl, "FrugalTrainer", trainer)
                model, work = load_model(tmp_path / "start", to_train=True), tmp_path / trainer.__name__
                asked = curriculum(problems, config.steps, config.prompts, seed=0)
                found.append((model, reinforce(model, tokenizer, asked, config, 64, grader(), 0, work), computed))
        return found

    return both


@pytest.mark.parametrize("grader", [Lottery, Rare])
@pytest.mark.parametrize("changes", [{}, {"minibatch_prompts": 8}, {"micro_batch": 8}, {"entropy": 0.01}], ids=str)
def test_the_weights_are_those_of_the_trainer_itself(both, distance, changes: dict, grader: type):
    # One step of several updates: in a second one, rounding might let another token be drawn.
    one_step = {"steps": 1, "checkpoints": (0, 1), "minibatch_prompts": 2}
    (model, log, all_tokens), (frugal, frugal_log, tokens) = both(VARIED.model_copy(update=one_step | changes), grader)
    assert distance(model, frugal) < 2e-5
    assert tokens < all_tokens
    assert any(0 < row.reward < 1 for row in log)
    names = ["reward", "all_wrong", "all_right", "clipped", "length", "truncated", "loss", "grad_norm"]
    for one, other in zip(log, frugal_log, strict=True):
        assert [getattr(other, name) for name in names] == pytest.approx(
            [getattr(one, name) for name in names], rel=1e-3, abs=1e-5
        )
        # Ours is that of the model that sampled; within a step it hardly moves.
        assert other.entropy == pytest.approx(one.entropy, rel=0.02)


def test_hardly_anything_is_computed_where_nothing_is_rewarded(both, distance, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Lottery, "grade", lambda self, *_: Grade("wrong", None, "none"))
    (model, _, all_tokens), (frugal, _, tokens) = both(VARIED, Lottery)
    assert distance(model, frugal) == 0.0
    assert tokens < all_tokens / 8


def test_momentum_goes_on_where_a_step_has_no_advantage(both, distance, monkeypatch: pytest.MonkeyPatch):
    # Rewards in the first step alone: the updates that follow have gradients of zero, and still move the weights.
    class First(Lottery):
        def grade(self, response: str, finish_reason: str, gold: str) -> Grade:
            return self.note(len(self.grades) < 32 and len(self.grades) % 3 == 0)

    (model, log, _), (frugal, _, _) = both(VARIED, First)
    assert [row.reward > 0 for row in log] == [True, False, False]
    assert distance(model, frugal) < 2e-5


def test_with_a_kl_term_the_gradient_is_that_of_the_trainer_itself(both):
    # Not the weights: the term's first gradient is rounding alone, which the optimiser scales up.
    changes = {"kl": 0.1, "steps": 1, "checkpoints": (0, 1)}
    (_, log, _), (_, frugal_log, _) = both(VARIED.model_copy(update=changes), Lottery)
    names = ["loss", "grad_norm", "entropy", "kl"]
    assert [getattr(frugal_log[0], name) for name in names] == pytest.approx(
        [getattr(log[0], name) for name in names], rel=1e-3, abs=1e-5
    )
