# Rebuilds every table and figure of a run: `snakemake --cores all`, or with `--config run=NAME` one of configs/.
from snakemake.utils import min_version

min_version("9.20")


container: "docker://python:3.11-slim"


report: "int_bench/report/captions/run.rst"


include: "rules/common.smk"
include: "rules/problems.smk"
include: "rules/base_model.smk"
include: "rules/rollouts.smk"
include: "rules/interventions.smk"
include: "rules/solutions.smk"
include: "rules/training.smk"
include: "rules/evaluation.smk"
include: "rules/likelihood.smk"
include: "rules/report.smk"
include: "rules/beside.smk"


# Arms whose models are not fine-tuned have a rule of their own.
for NAME_OF_RULE in sorted({arm.rule for arm in RUN.arms.values() if arm.rule}):

    include: f"rules/ablations/{NAME_OF_RULE}.smk"


rule all:
    default_target: True
    input:
        TABLE_FILES,
        FIGURE_FILES,
        AT.explorer,
        AT.report,
