"""Online InT: reinforcement learning that stops every so many steps for interventions on what it still gets wrong.

A later idea than the paper, which intervenes once, before RL. At each stop the model in training rolls out the hard
training problems, an oracle corrects attempts that failed, the filter keeps the steps from which this model reaches the
answer, and the model is fine-tuned on them by the settings of one of the run's arms. Then RL goes on, with an optimiser
and a warm-up that start anew.

What of a training is done is read back after a kill, and what was interrupted goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from int_bench.config import RunConfig
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grader
from int_bench.interventions.guided import different, request_of
from int_bench.interventions.oracles.base import Oracle
from int_bench.interventions.propose import Attempt, chosen_attempts, propose_interventions
from int_bench.interventions.select import select
from int_bench.models import load_model, load_tokenizer
from int_bench.records import Problem, Rollout, TrainingExample, TrainingStep, atomic_path, read_records, write_records
from int_bench.rollouts.sample import Request, Sampler, settings_of
from int_bench.synthetic.problems import student_of
from int_bench.training.curriculum import Curriculum
from int_bench.training.examples import fitting, intervention_examples, some_problems, used
from int_bench.training.rl import PUBLISHED, reinforce
from int_bench.training.sft import fine_tune


@dataclass(frozen=True, slots=True)
class Online:
    """What stays the same over a training: every ``every`` steps the model is fine-tuned as ``arm`` is."""

    config: RunConfig
    arm: str
    every: int
    oracle: Oracle
    grader: Grader

    def train(self, start: str, problems: Sequence[Problem], asked: Curriculum, work: Path) -> list[TrainingStep]:
        """Train the model of the folder ``start``; ``problems`` are intervened upon, ``asked`` is what RL asks.

        Leaves a copy in the work folder's ``published/step-K`` at each checkpoint K above 0.
        """
        logged: list[TrainingStep] = []
        folder = start
        for first in range(0, asked.steps, self.every):
            if first:
                folder = self._intervened(folder, problems, first, work / f"intervened-{first}")
            part = asked.part(first, min(first + self.every, asked.steps))
            place = work / f"from-{first}"
            logged += [replace(row, step=first + row.step) for row in self._reinforced(folder, part, first, place)]
            for step in part.checkpoints:
                folder = str(place / PUBLISHED / f"step-{step}")
                if first + step in asked.checkpoints:
                    with atomic_path(work / PUBLISHED / f"step-{first + step}") as temporary:
                        shutil.rmtree(work / PUBLISHED / f"step-{first + step}", ignore_errors=True)
                        shutil.copytree(folder, temporary, dirs_exist_ok=True)
        return logged

    def rows(self, folder: str, problems: Sequence[Problem], step: int) -> list[TrainingExample]:
        """Training rows from the failed attempts of a folder's model, with draws of their own at each ``step``."""
        config, settings, world = self.config, self.config.arm(self.arm), self.config.problems
        seed = self._seed(step)
        model, tokenizer = load_model(folder), load_tokenizer(folder)
        sampler = Sampler(
            TransformersEngine(model, tokenizer, config.engine.rows),
            tokenizer,
            self.grader,
            settings_of(config.sampling, seed),
            "online",
            verify=False,
            prefix_boxes=config.grading.prefix_boxes,
        )
        chosen_from = some_problems(problems, settings.problems, config.seed)  # those that the arm learns from
        naive = [Request(problem, "hard_train", config.rl.samples) for problem in chosen_from.values()]
        failed = [
            Attempt(row.problem_id, row.rollout_id, row.text) for row in _sampled(sampler, naive) if not row.correct
        ]
        chosen = chosen_attempts([*chosen_from.values()], failed, config.interventions.per_problem, seed)
        written = propose_interventions(
            chosen,
            self.oracle,
            config.interventions.placement,
            config.steps,
            student_of(world.student) if world.kind == "synthetic" else None,
            seed,
        )
        oracle = config.oracle_of_arm(self.arm)
        proposed = [(chosen_from[row.problem_id], row) for row in written if row.status == "proposed"]
        guided = [request_of(config, oracle, problem, row, "with_intervention") for problem, row in different(proposed)]
        found = [(row.intervention_id, row.correct) for row in _sampled(sampler, guided)]
        selections = {row.intervention_id: row for row in select(written, found, config.selection.min_correct)}
        cloned = used(settings, written, selections, seed)
        made = intervention_examples(settings, chosen_from, cloned, [], tokenizer)
        return fitting(made, model.config.max_position_embeddings)[0]

    def _intervened(self, folder: str, problems: Sequence[Problem], step: int, place: Path) -> str:
        """Fine-tune a folder's model on interventions in its own attempts; returns the new model's folder."""
        model, examples = place / "model", place / "examples.parquet"
        if not examples.exists():
            write_records(examples, self.rows(folder, problems, step), TrainingExample)
        if not model.exists():
            fine_tune(
                load_model(folder, to_train=True),
                load_tokenizer(folder),
                read_records(examples, TrainingExample),
                self.config.arm(self.arm).sft,
                self._seed(step),
                place,
                model,
                self.config.training,
            )
        return str(model)

    def _reinforced(self, folder: str, part: Curriculum, first: int, place: Path) -> list[TrainingStep]:
        """Train a folder's model for some steps; returns what was logged, also if that is done."""
        steps = place / "steps.parquet"
        if not steps.exists():
            logged = reinforce(
                load_model(folder, to_train=True),
                load_tokenizer(folder),
                part,
                self.config.rl,
                self.config.engine.rows,
                self.grader,
                self._seed(first),  # draws are keyed by the step of the part
                place,
                self.config.training,
            )
            write_records(steps, logged, TrainingStep)
        return read_records(steps, TrainingStep)

    def _seed(self, step: int) -> int:
        """The seed of what begins at a step: none of another step, nor of a run with a seed near this one's."""
        return self.config.seed + 1000 * step


def _sampled(sampler: Sampler, requests: Sequence[Request]) -> list[Rollout]:
    """All graded rollouts of some requests with equally many samples."""
    prompts = [sampler.prompt(request) for request in requests]
    groups = sampler.engine.generate(prompts, sampler.settings, requests[0].samples) if requests else []
    drawn = [(request, done) for request, group in zip(requests, groups, strict=True) for done in group]
    numbers = [number for group in groups for number in range(len(group))]
    return [
        sampler.rollout(request, number, done, grade)
        for (request, done), number, grade in zip(drawn, numbers, sampler.grade(drawn), strict=True)
    ]
