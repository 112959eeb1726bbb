rule base_model:
    input:
        problems=[AT.pool] if RUN.model.kind == "random" else [],
        code=code("training/teach.py", "synthetic") if RUN.model.kind == "taught" else [],
    output:
        directory(AT.model("base")),
    params:
        reads=reads_digest("base", RUN),
    threads: 2
    log:
        f"{AT.root}/logs/base_model.log",
    benchmark:
        f"{AT.root}/benchmarks/base_model.tsv"
    shell:
        "int-bench base {AT.root} --threads {threads} 2> {log}"
