"""The sections of a run's configuration: frozen and validated, with every default and the paper's section for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from int_bench.config.chats import is_base
from int_bench.config.companions import CompanionConfig, CompanionName
from int_bench.config.engines import EngineConfig, SamplingConfig
from int_bench.config.evaluation import EvaluationConfig, ReportConfig
from int_bench.config.oracles import OF_ITS_STEPS, OF_THE_WORLD, JudgeConfig, OracleConfig
from int_bench.config.problems import FamilyConfig, FileProblems, SyntheticProblems
from int_bench.config.rl import RLConfig
from int_bench.config.section import (
    ConfigError,
    Count,
    Fraction,
    Name,
    Positive,
    Section,
    nearest,
    without_null,
)
from int_bench.config.solutions import SolutionsConfig
from int_bench.config.training import ArmConfig, TrainingConfig


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

    @model_validator(mode="after")
    def _can_be_passed(self) -> SelectionConfig:
        if self.min_correct > self.samples:
            raise ValueError(f"min_correct {self.min_correct} of {self.samples} samples: nothing would be kept")
        return self


class RunConfig(Section):
    """A whole run. The seed is that of sampling, oracles, splits and training; the world has its own.

    Of the run that it ``shares`` with it takes every result of which all settings agree.
    """

    name: Name
    title: str
    shares: Name | None = None
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
    solutions: dict[Name, SolutionsConfig] = Field(default_factory=dict)
    configurations_samples: Positive = 64
    training: TrainingConfig = TrainingConfig()
    arms: dict[Name, ArmConfig]
    rl: RLConfig
    evaluation: EvaluationConfig
    report: ReportConfig = ReportConfig()
    companions: dict[CompanionName, CompanionConfig] = Field(default_factory=dict)

    _without_null = field_validator("oracles", "solutions", "arms", "companions", mode="before")(without_null)

    def arm(self, name: str) -> ArmConfig:
        """The arm of that name; raises ConfigError for an unknown one."""
        return self._named("arm", name, self.arms)

    def oracle(self, name: str) -> OracleConfig:
        """The oracle of that name; raises ConfigError for an unknown one."""
        return self._named("oracle", name, self.oracles)

    def solutions_of(self, name: str) -> SolutionsConfig:
        """Whose solutions have that name; raises ConfigError for an unknown one."""
        return self._named("solutions", name, self.solutions)

    @property
    def self_oracles(self) -> list[str]:
        """The names of the oracles that are the base model itself."""
        models = {name: oracle for name, oracle in self.oracles.items() if oracle.kind == "language_model"}
        return [name for name, oracle in models.items() if is_base(oracle.chat)]

    def asked_oracle(self, name: str) -> str:
        """The name of the oracle that answers where one of that name is asked: another one if that is altered."""
        oracle = self.oracle(name)
        return (oracle.of or self.interventions.oracle) if oracle.kind == "altered" else name

    def oracle_of_arm(self, name: str) -> str:
        """The name of the oracle whose interventions an arm clones."""
        return self.arm(name).oracle or self.interventions.oracle

    def companion_run(self, name: str) -> str:
        """The name of the run that a companion is."""
        return self.companions[name].config or f"{self.name}-{name}"

    @property
    def int_budget(self) -> int:
        """How many rollouts of a problem the filter of InT may sample at most, of all interventions on its attempts."""
        settings = self.interventions
        return settings.per_problem * self.proposals_of(settings.oracle) * self.selection.samples

    def proposals_of(self, oracle: str) -> int:
        """How many interventions an oracle may write about one attempt."""
        settings = self.oracle(self.asked_oracle(oracle))
        if settings.kind == "people":
            return len(settings.annotators)
        return settings.proposals if settings.kind == "language_model" else 1

    @property
    def passes(self) -> list[str]:
        """The passes of the base model over the hard training set, for rejection sampling only if an arm clones it."""
        cloned = [self.solutions_of(arm.solutions).kind for arm in self.arms.values() if arm.solutions]
        return ["naive", "null", *(["rejection"] if "sampled" in cloned else [])]

    def pass_samples(self, purpose: str) -> int:
        """Rollouts of a problem in a pass of the base model: for ``rejection`` sampling as many as InT may sample."""
        return self.int_budget if purpose == "rejection" else self.configurations_samples

    def rl_steps(self, name: str) -> int:
        """The steps of an arm of RL, with those that make up for InT's samples if it has them.

        They are counted as if the filter of InT drew all samples of as many interventions as it may have. It stops
        early, so this is an upper bound: who is given these steps samples at least as much as InT, not less.
        """
        if not self._named("arm of rl", name, self.rl.arms).int_budget:
            return self.rl.steps
        return self.rl.steps + -(-self.hard_set.train * self.int_budget // (self.rl.prompts * self.rl.samples))

    def rl_checkpoints(self, name: str) -> list[int]:
        """The steps at which the model of an arm of RL is kept, from 0 to its last one."""
        kept = self.rl.checkpoints if self.rl.arms[name].curve else (0,)
        return sorted({*kept, self.rl_steps(name)})

    def _named(self, what: str, name: str, known: dict[str, Any]) -> Any:
        if name not in known:
            raise ConfigError(f"no {what} {name!r} in run {self.name}{nearest(name, known)}")
        return known[name]

    @model_validator(mode="after")
    def _names_agree(self) -> RunConfig:
        for name in self.arms:
            if name == "base" or name.startswith("rl-"):
                raise ValueError(f"arms: {name!r} is the name of another model")
        for name in self.problems.benchmarks:
            if name in ("pool", "easier") or name.startswith("hard_"):
                raise ValueError(f"problems.benchmarks: {name!r} is the name of another set of problems")
        synthetic = self.problems.kind == "synthetic"
        if self.model.kind == "taught" and not synthetic:
            raise ValueError("model.kind: a taught model needs the problems of the synthetic world")
        for name, oracle in self.oracles.items():
            if oracle.kind in OF_THE_WORLD and not synthetic:
                raise ValueError(f"oracles.{name}.kind: only the synthetic world has an exact verifier")
            if oracle.kind == "language_model" and self.interventions.placement == "repair":
                raise ValueError(f"oracles.{name}: language models are asked to replace a step, not to repair it")
        for name, solutions in self.solutions.items():
            if solutions.kind == "world" and not synthetic:
                raise ValueError(f"solutions.{name}.kind: only the synthetic world writes solutions")
        if self.rl.reward == "steps" and not synthetic:
            raise ValueError("rl.reward: only the synthetic world has an exact verifier of steps")
        for name, arm in self.rl.arms.items():
            if arm.easier and self.problems.easier is None:
                raise ValueError(f"rl.arms.{name}.easier: problems.easier names no easier problems")
            if arm.again and self.training.processes > 1:
                raise ValueError(f"rl.arms.{name}.again: one process alone stops for interventions")
            if arm.again and (self.rl.kl or self.rl.generation.kind != "embedded"):
                raise ValueError(f"rl.arms.{name}.again: only with the embedded engine and without a KL term")
        return self

    @model_validator(mode="after")
    def _what_is_named_is_there(self) -> RunConfig:
        def check(what: str, named: Mapping[str, str | None], known: Iterable[str]) -> None:
            for key, name in named.items():
                if name is not None and name not in known:
                    raise ValueError(f"{key}: no {what} {name!r}{nearest(name, known)}")

        models, evaluation = ["base", *self.arms], self.evaluation
        for name in self.rl.arms:
            start = self.rl.start_of(name)
            if start not in models:
                near = nearest(start, models)
                raise ValueError(f"rl.arms.{name}: starts from {start!r}, which is neither 'base' nor an arm{near}")
        oracles: dict[str, str | None] = {"interventions.oracle": self.interventions.oracle}
        oracles |= {f"arms.{name}.oracle": arm.oracle for name, arm in self.arms.items()}
        if self.problems.kind == "synthetic" and self.problems.calibration:
            oracles["problems.calibration.oracle"] = self.problems.calibration.oracle
        oracles |= {f"oracles.{name}.of": self.asked_oracle(name) for name in self.oracles}
        check("oracle", oracles, self.oracles)
        for name, oracle in self.oracles.items():
            if oracle.kind == "altered":
                kind = self.oracles[self.asked_oracle(name)].kind
                if kind == "altered":
                    raise ValueError(f"oracles.{name}.of: {self.asked_oracle(name)!r} is an altered oracle itself")
                if oracle.content in OF_ITS_STEPS and kind not in OF_THE_WORLD:
                    raise ValueError(f"oracles.{name}.content: {oracle.content} is for steps of the synthetic world")
        check("solutions", {f"arms.{name}.solutions": arm.solutions for name, arm in self.arms.items()}, self.solutions)
        benchmarks = {"evaluation.held_out": evaluation.held_out}
        benchmarks |= {f"evaluation.table2.{i}": name for i, name in enumerate(evaluation.table2)}
        benchmarks |= {f"evaluation.table7.{name}": name for name in evaluation.table7}
        check("benchmark", benchmarks, self.problems.benchmarks)
        again = {name: arm.again.arm for name, arm in self.rl.arms.items() if arm.again}
        check("arm", {f"rl.arms.{name}.again.arm": arm for name, arm in again.items()}, self.arms)
        for name, arm in again.items():
            if self.arms[arm].solutions or self.arms[arm].suffix:
                raise ValueError(f"rl.arms.{name}.again.arm: {arm!r} clones more than interventions")
            if self.oracles[self.oracle_of_arm(arm)].kind not in OF_THE_WORLD:
                raise ValueError(f"rl.arms.{name}.again.arm: only the world's own oracles answer during RL")
        return self
