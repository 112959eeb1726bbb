# The run that was asked for, its layout, and what the other rule files share.
import os
import sys
from pathlib import Path

import yaml

from int_bench.ablations import paired
from int_bench.config import (
    SUITES as SUITE_NAMES,
    ConfigError,
    ablated,
    companion_source,
    digest,
    is_base,
    load,
    load_ablations,
    merge,
    nearest,
    read_mapping,
)
from int_bench.layout import (
    FIGURE_KINDS,
    FIGURES,
    TABLE_KINDS,
    TABLES,
    Layout,
    chat_sources,
    companion_files,
    evaluated_models,
    oracle_sources,
    solution_sources,
)
from int_bench.reads import reads_digest
from int_bench.records import write_text
from int_bench.sharing import shared_paths

# `int-bench` is that of the environment in which snakemake runs.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

# Of a Slurm job with several GPUs the plugin makes as many tasks, each of which would run the whole stage.
if int(os.environ.get("SLURM_STEP_NUM_TASKS", 1)) > 1:
    sys.exit("Slurm starts this stage once for each GPU: see docs/clusters.md for jobs with several")

# `--config run=NAME` chooses configs/NAME.yaml; any other key given there overrides that file. `override=FILE` lays a whole
# file over it, and gives the run a name of its own. What modules are told beside: rules/beside.smk.
NAME = config.get("run", "tiny")
OVERRIDE = {key: value for key, value in config.items() if key not in ("run", "override", "alone", "ablation")}
try:
    ABLATIONS = load_ablations("configs/ablations.yaml")
    if "override" in config:
        laid = Path(config["override"])
        OVERRIDE = merge({"name": f"{load(f'configs/{NAME}.yaml').name}-{laid.stem}", **read_mapping(laid)}, OVERRIDE)
    RUN, SHARED = load(f"configs/{NAME}.yaml", OVERRIDE), frozenset()
    if "ablation" in config:
        whole = RUN
        asked = ablated(f"configs/{NAME}.yaml", OVERRIDE, config["ablation"], ABLATIONS[config["ablation"]])
        RUN = load(f"configs/{NAME}.yaml", asked)
        SHARED = shared_paths(RUN, whole)
except ConfigError as error:
    sys.exit(str(error))

# Where results are read from, another run's among them, and where this run writes its own.
AT = Layout(RUN.name, RUN.shares or "", SHARED)
OUT = Layout(RUN.name)
# Where the results of the run lie that an ablation is one of.
WHOLE = Layout(RUN.shares or RUN.name)

# Runs that stand beside this one: what each is made of, and what it is read for.
SOURCES, BESIDE = {}, []
if not config.get("alone"):
    for name, companion in RUN.companions.items():
        SOURCES[name] = companion_source(f"configs/{NAME}.yaml", RUN, name, OVERRIDE)
        BESIDE.append((load(*SOURCES[name]), companion.role))

ARMS = list(RUN.arms)
ORACLES = list(RUN.oracles)
JUDGE = RUN.interventions.judge
BENCHMARKS = list(RUN.problems.benchmarks)
EVALUATED = evaluated_models(RUN)
SYNTHETIC = RUN.problems.kind == "synthetic"
CALIBRATED = SYNTHETIC and RUN.problems.calibration is not None
TABLE_FILES = [f"{AT.tables}/{name}.{kind}" for name in TABLES for kind in TABLE_KINDS]
FIGURE_FILES = [f"{AT.figures}/{name}.{kind}" for name in FIGURES for kind in FIGURE_KINDS]
# How many GPUs a sampling and a training job ask for, and what starts a training: accelerate, if it has several processes.
PRETRAINED = RUN.model.kind == "pretrained"
GPUS = RUN.engine.gpus if PRETRAINED and RUN.engine.name != "http" else 0
TRAINING_GPUS = RUN.training.processes if PRETRAINED else 0
TRAIN = "int-bench"
if RUN.training.processes > 1:
    TRAIN = (
        f"accelerate launch --config_file {RUN.training.accelerate} --num_processes {RUN.training.processes}"
        " --module int_bench"
    )


def code(*packages):
    """The files of some packages: as inputs they let a stage run again after its code was edited."""
    found = [path for package in packages for path in sorted(Path("int_bench", package).rglob("*.*"))]
    return [
        str(path)
        for path in found
        if path.suffix in {".py", ".yaml", ".md", ".rst", ".csv", ".jsonl", ".html", ".css", ".js"}
    ]


def problem_files():
    """Files of problems on this machine, those of a folder one by one; what the hub holds is named by its revision."""
    sources = [] if SYNTHETIC else [Path(source) for source in RUN.problems.local_sources]
    found = [path for source in sources for path in ([source] if source.is_file() else source.rglob("*"))]
    return sorted(str(path) for path in found if path.is_file())


MADE_HERE = {AT.model("base"), AT.rollouts("mining"), AT.rollouts("rejection")}


def available(sources):
    """Sources that the workflow makes or finds. A missing file is for the stage to report, which says what it needs."""
    return [path for path in sources if path in MADE_HERE or Path(path).exists()]


def shown_to(oracle):
    """What an oracle answers from."""
    return available(oracle_sources(RUN, AT, oracle))


def solved_from(solutions):
    """What solutions are made from."""
    return available(solution_sources(RUN, AT, solutions))


def chat_gpus(chat):
    """How many GPUs a language model asks for that is asked in chats; the base model of a small world does without."""
    here = chat.engine.name != "http" and (PRETRAINED or not is_base(chat))
    return chat.engine.gpus if here else 0


def oracle_gpus(oracle):
    """How many GPUs an oracle asks for."""
    asked = RUN.oracle(RUN.asked_oracle(oracle))
    return chat_gpus(asked.chat) if asked.kind == "language_model" else 0


def solution_gpus(solutions):
    """How many GPUs whoever writes solutions asks for."""
    return chat_gpus(RUN.solutions[solutions].chat) if RUN.solutions[solutions].kind == "refined" else 0


# A sampling rule writes its file, or one of its shards, which the rule `join` joins.
SHARDS = RUN.engine.shards
SHARD = "" if SHARDS == 1 else "--shard {scatteritem}"


def sharded(path):
    """The whole file that a sampling rule writes, or the file of one shard."""
    return path if SHARDS == 1 else temp(path.removesuffix(".parquet") + ".{scatteritem}.parquet")


def by_shard(path):
    """The log or benchmark file of a sampling rule, one a shard."""
    stem, suffix = path.rsplit(".", 1)
    return path if SHARDS == 1 else f"{stem}.{{scatteritem}}.{suffix}"


def calibrated_oracle():
    """What the oracle said of which the calibration asks something."""
    oracle = RUN.problems.calibration.oracle
    return [AT.interventions(oracle)] if oracle else []


def gate():
    """Methods wait for the base model's calibration, where the world has one."""
    return [AT.calibration] if CALIBRATED else []


def taught_by(wildcards):
    """What an arm's rows are made from."""
    if RUN.arms[wildcards.arm].solutions:
        return [AT.solutions(RUN.arms[wildcards.arm].solutions)]
    oracle = RUN.oracle_of_arm(wildcards.arm)
    completions = [AT.guided("with_intervention", oracle)] if RUN.arms[wildcards.arm].suffix else []
    return [AT.interventions(oracle), AT.selection(oracle), *completions]


def verified(rl_arm):
    """The packages that judge steps, where an arm of RL intervenes or rewards steps."""
    judges = RUN.rl.arms[rl_arm].again or RUN.rl.reward == "steps"
    return ["interventions", "synthetic"] if judges else []


def arms_made_by(rule):
    """The arms whose models `sft` makes, or a rule of rules/ablations/, as a constraint of its wildcard."""
    return "|".join(name for name, arm in RUN.arms.items() if (arm.rule or "sft") == rule)


def folder_of(model):
    """What must exist before a model can be evaluated: its folder, or that of its RL training."""
    return AT.rl(model.removeprefix("rl-").split("@")[0]) if model.startswith("rl-") else AT.model(model)


def captioned(path):
    """Mark the one form of a table or figure that the HTML report shows."""
    name, kind = Path(path).stem, Path(path).suffix
    if kind not in (".csv", ".svg"):
        return path
    category = "Tables" if kind == ".csv" else "Figures"
    return report(path, caption=f"../int_bench/report/captions/{name}.rst", category=category)


scattergather:
    shard=SHARDS,


wildcard_constraints:
    arm="|".join(ARMS),
    mode="from_intervention|with_intervention",
    oracle="|".join(ORACLES),
    purpose="naive|null|rejection",
    rl_arm="|".join(RUN.rl.arms),
    solutions="|".join(RUN.solutions),


# Stages read the resolved configuration from a file. It is an input of none, since a stage re-runs when the part that it
# reads has changed, which its params show, not when the file has. A dry run leaves the file alone.
onstart:
    for run in (RUN, *(run for run, _ in BESIDE), *ABLATED.values()):
        write_text(Layout(run.name).config, yaml.safe_dump(run.model_dump(mode="json"), sort_keys=False))
