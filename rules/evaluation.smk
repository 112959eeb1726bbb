rule evaluate:
    input:
        model=lambda wildcards: folder_of(wildcards.model),
        problems=lambda wildcards: [AT.problems(name) for name in EVALUATED[wildcards.model]],
        code=["int_bench/evaluation/stage.py", *code("engines", "rollouts", "grading", "synthetic")],
    output:
        sharded(f"{OUT.root}/evaluation/{{model}}.parquet"),
    log:
        by_shard(f"{OUT.root}/logs/evaluate-{{model}}.log"),
    benchmark:
        by_shard(f"{OUT.root}/benchmarks/evaluate-{{model}}.tsv")
    wildcard_constraints:
        model="|".join(EVALUATED),
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=lambda wildcards: reads_digest("evaluation", RUN, wildcards.model),
    shell:
        "int-bench evaluate-run {params.run} {wildcards.model} {params.shard} --threads {threads} 2> {log}"


if CALIBRATED:

    rule calibrate:
        input:
            easy=AT.evaluation("base"),
            null=AT.rollouts("null"),
            oracle=calibrated_oracle(),
            code=["int_bench/analysis/intervals.py", "int_bench/analysis/places.py", *code("evaluation", "synthetic")],
        output:
            OUT.calibration,
        log:
            f"{OUT.root}/logs/calibrate.log",
        benchmark:
            f"{OUT.root}/benchmarks/calibrate.tsv"
        params:
            run=RUN.name,
            reads=reads_digest("calibration", RUN),
        shell:
            "int-bench calibrate {params.run} 2> {log}"
