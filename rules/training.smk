rule sft:
    input:
        gate(),
        taught_by,
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("training", "interventions", "rollouts"),
    output:
        model=directory(f"{AT.root}/models/{{arm}}"),
        examples=f"{AT.root}/training/{{arm}}.examples.parquet",
        steps=f"{AT.root}/training/{{arm}}.steps.parquet",
    log:
        f"{AT.root}/logs/sft-{{arm}}.log",
    benchmark:
        f"{AT.root}/benchmarks/sft-{{arm}}.tsv"
    resources:
        gpu=TRAINING_GPUS,
    params:
        train=TRAIN,
        run=RUN.name,
        reads=lambda wildcards: reads_digest("sft", RUN, wildcards.arm),
    shell:
        "{params.train} sft {params.run} {wildcards.arm} --threads {threads} 2> {log}"


rule rl:
    input:
        gate(),
        problems=AT.problems("hard_train"),
        model=f"{AT.root}/models/{{initialisation}}",
        code=code("training", "engines", "grading", "rollouts"),
    output:
        models=directory(f"{AT.root}/models/rl-{{initialisation}}"),
        steps=f"{AT.root}/training/rl-{{initialisation}}.steps.parquet",
    log:
        f"{AT.root}/logs/rl-{{initialisation}}.log",
    benchmark:
        f"{AT.root}/benchmarks/rl-{{initialisation}}.tsv"
    # The longest jobs of a run: they start first.
    priority: 10
    resources:
        gpu=TRAINING_GPUS,
    params:
        train=TRAIN,
        run=RUN.name,
        reads=reads_digest("rl", RUN),
    shell:
        "{params.train} rl {params.run} {wildcards.initialisation} --threads {threads} 2> {log}"
