"""A plan: each rule's work as tokens, hours, memory and disk, and what these numbers rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from int_bench.config import RunConfig, SamplingConfig
from int_bench.machine import cores
from int_bench.plan.cost import sampling_seconds, training_seconds
from int_bench.plan.device import Device, device_of
from int_bench.plan.memory import rule_bytes
from int_bench.plan.seen import Seen, known_speed, seen_of
from int_bench.plan.serving import rl_serving, stage_serving
from int_bench.plan.shape import Shape, shape_of
from int_bench.plan.sizes import Sizes, sizes_of
from int_bench.plan.work import Rule, Sampling, Training, rules_of

# Tokens of a problem in its chat template and of a reference solution. The synthetic world's are those of
# configs/tiny.yaml. The bundled benchmarks have 316 characters a problem; a thousand tokens a solution are a guess.
SYNTHETIC, REAL = (70, 56), (150, 1000)
KEPT = 8  # bytes a token of rollouts: id, log-probability and text, compressed
_JOURNAL = 16  # bytes a token while a stage samples
_CHECKPOINTS = 3 * 12  # bytes a parameter while a model trains: two checkpoints, and the one that is being written


@dataclass(frozen=True, slots=True)
class Line:
    """A rule's counts, its hours of GPUs (on a CPU of cores) and on the wall, and bytes, in the cases of ``CASES``.

    ``memory`` is None on a CPU, hours are NaN where a server samples. ``working`` is disk that a job gives back.
    """

    rule: Rule
    sequences_C: np.ndarray
    read_C: np.ndarray
    generated_C: np.ndarray
    hours_C: np.ndarray
    wall_C: np.ndarray
    kept_C: np.ndarray
    working: float
    memory: float | None
    length: str
    speed: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do; ``units`` GPUs or cores work side by side.

    The origins say how model and machine are known. ``prompt`` and ``reference`` are tokens that are assumed.
    """

    config: RunConfig
    shape: Shape
    shape_origin: str
    device: Device | None
    device_origin: str
    units: int
    prompt: int
    reference: int
    sizes: Sizes
    lines: Sequence[Line]


def plan_of(config: RunConfig, gpu: str | None = None, mean_tokens: int | None = None) -> Plan:
    """The plan of a run on a GPU of that name; ``mean_tokens`` is the length of a trace, by default what was measured.

    Raises UserError for a GPU or a model of which nothing is known.
    """
    shape, shape_origin = shape_of(config)
    device, device_origin = device_of(config, gpu)
    sizes, seen = sizes_of(config), seen_of(config, device)
    estimator = _Estimator(config, shape, device, seen, mean_tokens)
    return Plan(
        config,
        shape,
        shape_origin,
        device,
        device_origin,
        estimator.units,
        estimator.prompt,
        estimator.reference,
        sizes,
        [estimator.line(rule) for rule in rules_of(config, sizes, seen)],
    )


class _Estimator:
    """Turns the work of rules into lines of a plan."""

    def __init__(
        self, config: RunConfig, shape: Shape, device: Device | None, seen: Seen, mean_tokens: int | None
    ) -> None:
        self.config, self.shape, self.device, self.seen, self.mean_tokens = config, shape, device, seen, mean_tokens
        self.prompt, self.reference = SYNTHETIC if config.problems.kind == "synthetic" else REAL
        self.context = min(shape.context, config.engine.vllm.context or shape.context)
        engine, training = config.engine, config.training
        self.units = max(engine.shards * engine.gpus, training.processes) if device else cores()

    def line(self, rule: Rule) -> Line:
        """The line of a rule."""
        sequences_C, read_C, generated_C, seconds_C = np.zeros((4, 3))
        working, lengths, speeds = 0.0, [], []
        for sampling in rule.sampling:
            prompt, new, length = self._tokens(sampling)
            spent_C, speed = self._sampled(sampling, prompt, new, during_training=bool(rule.training))
            sequences_C += sampling.sequences_C
            read_C += sampling.prompts * prompt
            generated_C += sampling.sequences_C * new
            seconds_C += spent_C
            working = max(working, float(sampling.sequences_C.max()) * new * _JOURNAL)
            lengths.append(length)
            speeds.append(speed)
        for training in rule.training:
            tokens, length = self._row(training)
            if training.learned:
                training = replace(training, rows=math.ceil(training.learned / max(1.0, tokens - self.prompt)))
            spent, speed = self._trained(training, tokens)
            read_C += training.rows * tokens
            seconds_C += spent
            lengths.append(length)
            speeds.append(speed)
        kept_C = np.full(3, rule.saved * rule.jobs * 4.0 * self.shape.parameters)
        if rule.training:
            working = min(rule.jobs, self._slots(rule)) * (_CHECKPOINTS + 4.0 * rule.saved) * self.shape.parameters
        else:
            kept_C += generated_C * KEPT
        return Line(
            rule,
            sequences_C,
            read_C,
            generated_C,
            seconds_C / 3600,
            self._wall(rule, seconds_C) / 3600,
            kept_C,
            working,
            self._memory(rule),
            ", ".join(dict.fromkeys(filter(None, lengths))),
            ", ".join(dict.fromkeys(speeds)),
        )

    def _gpus(self, rule: Rule) -> int:
        """GPUs, or cores, that each job of a rule takes."""
        if self.device is None:
            return 1
        return self.config.training.processes if rule.training else self.config.engine.gpus

    def _slots(self, rule: Rule) -> int:
        """Jobs of a rule that run side by side."""
        return max(1, self.units // self._gpus(rule))

    def _wall(self, rule: Rule, seconds_C: np.ndarray) -> np.ndarray:
        """Time on the wall where all jobs of a rule take the same time."""
        return math.ceil(rule.jobs / self._slots(rule)) * seconds_C / (rule.jobs * self._gpus(rule))

    def _memory(self, rule: Rule) -> float | None:
        if self.device is None or not (rule.sampling or rule.training):
            return None
        # A guided rollout begins with up to a whole trace.
        traces = [sampling.settings.max_new_tokens * (2 if sampling.begun else 1) for sampling in rule.sampling]
        sequence = min(self.context, self.prompt + max(traces, default=0))
        rows = [(row.micro, self._longest(row), row.copies) for row in rule.training]
        return rule_bytes(self.config, self.shape, self.device, bool(rule.sampling), sequence, rows)

    def _trace(self, settings: SamplingConfig) -> tuple[float, str]:
        """Mean tokens of a trace, and where they are known from."""
        budget = settings.max_new_tokens
        if self.mean_tokens:
            return min(self.mean_tokens, budget), "given"
        if measured := self.seen.length(settings, guided=False):
            return measured, "measured"
        return budget, "budget"

    def _tokens(self, sampling: Sampling) -> tuple[float, float, str]:
        """Mean tokens of a prompt and of its continuation, and where the latter are known from."""
        trace, length = self._trace(self.config.sampling if sampling.begun else sampling.settings)
        prompt = self.prompt + sampling.begun * trace
        if sampling.begun and not self.mean_tokens and (new := self.seen.length(sampling.settings, guided=True)):
            return prompt, new, "measured"
        return prompt, min(trace, self.context - prompt), length

    def _row(self, training: Training) -> tuple[float, str]:
        """Mean tokens of a row, and where those of its traces are known from, if it has any."""
        trace, length = self._trace(training.settings)
        tokens = self.prompt + training.traces * trace + training.references * self.reference
        return min(tokens, self.context), length if training.traces else ""

    def _longest(self, training: Training) -> float:
        traces = training.longest * training.settings.max_new_tokens
        return min(self.shape.context, self.prompt + traces + training.references * self.reference)

    def _sampled(self, sampling: Sampling, prompt: float, new: float, during_training: bool) -> tuple[np.ndarray, str]:
        """Seconds of all GPUs, or cores, for one file of rollouts or the rollouts of one training."""
        config, sequences_C = self.config, sampling.sequences_C
        if config.engine.name == "http" and not during_training:
            return np.full(3, math.nan), "server"
        jobs, gpus = (config.training.processes, 1) if during_training else (config.engine.shards, config.engine.gpus)
        if during_training and config.rl.generation.kind == "server":
            jobs, gpus = 1, config.training.processes  # which wait for the one server
        # What was measured are the stages' engines; on a CPU that of a training is the same.
        if self.device is None or not during_training:
            known = known_speed("sample", self.shape.parameters, self.device)
            for speed, origin in ((self.seen.speed(), "measured"), (known, "table")):
                if speed:
                    return sequences_C * new / speed * (gpus if self.device else 1), origin
        assert self.device is not None  # the table has a row for the CPU
        serving = rl_serving(config) if during_training else stage_serving(config)
        budget = min(sampling.settings.max_new_tokens, self.context - prompt)
        seconds_C = sampling_seconds(
            self.shape, self.device, serving, sequences_C / jobs, sampling.prompts / jobs, prompt, new, budget
        )
        return seconds_C * jobs * gpus, "roofline"

    def _trained(self, training: Training, tokens: float) -> tuple[float, str]:
        """Seconds of all GPUs, or cores, for one training, without its rollouts."""
        recomputed = self.device is not None and self.config.training.checkpointing
        passes = 3 + training.forwards + int(recomputed)
        if speed := known_speed("train", self.shape.parameters, self.device):
            return training.rows * tokens * passes / 3 / speed, "table"
        assert self.device is not None  # the table has a row for the CPU
        return training_seconds(self.shape, self.device, training.rows, tokens, passes), "roofline"
