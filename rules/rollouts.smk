# Sampling from a problem alone.
rule mine:
    input:
        pool=AT.pool,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        AT.rollouts("mining"),
    log:
        f"{AT.root}/logs/mine.log",
    benchmark:
        f"{AT.root}/benchmarks/mine.tsv"
    threads: 2
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        reads=reads_digest("mining", RUN),
    shell:
        "int-bench mine {params.run} --threads {threads} 2> {log}"


rule hard_set:
    input:
        pool=AT.pool,
        rollouts=AT.rollouts("mining"),
        replayed=replayed() if RUN.hard_set.oracle_must_solve else [],
        code=code("rollouts", "interventions"),
    output:
        train=AT.problems("hard_train"),
        test=AT.problems("hard_test"),
    log:
        f"{AT.root}/logs/hard_set.log",
    benchmark:
        f"{AT.root}/benchmarks/hard_set.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("hard_set", RUN),
    shell:
        "int-bench hard-set {params.run} 2> {log}"


rule sample:
    input:
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        f"{AT.root}/rollouts/{{purpose}}.parquet",
    log:
        f"{AT.root}/logs/sample-{{purpose}}.log",
    benchmark:
        f"{AT.root}/benchmarks/sample-{{purpose}}.tsv"
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        reads=reads_digest("pass", RUN),
    shell:
        "int-bench sample {params.run} {wildcards.purpose} --threads {threads} 2> {log}"
