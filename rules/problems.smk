rule problems:
    input:
        code=code("problems", "synthetic"),
    output:
        pool=AT.pool,
        benchmarks=[AT.problems(name) for name in BENCHMARKS],
    params:
        reads=reads_digest("problems", RUN),
    log:
        f"{AT.root}/logs/problems.log",
    benchmark:
        f"{AT.root}/benchmarks/problems.tsv"
    shell:
        "int-bench problems {AT.root} 2> {log}"
