# The run that was asked for, its layout, and what the other rule files share.
import os
import sys
from pathlib import Path

import yaml

from int_bench.config import ConfigError, digest, load
from int_bench.layout import Layout, evaluated_models
from int_bench.reads import reads_digest
from int_bench.records import write_text

# `int-bench` is that of the environment in which snakemake runs.
os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"]

# `--config run=NAME` chooses configs/NAME.yaml; any other key given there overrides that file.
OVERRIDE = {key: value for key, value in config.items() if key != "run"}
try:
    RUN = load(f"configs/{config.get('run', 'tiny')}.yaml", OVERRIDE)
except ConfigError as error:
    sys.exit(str(error))

AT = Layout(f"results/{RUN.name}")
DRAWN = f"figures/{RUN.name}"

# Stages read the resolved configuration from a file. It is no input of any rule: a rule re-runs when the part that it
# reads has changed, which its params show, not when the file has.
resolved = yaml.safe_dump(RUN.model_dump(mode="json"), sort_keys=False)
if not Path(AT.config).is_file() or Path(AT.config).read_text() != resolved:
    write_text(AT.config, resolved)

ARMS = list(RUN.arms)
BENCHMARKS = list(RUN.problems.benchmarks)
SYNTHETIC = RUN.problems.kind == "synthetic"
CALIBRATED = SYNTHETIC and RUN.problems.calibration is not None
GPUS = 1 if RUN.model.kind == "pretrained" else 0


def code(*packages):
    """The modules of some packages: as inputs they let a stage run again after its code was edited."""
    root = Path(workflow.basedir) / "int_bench"
    found = [path for package in packages for path in sorted((root / package).glob("**/*.py"))]
    return [os.path.relpath(path, workflow.basedir) for path in found]


def gate():
    """Methods wait for the base model's calibration, where the world has one."""
    return [AT.calibration] if CALIBRATED else []


wildcard_constraints:
    arm="|".join(ARMS),
    initialisation="|".join(RUN.rl.initialisations),
    mode="from_intervention|with_intervention",
    purpose="naive|null",
