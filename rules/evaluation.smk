EVALUATED = evaluated_models(RUN)


def folder_of(model):
    """What must exist before a model can be evaluated: its folder, or that of its RL training."""
    return AT.rl(model.removeprefix("rl-").split("@")[0]) if model.startswith("rl-") else AT.model(model)


rule evaluate:
    input:
        model=lambda wildcards: folder_of(wildcards.model),
        problems=lambda wildcards: [AT.problems(name) for name in EVALUATED[wildcards.model]],
        code=code("engines", "rollouts", "grading"),
    output:
        f"{AT.root}/evaluation/{{model}}.parquet",
    params:
        reads=lambda wildcards: reads_digest("evaluation", RUN, wildcards.model),
    wildcard_constraints:
        model="|".join(EVALUATED),
    resources:
        gpu=GPUS,
    log:
        f"{AT.root}/logs/evaluate-{{model}}.log",
    benchmark:
        f"{AT.root}/benchmarks/evaluate-{{model}}.tsv"
    shell:
        "int-bench evaluate {AT.root} {wildcards.model} --threads {threads} 2> {log}"


if CALIBRATED:

    rule calibrate:
        input:
            easy=AT.evaluation("base"),
            null=AT.rollouts("null"),
        output:
            AT.calibration,
        params:
            reads=reads_digest("calibration", RUN),
        log:
            f"{AT.root}/logs/calibrate.log",
        benchmark:
            f"{AT.root}/benchmarks/calibrate.tsv"
        shell:
            "int-bench calibrate {AT.root} 2> {log}"
