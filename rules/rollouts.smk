# Sampling from a problem alone.
rule mine:
    input:
        pool=AT.pool,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        AT.rollouts("mining"),
    params:
        reads=reads_digest("mining", RUN),
    threads: 2
    resources:
        gpu=GPUS,
    log:
        f"{AT.root}/logs/mine.log",
    benchmark:
        f"{AT.root}/benchmarks/mine.tsv"
    shell:
        "int-bench mine {AT.root} --threads {threads} 2> {log}"


rule hard_set:
    input:
        pool=AT.pool,
        rollouts=AT.rollouts("mining"),
    output:
        train=AT.problems("hard_train"),
        test=AT.problems("hard_test"),
    params:
        reads=reads_digest("hard_set", RUN),
    log:
        f"{AT.root}/logs/hard_set.log",
    benchmark:
        f"{AT.root}/benchmarks/hard_set.tsv"
    shell:
        "int-bench hard-set {AT.root} 2> {log}"


rule sample:
    input:
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        f"{AT.root}/rollouts/{{purpose}}.parquet",
    params:
        reads=reads_digest("pass", RUN),
    resources:
        gpu=GPUS,
    log:
        f"{AT.root}/logs/sample-{{purpose}}.log",
    benchmark:
        f"{AT.root}/benchmarks/sample-{{purpose}}.tsv"
    shell:
        "int-bench sample {AT.root} {wildcards.purpose} --threads {threads} 2> {log}"
