# Whole solutions of the hard training problems, for the arms that clone them.
rule solutions:
    input:
        gate(),
        lambda wildcards: solved_from(wildcards.solutions),
        problems=AT.problems("hard_train"),
        code=code("solutions", "chats", "engines", "interventions", "prompts", "rollouts", "grading", "synthetic"),
    output:
        OUT.solutions("{solutions}"),
    log:
        f"{OUT.root}/logs/solutions-{{solutions}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/solutions-{{solutions}}.tsv"
    resources:
        gpu=lambda wildcards: solution_gpus(wildcards.solutions),
    params:
        run=RUN.name,
        reads=lambda wildcards: reads_digest("solutions", RUN, wildcards.solutions),
    shell:
        "int-bench solutions {params.run} {wildcards.solutions} --threads {threads} 2> {log}"
