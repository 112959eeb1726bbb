"""The configuration of a run.

``schema`` says what may stand in it, and ``problems`` so of its problems; ``reading`` loads, overrides and names it.
"""

from int_bench.config.ablations import (
    SUITES,
    AblationConfig,
    ComparedModel,
    ablated,
    comparisons,
    load_ablations,
    model_of,
)
from int_bench.config.chats import BudgetConfig, ChatConfig, PricesConfig, RateConfig, is_base
from int_bench.config.companions import CompanionConfig
from int_bench.config.engines import EngineConfig, SamplingConfig, ServerConfig, VLLMConfig
from int_bench.config.evaluation import EvaluationConfig, ReportConfig
from int_bench.config.oracles import (
    AlteredOracle,
    ExactOracle,
    JudgeConfig,
    LanguageModelOracle,
    NoisyOracle,
    OracleConfig,
    PeopleOracle,
    RandomOracle,
    ReplayOracle,
)
from int_bench.config.problems import (
    CalibrationConfig,
    Columns,
    DecontaminationConfig,
    Draw,
    FamilyConfig,
    FileProblems,
    ProblemFile,
    StudentConfig,
    SyntheticProblems,
)
from int_bench.config.reading import (
    canonical,
    companion_source,
    digest,
    engine_config,
    load,
    merge,
    override_of,
    read_mapping,
)
from int_bench.config.rl import GenerationConfig, HintsConfig, RLArm, RLConfig
from int_bench.config.schema import (
    Architecture,
    GradingConfig,
    InterventionsConfig,
    RunConfig,
    StepsConfig,
    TaughtModel,
)
from int_bench.config.section import ConfigError, nearest
from int_bench.config.solutions import (
    ReferenceSolutions,
    RefinedSolutions,
    ReplaySolutions,
    SampledSolutions,
    SolutionsConfig,
    WorldSolutions,
)
from int_bench.config.training import ArmConfig, SFTConfig, TrainingConfig

__all__ = [
    "SUITES",
    "AblationConfig",
    "AlteredOracle",
    "Architecture",
    "ArmConfig",
    "BudgetConfig",
    "CalibrationConfig",
    "ChatConfig",
    "Columns",
    "CompanionConfig",
    "ComparedModel",
    "ConfigError",
    "DecontaminationConfig",
    "Draw",
    "EngineConfig",
    "EvaluationConfig",
    "ExactOracle",
    "FamilyConfig",
    "FileProblems",
    "GenerationConfig",
    "GradingConfig",
    "HintsConfig",
    "InterventionsConfig",
    "JudgeConfig",
    "LanguageModelOracle",
    "NoisyOracle",
    "OracleConfig",
    "PeopleOracle",
    "PricesConfig",
    "ProblemFile",
    "RLArm",
    "RLConfig",
    "RandomOracle",
    "RateConfig",
    "ReferenceSolutions",
    "RefinedSolutions",
    "ReplayOracle",
    "ReplaySolutions",
    "ReportConfig",
    "RunConfig",
    "SFTConfig",
    "SampledSolutions",
    "SamplingConfig",
    "ServerConfig",
    "SolutionsConfig",
    "StepsConfig",
    "StudentConfig",
    "SyntheticProblems",
    "TaughtModel",
    "TrainingConfig",
    "VLLMConfig",
    "WorldSolutions",
    "ablated",
    "canonical",
    "companion_source",
    "comparisons",
    "digest",
    "engine_config",
    "is_base",
    "load",
    "load_ablations",
    "merge",
    "model_of",
    "nearest",
    "override_of",
    "read_mapping",
]
