# The run that was asked for, its layout, and what the other rule files share.
import os
import sys
from pathlib import Path

import yaml

from int_bench.config import ConfigError, load
from int_bench.layout import FIGURES, TABLES, Layout, evaluated_models
from int_bench.reads import reads_digest
from int_bench.records import write_text

# `int-bench` is that of the environment in which snakemake runs.
os.environ.update(PATH=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))

# Of a Slurm job with several GPUs the plugin makes as many tasks, each of which would run the whole stage.
if int(os.environ.get("SLURM_STEP_NUM_TASKS", 1)) > 1:
    sys.exit("Slurm starts this stage once for each GPU: see docs/clusters.md for jobs with several")

# `--config run=NAME` chooses configs/NAME.yaml; any other key given there overrides that file.
OVERRIDE = {key: value for key, value in config.items() if key != "run"}
try:
    RUN = load(f"configs/{config.get('run', 'tiny')}.yaml", OVERRIDE)
except ConfigError as error:
    sys.exit(str(error))

AT = Layout(RUN.name)

ARMS = list(RUN.arms)
BENCHMARKS = list(RUN.problems.benchmarks)
EVALUATED = evaluated_models(RUN)
SYNTHETIC = RUN.problems.kind == "synthetic"
CALIBRATED = SYNTHETIC and RUN.problems.calibration is not None
TABLE_FILES = [f"{AT.tables}/{name}.{kind}" for name in TABLES for kind in ("csv", "md", "tex")]
FIGURE_FILES = [f"{AT.figures}/{name}.{kind}" for name in FIGURES for kind in ("png", "pdf", "svg")]
GPUS = 1 if RUN.model.kind == "pretrained" else 0


def code(*packages):
    """The files of some packages: as inputs they let a stage run again after its code was edited."""
    found = [path for package in packages for path in sorted(Path("int_bench", package).rglob("*.*"))]
    return [str(path) for path in found if path.suffix in {".py", ".yaml", ".rst", ".csv", ".jsonl"}]


def problem_files():
    """Files of problems on this machine, those of a folder one by one; what the hub holds is named by its revision."""
    sources = [] if SYNTHETIC else [Path(source) for source in RUN.problems.local_sources]
    found = [path for source in sources for path in ([source] if source.is_file() else source.rglob("*"))]
    return sorted(str(path) for path in found if path.is_file())


def replayed():
    """The file of a replayed oracle. A missing one is for the stage to report, which says what it needs."""
    oracle = RUN.interventions.oracle
    return [oracle.source] if oracle.kind == "replay" and Path(oracle.source).is_file() else []


def gate():
    """Methods wait for the base model's calibration, where the world has one."""
    return [AT.calibration] if CALIBRATED else []


def taught_by(wildcards):
    """What an arm's rows are made from."""
    if RUN.arms[wildcards.arm].source == "references":
        return []
    return [AT.interventions, AT.selection, AT.rollouts("with_intervention")]


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


wildcard_constraints:
    arm="|".join(ARMS),
    initialisation="|".join(RUN.rl.initialisations),
    mode="from_intervention|with_intervention",
    purpose="naive|null",


# Stages read the resolved configuration from a file. It is no input of any rule: a rule re-runs when the part that it
# reads has changed, which its params show, not when the file has. A dry run leaves the file alone.
onstart:
    write_text(AT.config, yaml.safe_dump(RUN.model_dump(mode="json"), sort_keys=False))
