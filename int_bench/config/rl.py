"""The section ``rl``: GRPO, its arms, and what samples its rollouts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from int_bench.config.engines import SamplingConfig
from int_bench.config.section import Count, Fraction, Name, Positive, Section, without_null


class GenerationConfig(Section):
    """What samples the rollouts of RL (see ``training/generation.py``).

    ``memory`` is vLLM's share of each GPU where it shares it, ``context`` the longest prompt and completion there, by
    default the model's own. ``url`` is where ``trl vllm-serve`` listens.
    """

    kind: Literal["embedded", "colocate", "server"] = "embedded"
    memory: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.3
    context: Positive | None = None
    url: str = "http://127.0.0.1:8000"


class HintsConfig(Section):
    """A hint before each problem: the beginning of its reference solution, ``share`` of its words.

    The share goes from the first of the two ends to the second over the training ("annealed"), or is drawn between them
    for each prompt ("uniform"); see ``training/hints.py``. The ``style`` "compact" is for the taught model.
    """

    schedule: Literal["annealed", "uniform"]
    share: tuple[Fraction, Fraction]
    style: Literal["full", "compact"] = "full"


class AgainConfig(Section):
    """Interventions in the middle of RL, ``every`` so many steps, cloned as the run's ``arm`` clones its own.

    See ``training/online.py``.
    """

    every: Positive
    arm: Name


class RLArm(Section):
    """One training with RL: from the model ``start``, by default the one that has its name, on the hard training set.

    With ``easier`` the run's easier problems are added (section 6.3: 1,152 of DAPO). With ``int_budget`` it gets as
    many more steps as the filter of InT may sample rollouts for. With ``again`` it stops for new interventions. Without
    ``curve`` the models of its middle are not kept: it has no line in the figures over steps. Without ``benchmarks``
    the last one is evaluated on the hard sets and the held-out benchmark alone, and without ``pass_at_k`` with as
    many samples of a hard problem as of any other.
    """

    start: Name | None = None
    easier: bool = False
    hints: HintsConfig | None = None
    int_budget: bool = False
    again: AgainConfig | None = None
    curve: bool = True
    benchmarks: bool = True
    pass_at_k: bool = True


class RLConfig(Section):
    """GRPO (Table 3). A step samples ``prompts`` x ``samples`` rollouts and makes an update for each mini-batch.

    The ``reward`` is for the answer alone, or with "steps" half of it is the share of steps before the first error (see
    ``training/rewards.py``). The ``scale`` of advantages is that of the rewards, or with "group" each is divided by its
    group's deviation.
    """

    arms: dict[Name, RLArm]
    steps: Positive
    prompts: Positive = 32
    minibatch_prompts: Positive = 16
    micro_batch: Positive | None = None
    samples: Positive = 8
    learning_rate: Annotated[float, Field(gt=0.0)]
    warmup_steps: Count = 0
    clip_low: Fraction = 0.2
    clip_high: Fraction = 0.35
    reward: Literal["answer", "steps"] = "answer"
    scale: Literal["none", "group"] = "none"
    kl: Annotated[float, Field(ge=0.0)] = 0.0
    entropy: Annotated[float, Field(ge=0.0)] = 0.0
    sampling: SamplingConfig = SamplingConfig()
    generation: GenerationConfig = GenerationConfig()
    checkpoints: tuple[Count, ...]

    @model_validator(mode="after")
    def _divides(self) -> RLConfig:
        if self.prompts % self.minibatch_prompts:
            raise ValueError(f"minibatch_prompts {self.minibatch_prompts} does not divide prompts {self.prompts}")
        if self.micro_batch and (self.minibatch_prompts * self.samples) % self.micro_batch:
            raise ValueError(f"micro_batch {self.micro_batch} does not divide minibatch_prompts x samples")
        if list(self.checkpoints) != sorted({0, *self.checkpoints, self.steps}):
            raise ValueError(f"checkpoints must rise from 0 to steps = {self.steps}, got {list(self.checkpoints)}")
        return self

    @property
    def updates_per_step(self) -> int:
        """Optimiser updates a step."""
        return self.prompts // self.minibatch_prompts

    _without_null = field_validator("arms", mode="before")(without_null)

    def start_of(self, name: str) -> str:
        """The model that an arm of RL starts from."""
        return self.arms[name].start or name
