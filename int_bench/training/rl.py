"""Reinforcement learning with TRL's GRPOTrainer, spared of what adds nothing to the loss (``frugal.py``).

Where it departs from the paper (Table 3, verl):

1. Rollouts are sampled with draws keyed by step, problem and sample, as ``generation.py`` says; so a training that was
   killed and resumed samples what it would have sampled.
2. A step is one batch of rollouts, as in verl; it holds ``prompts / minibatch_prompts`` optimiser updates. Each update
   takes an equal share of the rollouts at random, so a group may be divided between updates; its advantages are not.
3. The loss of an update is the sum over its tokens, divided by its equal share of the batch's tokens (TRL's "dapo"),
   where verl divides by the update's own number of tokens.
4. The prompts of the whole training are drawn beforehand (``curriculum.py``), hints included: the trainer's own sampler
   starts its shuffling over after a resume.
5. Hints are not in the paper: they stand in the prompts of training alone (``hints.py``).
6. Where vLLM samples, each token's loss is weighted by what vLLM's probability of it is off from the trained model's
   (TRL's importance sampling correction, with its defaults).

As in the paper the advantage is the reward minus the group's mean, not divided by its standard deviation unless a run
asks for it, and the reward is 1 for a correct answer and 0 for anything else, unless a run asks for steps
(``rewards.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import GRPOConfig

from int_bench.config import RLConfig, TrainingConfig
from int_bench.grading import Grader
from int_bench.progress import track
from int_bench.records import TrainingStep
from int_bench.training.checkpoints import Report, last_checkpoint, training_steps
from int_bench.training.curriculum import Curriculum
from int_bench.training.frugal import FrugalTrainer
from int_bench.training.generation import Generation
from int_bench.training.machine import common_arguments, micro_batch, per_process, publish
from int_bench.training.rewards import with_steps, zero_advantage

_ALONE = TrainingConfig()
PUBLISHED = "published"


def reinforce(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    asked: Curriculum,
    config: RLConfig,
    rows: int,
    grader: Grader,
    seed: int,
    work: Path,
    machine: TrainingConfig = _ALONE,
) -> list[TrainingStep]:
    """Train the model in place, leaving a copy in the work folder's ``published/step-K`` at each checkpoint K above 0.

    Goes on from the work folder's last checkpoint; ``rows`` sequences are decoded together.
    """

    def reward(prompts: list[str], log_metric: Any, **columns: Any) -> list[float | None]:
        problems, traces = [asked.problems[prompt] for prompt in prompts], columns["response"]
        golds = [problem.answer for problem in problems]
        grades = grader.grade_many(zip(traces, columns["finish_reason"], golds, strict=True))
        correct = [float(grade.correct) for grade in grades]
        all_wrong, all_right = zero_advantage(correct, config.samples)
        log_metric("all_wrong", all_wrong)
        log_metric("all_right", all_right)
        if config.reward == "steps":
            texts = [problem.text for problem in problems]
            return [with_steps(*each) for each in zip(correct, texts, traces, strict=True)]
        return [*correct]

    arguments = _arguments(config, asked.steps, work, seed, machine)
    with track("reinforcement learning", arguments.max_steps) as progress:
        trainer = FrugalTrainer(
            model=model,
            reward_funcs=reward,
            args=arguments,
            train_dataset=Dataset.from_dict({"prompt": asked.texts}),
            processing_class=tokenizer,
            rollout_func=Generation(config, tokenizer, asked.problems, rows, seed),
            callbacks=[Report(progress)],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(Publish(trainer, tokenizer, config.updates_per_step, asked.checkpoints, work / PUBLISHED))
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
    return training_steps(trainer.state.log_history, config.updates_per_step)


def _arguments(config: RLConfig, steps: int, work: Path, seed: int, machine: TrainingConfig) -> GRPOConfig:
    per_process("rl.prompts", config.prompts)  # so that a group is not divided among processes
    share = per_process("rl.minibatch_prompts x rl.samples", config.minibatch_prompts * config.samples)
    micro = micro_batch("rl.micro_batch", config.micro_batch, share)
    return GRPOConfig(
        **common_arguments(work, seed, machine),
        max_steps=steps * config.updates_per_step,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=share // micro,
        steps_per_generation=share * config.updates_per_step // micro,
        num_generations=config.samples,
        max_completion_length=config.sampling.max_new_tokens,
        temperature=config.sampling.temperature,
        learning_rate=config.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=config.warmup_steps * config.updates_per_step,
        scale_rewards=config.scale,
        loss_type="dapo",
        epsilon=config.clip_low,
        epsilon_high=config.clip_high,
        beta=config.kl,
        entropy_coef=config.entropy,
        use_vllm=config.generation.kind != "embedded",
        vllm_mode="server" if config.generation.kind == "server" else "colocate",
        vllm_server_base_url=config.generation.url,
        vllm_gpu_memory_utilization=config.generation.memory,
        vllm_max_model_length=config.generation.context,
        top_p=config.sampling.top_p,
        top_k=config.sampling.top_k,
        logging_steps=config.updates_per_step,
        save_steps=config.updates_per_step * max(1, steps // 8),
        save_total_limit=2,
        shuffle_dataset=False,
    )


class Publish(TrainerCallback):
    """Writes the model at some steps, each of which holds several updates."""

    def __init__(
        self,
        trainer: FrugalTrainer,
        tokenizer: PreTrainedTokenizerBase,
        updates_per_step: int,
        steps: Sequence[int],
        folder: Path,
    ) -> None:
        self.trainer, self.tokenizer, self.folder = trainer, tokenizer, folder
        self.updates_per_step, self.steps = updates_per_step, steps

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Called by the trainer after each update."""
        step, rest = divmod(state.global_step, self.updates_per_step)
        if rest == 0 and step in self.steps:
            publish(self.trainer, self.tokenizer, self.folder / f"step-{step}")
