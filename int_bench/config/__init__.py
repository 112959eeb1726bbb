"""The configuration of a run.

``schema`` says what may stand in it, and ``problems`` so of its problems; ``reading`` loads, overrides and names it.
"""

from int_bench.config.chats import BudgetConfig, ChatConfig, PricesConfig, RateConfig, is_base
from int_bench.config.engines import EngineConfig, SamplingConfig, ServerConfig, VLLMConfig
from int_bench.config.oracles import (
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
from int_bench.config.reading import canonical, digest, engine_config, load, merge, override_of, read_mapping
from int_bench.config.schema import (
    Architecture,
    ArmConfig,
    GenerationConfig,
    GradingConfig,
    InterventionsConfig,
    ReportConfig,
    RLConfig,
    RunConfig,
    SFTConfig,
    StepsConfig,
    TaughtModel,
    TrainingConfig,
)
from int_bench.config.section import ConfigError

__all__ = [
    "Architecture",
    "ArmConfig",
    "BudgetConfig",
    "CalibrationConfig",
    "ChatConfig",
    "Columns",
    "ConfigError",
    "DecontaminationConfig",
    "Draw",
    "EngineConfig",
    "ExactOracle",
    "FamilyConfig",
    "FileProblems",
    "GenerationConfig",
    "GradingConfig",
    "InterventionsConfig",
    "JudgeConfig",
    "LanguageModelOracle",
    "NoisyOracle",
    "OracleConfig",
    "PeopleOracle",
    "PricesConfig",
    "ProblemFile",
    "RLConfig",
    "RandomOracle",
    "RateConfig",
    "ReplayOracle",
    "ReportConfig",
    "RunConfig",
    "SFTConfig",
    "SamplingConfig",
    "ServerConfig",
    "StepsConfig",
    "StudentConfig",
    "SyntheticProblems",
    "TaughtModel",
    "TrainingConfig",
    "VLLMConfig",
    "canonical",
    "digest",
    "engine_config",
    "is_base",
    "load",
    "merge",
    "override_of",
    "read_mapping",
]
