rule problems:
    input:
        sources=problem_files(),
        code=code("problems", "synthetic", "grading"),
    output:
        pool=AT.pool,
        benchmarks=[AT.problems(name) for name in BENCHMARKS],
        easier=[AT.problems("easier")] if RUN.problems.easier else [],
        removed=[] if SYNTHETIC else [AT.removed],
    log:
        f"{AT.root}/logs/problems.log",
    benchmark:
        f"{AT.root}/benchmarks/problems.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("problems", RUN),
    shell:
        "int-bench problems {params.run} 2> {log}"
