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


rule filter:
    input:
        problems=AT.problems("hard_train"),
        interventions=AT.interventions,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading", "interventions"),
    output:
        sharded(AT.rollouts("filter")),
    log:
        by_shard(f"{AT.root}/logs/filter.log"),
    benchmark:
        by_shard(f"{AT.root}/benchmarks/filter.tsv")
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=reads_digest("filter", RUN),
    shell:
        "int-bench filter {params.run} {params.shard} --threads {threads} 2> {log}"


# Table 1's guided rollouts. Those with intervention take over what the filter sampled.
rule guide:
    input:
        sampled=lambda wildcards: [AT.rollouts("filter")] if wildcards.mode == "with_intervention" else [],
        problems=AT.problems("hard_train"),
        interventions=AT.interventions,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading", "interventions"),
    output:
        sharded(f"{AT.root}/rollouts/{{mode}}.parquet"),
    log:
        by_shard(f"{AT.root}/logs/guide-{{mode}}.log"),
    benchmark:
        by_shard(f"{AT.root}/benchmarks/guide-{{mode}}.tsv")
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=reads_digest("guided", RUN),
    shell:
        "int-bench guide {params.run} {wildcards.mode} {params.shard} --threads {threads} 2> {log}"


rule select:
    input:
        interventions=AT.interventions,
        guided=AT.rollouts("filter"),
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
