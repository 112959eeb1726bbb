"""The sections of a run's configuration: frozen and validated, with every default and the paper's section for it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from int_bench.config.chats import is_base
from int_bench.config.engines import EngineConfig, SamplingConfig
from int_bench.config.oracles import OF_THE_WORLD, JudgeConfig, OracleConfig
from int_bench.config.problems import FamilyConfig, FileProblems, SyntheticProblems
from int_bench.config.section import ConfigError, Count, Fraction, Name, Positive, Section, nearest


class Architecture(Section):
    """Shape of a Qwen3 model that is made here rather than fetched; a head's width is by default its share."""

    hidden: Positive = 128
    intermediate: Positive = 384
    layers: Positive = 3
    heads: Positive = 4
    kv_heads: Positive = 2
    head_dim: Positive | None = None
    context: Positive = 512


class TaughtModel(Section):
    """A base model trained from nothing on the flawed student's traces; ``mixture`` weighs the corpus tasks."""

    kind: Literal["taught"]
    architecture: Architecture = Architecture()
    family: FamilyConfig
    mixture: dict[Literal["solve", "verify", "refine", "category"], Fraction] = Field(default={"solve": 1.0})
    updates: Positive = 260
    batch: Positive = 96
    muon_learning_rate: float = 0.02
    adamw_learning_rate: float = 3e-3
    seed: int = 0


class RandomModel(Section):
    """A base model with random weights and a tokenizer trained on the problems: for rehearsals.

    With the ``layout`` of Qwen3 the tokenizer has as many tokens as Qwen3's, the special ones with the same ids.
    """

    kind: Literal["random"]
    architecture: Architecture = Architecture(layers=2)
    layout: Literal["small", "qwen3"] = "small"
    seed: int = 0


class PretrainedModel(Section):
    """A base model by hub id or local folder."""

    kind: Literal["pretrained"]
    source: str
    revision: str | None = None


class GradingConfig(Section):
    """What an answer may cost before it is given up, and whether a box that was handed over counts.

    ``seconds`` and ``memory`` (MiB) limit what math-verify takes for one answer: past them it is "timed_out".
    ``characters`` limits the answer: a longer one is "unparsable". With ``prefix_boxes`` the answer of a guided rollout
    may stand in the prefix that it began with.
    """

    seconds: Annotated[float, Field(gt=0.0)] = 5.0
    memory: Positive = 1024
    characters: Positive = 2000
    prefix_boxes: bool = False


class HardSetConfig(Section):
    """Mining (section 6.1, Appendix H): problems with none of ``samples`` rollouts correct, split at random.

    ``samples`` may name another number for a pool by its name. With ``oracle_must_solve`` only problems that the oracle
    solves itself in one attempt are kept. A problem is given up at its first success: after ``first_round`` samples,
    twice as many, and so on.
    """

    samples: Positive | dict[Name, Positive] = 64
    first_round: Positive = 4
    train: Positive = 64
    test: Positive = 64
    oracle_must_solve: bool = False

    def samples_of(self, pool: str) -> int:
        """Rollouts a problem in the named pool."""
        if isinstance(self.samples, int):
            return self.samples
        if pool not in self.samples:
            raise ConfigError(f"hard_set.samples: no number of rollouts for pool {pool!r}")
        return self.samples[pool]


class StepsConfig(Section):
    """How a trace is segmented into steps (section 4.1)."""

    split: Literal["blank_line", "keywords"] = "blank_line"
    keywords: tuple[str, ...] = ("Wait", "Maybe", "Alternatively", "But", "Hmm")


class InterventionsConfig(Section):
    """Interventions: whose, on how many attempts at most a problem, and whether they replace or repair the wrong step.

    ``oracle`` names that of Table 1, and of all arms that name no other. The ``judge`` says of which kind an error is.
    """

    oracle: Name
    judge: JudgeConfig | None = None
    per_problem: Positive = 1
    placement: Literal["replace", "repair"] = "replace"


class SelectionConfig(Section):
    """The filter: keep an intervention if at least ``min_correct`` of ``samples`` guided rollouts reach the answer.

    Once they have, no more are sampled; the rounds are those of mining.
    """

    samples: Positive = 32
    first_round: Positive = 4
    min_correct: Count = 1


class TrainingConfig(Section):
    """How trainings use the machine: in several ``processes``, each on a GPU, they are started by accelerate.

    ``accelerate`` is the file with its settings. ``liger`` takes Liger's kernels for fine-tuning, ``checkpointing``
    computes activations twice rather than keep them; both only on GPUs.
    """

    processes: Positive = 1
    accelerate: str = "configs/accelerate/fsdp.yaml"
    liger: bool = False
    checkpointing: bool = True


class SFTConfig(Section):
    """Supervised fine-tuning (Tables 4 and 5).

    With ``packing`` the rows of a micro-batch are laid end to end instead of being padded; none sees another.
    """

    epochs: Positive
    batch: Positive
    micro_batch: Positive | None = None
    packing: bool = False
    learning_rate: Annotated[float, Field(gt=0.0)]
    min_lr_rate: Fraction = 0.1
    warmup_ratio: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1

    @model_validator(mode="after")
    def _divides(self) -> SFTConfig:
        if self.micro_batch and self.batch % self.micro_batch:
            raise ValueError(f"micro_batch {self.micro_batch} does not divide batch {self.batch}")
        return self


class ArmConfig(Section):
    """One SFT arm: what is cloned from an oracle's interventions, or reference solutions (section 4.2, Table 1).

    ``oracle`` is by default the one in ``interventions``.
    """

    source: Literal["interventions", "references"] = "interventions"
    oracle: Name | None = None
    prefix: bool = True
    suffix: bool = False
    filter: bool = True
    sft: SFTConfig

    @model_validator(mode="after")
    def _references_are_whole(self) -> ArmConfig:
        if self.source == "references" and (self.suffix or not self.prefix or not self.filter or self.oracle):
            raise ValueError("prefix, suffix, filter and oracle are for interventions; references are cloned whole")
        return self


class GenerationConfig(Section):
    """What samples the rollouts of RL (see ``training/generation.py``).

    ``memory`` is vLLM's share of each GPU where it shares it, ``context`` the longest prompt and completion there, by
    default the model's own. ``url`` is where ``trl vllm-serve`` listens.
    """

    kind: Literal["embedded", "colocate", "server"] = "embedded"
    memory: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.3
    context: Positive | None = None
    url: str = "http://127.0.0.1:8000"


class RLConfig(Section):
    """GRPO (Table 3). A step samples ``prompts`` x ``samples`` rollouts and makes an update for each mini-batch."""

    initialisations: tuple[Name, ...]
    steps: Positive
    prompts: Positive = 32
    minibatch_prompts: Positive = 16
    micro_batch: Positive | None = None
    samples: Positive = 8
    learning_rate: Annotated[float, Field(gt=0.0)]
    warmup_steps: Count = 0
    clip_low: Fraction = 0.2
    clip_high: Fraction = 0.35
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


class EvaluationConfig(Section):
    """Samples a problem for each set of problems, and the budgets at which pass@k is shown."""

    samples: Positive
    hard_samples: Positive
    ks: tuple[Positive, ...]
    sampling: SamplingConfig = SamplingConfig()
    held_out: Name


class ReportConfig(Section):
    """Bootstrap over problems, and permutations of paired problems."""

    resamples: Positive = 10_000
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    seed: int = 0


class RunConfig(Section):
    """A whole run. The seed is that of sampling, oracles, splits and training; the world has its own."""

    name: Name
    title: str
    seed: int = 0
    problems: Annotated[SyntheticProblems | FileProblems, Field(discriminator="kind")]
    model: Annotated[TaughtModel | RandomModel | PretrainedModel, Field(discriminator="kind")]
    engine: EngineConfig = EngineConfig()
    sampling: SamplingConfig = SamplingConfig()
    grading: GradingConfig = GradingConfig()
    hard_set: HardSetConfig = HardSetConfig()
    steps: StepsConfig = StepsConfig()
    oracles: dict[Name, OracleConfig]
    interventions: InterventionsConfig
    selection: SelectionConfig = SelectionConfig()
    configurations_samples: Positive = 64
    training: TrainingConfig = TrainingConfig()
    arms: dict[Name, ArmConfig]
    rl: RLConfig
    evaluation: EvaluationConfig
    report: ReportConfig = ReportConfig()

    def arm(self, name: str) -> ArmConfig:
        """The arm of that name; raises ConfigError for an unknown one."""
        if name not in self.arms:
            raise ConfigError(f"no arm {name!r} in run {self.name}{nearest(name, self.arms)}")
        return self.arms[name]

    def oracle(self, name: str) -> OracleConfig:
        """The oracle of that name; raises ConfigError for an unknown one."""
        if name not in self.oracles:
            raise ConfigError(f"no oracle {name!r} in run {self.name}{nearest(name, self.oracles)}")
        return self.oracles[name]

    @field_validator("oracles", "arms", mode="before")
    @classmethod
    def _without_null(cls, given: Any) -> Any:
        """An entry that is null is none, so that an override can take one away."""
        return {key: value for key, value in given.items() if value is not None} if isinstance(given, dict) else given

    @property
    def self_oracles(self) -> list[str]:
        """The names of the oracles that are the base model itself."""
        models = {name: oracle for name, oracle in self.oracles.items() if oracle.kind == "language_model"}
        return [name for name, oracle in models.items() if is_base(oracle.chat)]

    def oracle_of_arm(self, name: str) -> str:
        """The name of the oracle whose interventions an arm clones."""
        return self.arm(name).oracle or self.interventions.oracle

    @model_validator(mode="after")
    def _names_agree(self) -> RunConfig:
        for name in self.arms:
            if name == "base" or name.startswith("rl-"):
                raise ValueError(f"arms: {name!r} is the name of another model")
        for name in self.problems.benchmarks:
            if name == "pool" or name.startswith("hard_"):
                raise ValueError(f"problems.benchmarks: {name!r} is the name of another set of problems")
        for name in self.rl.initialisations:
            if name != "base" and name not in self.arms:
                raise ValueError(f"rl.initialisations: {name!r} is neither 'base' nor an arm{nearest(name, self.arms)}")
        if self.evaluation.held_out not in self.problems.benchmarks:
            near = nearest(self.evaluation.held_out, self.problems.benchmarks)
            raise ValueError(f"evaluation.held_out: no benchmark {self.evaluation.held_out!r}{near}")
        synthetic = self.problems.kind == "synthetic"
        if self.model.kind == "taught" and not synthetic:
            raise ValueError("model.kind: a taught model needs the problems of the synthetic world")
        for name, oracle in self.oracles.items():
            if oracle.kind in OF_THE_WORLD and not synthetic:
                raise ValueError(f"oracles.{name}.kind: only the synthetic world has an exact verifier")
            if oracle.kind == "language_model" and self.interventions.placement == "repair":
                raise ValueError(f"oracles.{name}: language models are asked to replace a step, not to repair it")
        named = {"interventions.oracle": self.interventions.oracle}
        named |= {f"arms.{name}.oracle": arm.oracle for name, arm in self.arms.items() if arm.oracle}
        if self.problems.kind == "synthetic" and self.problems.calibration and self.problems.calibration.oracle:
            named["problems.calibration.oracle"] = self.problems.calibration.oracle
        for key, name in named.items():
            if name not in self.oracles:
                raise ValueError(f"{key}: no oracle {name!r}{nearest(name, self.oracles)}")
        return self
