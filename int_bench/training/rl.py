"""Reinforcement learning with TRL's GRPOTrainer.

Where it departs from the paper (Table 3, verl):

1. The embedded engine samples the rollouts, with draws keyed by step, problem and sample; so a training that was killed
   and resumed samples what it would have sampled.
2. A step is one batch of rollouts, as in verl; it holds ``prompts / minibatch_prompts`` optimiser updates. Each update
   takes an equal share of the rollouts at random, so a group may be divided between updates; its advantages are not.
3. The loss of an update is the sum over its tokens, divided by its equal share of the batch's tokens (TRL's "dapo"),
   where verl divides by the update's own number of tokens.
4. The order of problems for the whole training is drawn beforehand: the trainer's own sampler starts its shuffling over
   after a resume.

As in the paper the advantage is the reward minus the group's mean, not divided by its standard deviation, and the
reward is 1 for a correct answer and 0 for anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from int_bench.config import RLConfig
from int_bench.engines import Prompt
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grader
from int_bench.models import save_model
from int_bench.progress import track
from int_bench.records import Problem, TrainingStep
from int_bench.rollouts.chat import open_turn
from int_bench.rollouts.sample import settings_of
from int_bench.training.checkpoints import Report, last_checkpoint, training_steps


def zero_advantage(rewards: Sequence[float | None], samples: int) -> tuple[float, float]:
    """Shares of groups whose rollouts are all wrong (the paper's zero-advantage ratio) and all right.

    >>> zero_advantage([0, 0, 1, 0, 1, 1], samples=2)
    (0.3333333333333333, 0.3333333333333333)
    """
    groups = np.asarray(rewards, dtype=float).reshape(-1, samples)
    return float((groups == 0).all(1).mean()), float((groups == 1).all(1).mean())


def problem_order(problems: int, prompts: int, rng: np.random.Generator) -> list[int]:
    """Which problem each prompt of a training takes: one random pass over all problems after another.

    >>> order = problem_order(3, 7, np.random.default_rng(0))
    >>> sorted(order[:3]), sorted(order[3:6]), len(order)
    ([0, 1, 2], [0, 1, 2], 7)
    """
    passes = -(-prompts // problems)
    return np.concatenate([rng.permutation(problems) for _ in range(passes)])[:prompts].tolist()


def reinforce(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    problems: Sequence[Problem],
    config: RLConfig,
    rows: int,
    grader: Grader,
    seed: int,
    work: Path,
    published: Path,
) -> list[TrainingStep]:
    """Train the model in place, leaving a copy at each step named by the configuration in ``published/step-K``.

    Goes on from the work folder's last checkpoint; ``rows`` sequences are decoded together.
    """
    known = {problem.text: problem for problem in problems}
    engine = TransformersEngine(model, tokenizer, rows)

    def rollouts(prompts: list[str], trainer: GRPOTrainer) -> dict[str, Any]:
        step = trainer.state.global_step // config.updates_per_step
        # The trainer repeats a prompt once for each sample; the engine shares the prefill of equal prompts.
        distinct = prompts[:: config.samples]
        keyed = [
            Prompt(f"rl/{step}/{i}/{known[text].problem_id}", open_turn(tokenizer, text))
            for i, text in enumerate(distinct)
        ]
        groups = engine.generate(keyed, settings_of(config.sampling, seed), config.samples)
        done = [completion for group in groups for completion in group]
        return {
            "prompt_ids": [list(prompt.token_ids) for prompt in keyed for _ in range(config.samples)],
            "completion_ids": [list(completion.token_ids) for completion in done],
            "logprobs": [list(completion.logprobs) for completion in done],
            "response": [completion.text for completion in done],
            "finish_reason": [completion.finish_reason for completion in done],
        }

    def reward(prompts: list[str], log_metric: Any, **columns: Any) -> list[float | None]:
        golds = [known[prompt].answer for prompt in prompts]
        grades = grader.grade_many(zip(columns["response"], columns["finish_reason"], golds, strict=True))
        scores: list[float | None] = [float(grade.correct) for grade in grades]
        all_wrong, all_right = zero_advantage(scores, config.samples)
        log_metric("all_wrong", all_wrong)
        log_metric("all_right", all_right)
        return scores

    micro = config.micro_batch or config.minibatch_prompts * config.samples
    arguments = GRPOConfig(
        output_dir=str(work),
        max_steps=config.steps * config.updates_per_step,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=config.minibatch_prompts * config.samples // micro,
        steps_per_generation=config.prompts * config.samples // micro,
        num_generations=config.samples,
        max_completion_length=config.sampling.max_new_tokens,
        temperature=config.sampling.temperature,
        learning_rate=config.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=config.warmup_steps * config.updates_per_step,
        scale_rewards="none",
        loss_type="dapo",
        epsilon=config.clip_low,
        epsilon_high=config.clip_high,
        beta=config.kl,
        entropy_coef=config.entropy,
        logging_steps=config.updates_per_step,
        save_steps=config.updates_per_step * max(1, config.steps // 8),
        save_total_limit=2,
        shuffle_dataset=False,
        seed=seed,
        data_seed=seed,
        bf16=torch.cuda.is_available(),
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=torch.cuda.is_available(),
        dataloader_pin_memory=False,
        disable_tqdm=True,
        report_to="none",
    )
    order = problem_order(len(problems), config.steps * config.prompts, np.random.default_rng([seed, 2]))
    data = Dataset.from_dict({"prompt": [problems[i].text for i in order]})
    with track("reinforcement learning", arguments.max_steps) as progress:
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=reward,
            args=arguments,
            train_dataset=data,
            processing_class=tokenizer,
            rollout_func=rollouts,
            callbacks=[Report(progress), Publish(tokenizer, config, published)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
    return training_steps(trainer.state.log_history, config.updates_per_step)


class Publish(TrainerCallback):
    """Saves the weights at the steps that the configuration names."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, config: RLConfig, folder: Path) -> None:
        self.tokenizer, self.config, self.folder = tokenizer, config, folder

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        """Called by the trainer after each update."""
        step, rest = divmod(state.global_step, self.config.updates_per_step)
        if rest == 0 and step in self.config.checkpoints:
            save_model(model, self.tokenizer, self.folder / f"step-{step}")
