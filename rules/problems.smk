rule problems:
    input:
        sources=problem_files(),
        code=code("problems", "synthetic", "grading"),
    output:
        pool=OUT.pool,
        benchmarks=[OUT.problems(name) for name in BENCHMARKS],
        easier=[OUT.problems("easier")] if RUN.problems.easier else [],
        removed=[] if SYNTHETIC else [OUT.removed],
    log:
        f"{OUT.root}/logs/problems.log",
    benchmark:
        f"{OUT.root}/benchmarks/problems.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("problems", RUN),
    shell:
        "int-bench problems {params.run} 2> {log}"
