# Every rule here runs once for each oracle.
rule propose:
    input:
        lambda wildcards: shown_to(wildcards.oracle),
        problems=AT.problems("hard_train"),
        rollouts=AT.rollouts("mining"),
        code=code("annotate", "chats", "engines", "interventions", "prompts", "synthetic"),
    output:
        OUT.interventions("{oracle}"),
    log:
        f"{OUT.root}/logs/propose-{{oracle}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/propose-{{oracle}}.tsv"
    resources:
        gpu=lambda wildcards: oracle_gpus(wildcards.oracle),
    params:
        run=RUN.name,
        reads=lambda wildcards: reads_digest("interventions", RUN, wildcards.oracle),
    shell:
        "int-bench propose {params.run} {wildcards.oracle} --threads {threads} 2> {log}"


# Only where the run names a judge.
rule judge:
    input:
        chat_sources(AT, JUDGE.chat) if JUDGE else [],
        problems=AT.problems("hard_train"),
        rollouts=AT.rollouts("mining"),
        interventions=lambda wildcards: AT.interventions(wildcards.oracle),
        code=code("chats", "engines", "interventions", "prompts"),
    output:
        OUT.verdicts("{oracle}"),
    log:
        f"{OUT.root}/logs/judge-{{oracle}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/judge-{{oracle}}.tsv"
    resources:
        gpu=chat_gpus(JUDGE.chat) if JUDGE else 0,
    params:
        run=RUN.name,
        reads=reads_digest("verdicts", RUN),
    shell:
        "int-bench judge {params.run} {wildcards.oracle} --threads {threads} 2> {log}"


rule filter:
    input:
        gate(),
        problems=AT.problems("hard_train"),
        interventions=lambda wildcards: AT.interventions(wildcards.oracle),
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading", "interventions"),
    output:
        sharded(OUT.guided("filter", "{oracle}")),
    log:
        by_shard(f"{OUT.root}/logs/filter-{{oracle}}.log"),
    benchmark:
        by_shard(f"{OUT.root}/benchmarks/filter-{{oracle}}.tsv")
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=reads_digest("filter", RUN),
    shell:
        "int-bench filter {params.run} {wildcards.oracle} {params.shard} --threads {threads} 2> {log}"


# Rollouts from the error and from the corrective step. The latter take over what the filter sampled.
rule guide:
    input:
        gate(),
        sampled=lambda wildcards: (
            [AT.guided("filter", wildcards.oracle)] if wildcards.mode == "with_intervention" else []
        ),
        problems=AT.problems("hard_train"),
        interventions=lambda wildcards: AT.interventions(wildcards.oracle),
        model=AT.model("base"),
        code=code("engines", "rollouts", "grading", "interventions"),
    output:
        sharded(OUT.guided("{mode}", "{oracle}")),
    log:
        by_shard(f"{OUT.root}/logs/guide-{{mode}}-{{oracle}}.log"),
    benchmark:
        by_shard(f"{OUT.root}/benchmarks/guide-{{mode}}-{{oracle}}.tsv")
    resources:
        gpu=GPUS,
    params:
        run=RUN.name,
        shard=SHARD,
        reads=reads_digest("guided", RUN),
    shell:
        "int-bench guide {params.run} {wildcards.mode} {wildcards.oracle} {params.shard} --threads {threads} 2> {log}"


rule select:
    input:
        interventions=lambda wildcards: AT.interventions(wildcards.oracle),
        guided=lambda wildcards: AT.guided("filter", wildcards.oracle),
        code=code("interventions"),
    output:
        OUT.selection("{oracle}"),
    log:
        f"{OUT.root}/logs/select-{{oracle}}.log",
    benchmark:
        f"{OUT.root}/benchmarks/select-{{oracle}}.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("selection", RUN),
    shell:
        "int-bench select {params.run} {wildcards.oracle} 2> {log}"
