rule propose:
    input:
        gate(),
        problems=AT.problems("hard_train"),
        rollouts=AT.rollouts("mining"),
        code=code("interventions", "synthetic"),
    output:
        AT.interventions,
    params:
        reads=reads_digest("interventions", RUN),
    log:
        f"{AT.root}/logs/propose.log",
    benchmark:
        f"{AT.root}/benchmarks/propose.tsv"
    shell:
        "int-bench propose {AT.root} 2> {log}"


rule guide:
    input:
        problems=AT.problems("hard_train"),
        interventions=AT.interventions,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        f"{AT.root}/rollouts/{{mode}}.parquet",
    params:
        reads=reads_digest("guided", RUN),
    resources:
        gpu=GPUS,
    log:
        f"{AT.root}/logs/guide-{{mode}}.log",
    benchmark:
        f"{AT.root}/benchmarks/guide-{{mode}}.tsv"
    shell:
        "int-bench guide {AT.root} {wildcards.mode} --threads {threads} 2> {log}"


rule select:
    input:
        interventions=AT.interventions,
        guided=AT.rollouts("with_intervention"),
    output:
        AT.selection,
    params:
        reads=reads_digest("selection", RUN),
    log:
        f"{AT.root}/logs/select.log",
    benchmark:
        f"{AT.root}/benchmarks/select.tsv"
    shell:
        "int-bench select {AT.root} 2> {log}"
