# An arm's rows under the base model, and how far its model drifted from it. It is transformers that computes, on one device.
rule likelihood:
    input:
        base=AT.model("base"),
        model=lambda wildcards: AT.model(wildcards.arm),
        examples=lambda wildcards: AT.examples(wildcards.arm),
        rollouts=AT.evaluation("base"),
        problems=AT.problems(RUN.evaluation.held_out),
        code=["int_bench/models.py", *[f"int_bench/evaluation/likelihood{name}.py" for name in ("", "_stage")]],
    output:
        traces=f"{OUT.root}/likelihood/{{arm}}.traces.parquet",
        drift=f"{OUT.root}/likelihood/{{arm}}.drift.parquet",
    log:
        f"{OUT.root}/logs/likelihood-{{arm}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/likelihood-{{arm}}.tsv"
    resources:
        gpu=int(PRETRAINED),
    params:
        run=RUN.name,
        reads=lambda wildcards: reads_digest("likelihood", RUN, wildcards.arm),
    shell:
        "int-bench likelihood {params.run} {wildcards.arm} --threads {threads} 2> {log}"
