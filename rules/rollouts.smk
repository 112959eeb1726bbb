# Sampling from a problem alone.
rule mine:
    input:
        pool=AT.pool,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        sharded(AT.rollouts("mining")),
    log:
        by_shard(f"{AT.root}/logs/mine.log"),
    benchmark:
        by_shard(f"{AT.root}/benchmarks/mine.tsv")
    threads: 2
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=reads_digest("mining", RUN),
    shell:
        "int-bench mine {params.run} {params.shard} --threads {threads} 2> {log}"


rule hard_set:
    input:
        pool=AT.pool,
        rollouts=AT.rollouts("mining"),
        oracle=shown_to(RUN.interventions.oracle) if RUN.hard_set.oracle_must_solve else [],
        code=code("rollouts", "chats", "interventions", "prompts"),
    output:
        train=AT.problems("hard_train"),
        test=AT.problems("hard_test"),
    log:
        f"{AT.root}/logs/hard_set.log",
    benchmark:
        f"{AT.root}/benchmarks/hard_set.tsv"
    resources:
        gpu=oracle_gpus(RUN.interventions.oracle) if RUN.hard_set.oracle_must_solve else 0,
    params:
        run=RUN.name,
        reads=reads_digest("hard_set", RUN),
    shell:
        "int-bench hard-set {params.run} --threads {threads} 2> {log}"


rule sample:
    input:
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        sharded(f"{AT.root}/rollouts/{{purpose}}.parquet"),
    log:
        by_shard(f"{AT.root}/logs/sample-{{purpose}}.log"),
    benchmark:
        by_shard(f"{AT.root}/benchmarks/sample-{{purpose}}.tsv")
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=reads_digest("pass", RUN),
    shell:
        "int-bench sample {params.run} {wildcards.purpose} {params.shard} --threads {threads} 2> {log}"


if SHARDS > 1:

    rule join:
        input:
            gather.shard(f"{AT.root}/{{{{folder}}}}/{{{{name}}}}.{{scatteritem}}.parquet"),
        output:
            f"{AT.root}/{{folder}}/{{name}}.parquet",
        log:
            f"{AT.root}/logs/join-{{folder}}-{{name}}.log",
        benchmark:
            f"{AT.root}/benchmarks/join-{{folder}}-{{name}}.tsv"
        wildcard_constraints:
            folder="rollouts|evaluation",
            name="[^./]+",
        shell:
            "int-bench join {output} {input} 2> {log}"
