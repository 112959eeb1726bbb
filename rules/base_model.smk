rule base_model:
    input:
        problems=[AT.pool] if RUN.model.kind == "random" else [],
        code=["int_bench/training/teach.py", "int_bench/training/optimizer.py", *code("synthetic")],
        # Of the prompts only those that the corpus is made with.
        prompts=[
            "int_bench/prompts/compact.py",
            *multiext("int_bench/prompts/compact_", "verify.md", "refine.md", "category.md"),
        ],
    output:
        directory(OUT.model("base")),
    log:
        f"{OUT.root}/logs/base_model.log",
    benchmark:
        f"{OUT.root}/benchmarks/base_model.tsv"
    threads: 2
    params:
        run=RUN.name,
        reads=reads_digest("base", RUN),
    shell:
        "int-bench base {params.run} --threads {threads} 2> {log}"
