rule sft:
    input:
        gate(),
        taught_by,
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("training", "interventions", "rollouts"),
    output:
        model=directory(f"{OUT.root}/models/{{arm}}"),
        examples=f"{OUT.root}/training/{{arm}}.examples.parquet",
        steps=f"{OUT.root}/training/{{arm}}.steps.parquet",
    log:
        f"{OUT.root}/logs/sft-{{arm}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/sft-{{arm}}.tsv"
    wildcard_constraints:
        arm=arms_made_by("sft"),
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
        easier=lambda wildcards: [AT.problems("easier")] if RUN.rl.arms[wildcards.rl_arm].easier else [],
        model=lambda wildcards: AT.model(RUN.rl.start_of(wildcards.rl_arm)),
        code=lambda wildcards: code("training", "engines", "grading", "rollouts", *verified(wildcards.rl_arm)),
    output:
        models=directory(f"{OUT.root}/models/rl-{{rl_arm}}"),
        steps=f"{OUT.root}/training/rl-{{rl_arm}}.steps.parquet",
    log:
        f"{OUT.root}/logs/rl-{{rl_arm}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/rl-{{rl_arm}}.tsv"
    # The longest jobs of a run: they start first.
    priority: 10
    resources:
        gpu=TRAINING_GPUS,
    params:
        train=TRAIN,
        run=RUN.name,
        reads=lambda wildcards: reads_digest("rl", RUN, wildcards.rl_arm),
    shell:
        "{params.train} rl {params.run} {wildcards.rl_arm} --threads {threads} 2> {log}"
