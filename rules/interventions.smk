rule propose:
    input:
        gate(),
        problems=AT.problems("hard_train"),
        rollouts=AT.rollouts("mining"),
        replayed=replayed(),
        code=code("interventions", "synthetic"),
    output:
        AT.interventions,
    log:
        f"{AT.root}/logs/propose.log",
    benchmark:
        f"{AT.root}/benchmarks/propose.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("interventions", RUN),
    shell:
        "int-bench propose {params.run} 2> {log}"


rule guide:
    input:
        problems=AT.problems("hard_train"),
        interventions=AT.interventions,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading", "interventions"),
    output:
        f"{AT.root}/rollouts/{{mode}}.parquet",
    log:
        f"{AT.root}/logs/guide-{{mode}}.log",
    benchmark:
        f"{AT.root}/benchmarks/guide-{{mode}}.tsv"
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        reads=reads_digest("guided", RUN),
    shell:
        "int-bench guide {params.run} {wildcards.mode} --threads {threads} 2> {log}"


rule select:
    input:
        interventions=AT.interventions,
        guided=AT.rollouts("with_intervention"),
        code=code("interventions"),
    output:
        AT.selection,
    log:
        f"{AT.root}/logs/select.log",
    benchmark:
        f"{AT.root}/benchmarks/select.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("selection", RUN),
    shell:
        "int-bench select {params.run} 2> {log}"
