# Sampling from a problem alone.
rule mine:
    input:
        pool=AT.pool,
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        sharded(OUT.rollouts("mining")),
    log:
        by_shard(f"{OUT.root}/logs/mine.log"),
    benchmark:
        by_shard(f"{OUT.root}/benchmarks/mine.tsv")
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
        train=OUT.problems("hard_train"),
        test=OUT.problems("hard_test"),
    log:
        f"{OUT.root}/logs/hard_set.log",
    benchmark:
        f"{OUT.root}/benchmarks/hard_set.tsv"
    resources:
        gpu=oracle_gpus(RUN.interventions.oracle) if RUN.hard_set.oracle_must_solve else 0,
    params:
        run=RUN.name,
        reads=reads_digest("hard_set", RUN),
    shell:
        "int-bench hard-set {params.run} --threads {threads} 2> {log}"


# Passes over the hard set. That of rejection sampling is a method's, and waits as methods do.
rule sample:
    input:
        lambda wildcards: gate() if wildcards.purpose == "rejection" else [],
        problems=AT.problems("hard_train"),
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading"),
    output:
        sharded(f"{OUT.root}/rollouts/{{purpose}}.parquet"),
    log:
        by_shard(f"{OUT.root}/logs/sample-{{purpose}}.log"),
    benchmark:
        by_shard(f"{OUT.root}/benchmarks/sample-{{purpose}}.tsv")
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=lambda wildcards: reads_digest("pass", RUN, wildcards.purpose),
    shell:
        "int-bench sample {params.run} {wildcards.purpose} {params.shard} --threads {threads} 2> {log}"


if SHARDS > 1:

    rule join:
        input:
            gather.shard(f"{OUT.root}/{{{{folder}}}}/{{{{name}}}}.{{scatteritem}}.parquet"),
        output:
            f"{OUT.root}/{{folder}}/{{name}}.parquet",
        log:
            f"{OUT.root}/logs/join-{{folder}}-{{name}}.log",
        benchmark:
            f"{OUT.root}/benchmarks/join-{{folder}}-{{name}}.tsv"
        wildcard_constraints:
            folder="rollouts|evaluation",
            name="[^./]+",
        shell:
            "int-bench join {output} {input} 2> {log}"
