def taught_by(wildcards):
    """What an arm's rows are made from."""
    if RUN.arms[wildcards.arm].source == "references":
        return []
    return [AT.interventions, AT.selection, AT.rollouts("with_intervention")]


rule sft:
    input:
        gate(),
        taught_by,
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("training"),
    output:
        model=directory(f"{AT.root}/models/{{arm}}"),
        examples=f"{AT.root}/training/{{arm}}.examples.parquet",
        steps=f"{AT.root}/training/{{arm}}.steps.parquet",
    params:
        reads=lambda wildcards: reads_digest("sft", RUN, wildcards.arm),
    resources:
        gpu=GPUS,
    log:
        f"{AT.root}/logs/sft-{{arm}}.log",
    benchmark:
        f"{AT.root}/benchmarks/sft-{{arm}}.tsv"
    shell:
        "int-bench sft {AT.root} {wildcards.arm} --threads {threads} 2> {log}"


rule rl:
    input:
        gate(),
        problems=AT.problems("hard_train"),
        model=f"{AT.root}/models/{{initialisation}}",
        code=code("training", "engines", "grading"),
    output:
        models=directory(f"{AT.root}/models/rl-{{initialisation}}"),
        steps=f"{AT.root}/training/rl-{{initialisation}}.steps.parquet",
    params:
        reads=reads_digest("rl", RUN),
    # The longest jobs of a run: they start first.
    priority: 10
    resources:
        gpu=GPUS,
    log:
        f"{AT.root}/logs/rl-{{initialisation}}.log",
    benchmark:
        f"{AT.root}/benchmarks/rl-{{initialisation}}.tsv"
    shell:
        "int-bench rl {AT.root} {wildcards.initialisation} --threads {threads} 2> {log}"
