TABLE_NAMES = ["table1", "table3", "table45", "funnel", "benchmarks", "rl_pass_at_k"]
FIGURE_NAMES = ["figure3", "figure4", "figure7", "figure8"]
TABLES = [f"{AT.tables}/{name}.{kind}" for name in TABLE_NAMES for kind in ("csv", "md", "tex")]
FIGURES = [f"{AT.figures}/{name}.{kind}" for name in FIGURE_NAMES for kind in ("png", "pdf", "svg")]


rule tables:
    input:
        interventions=[AT.interventions, AT.selection],
        problems=[AT.problems(name) for name in ("pool", "hard_train", "hard_test")],
        rollouts=[AT.rollouts(name) for name in ("naive", "null", "from_intervention", "with_intervention")],
        training=[AT.examples(arm) for arm in ARMS],
        evaluation=[AT.evaluation(model) for model in EVALUATED],
        code=code("analysis", "report"),
    output:
        [captioned(path) for path in TABLES],
    log:
        f"{AT.root}/logs/tables.log",
    benchmark:
        f"{AT.root}/benchmarks/tables.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("report", RUN),
    shell:
        "int-bench tables {params.run} 2> {log}"


rule figures:
    input:
        interventions=[AT.interventions, AT.selection],
        problems=[AT.problems("hard_train")],
        mining=AT.rollouts("mining"),
        model=AT.model("base"),
        training=[AT.training(f"rl-{name}") for name in RUN.rl.initialisations],
        evaluation=[AT.evaluation(model) for model in EVALUATED],
        code=code("analysis", "report"),
    output:
        [captioned(path) for path in FIGURES],
    log:
        f"{AT.root}/logs/figures.log",
    benchmark:
        f"{AT.root}/benchmarks/figures.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("report", RUN),
    shell:
        "int-bench figures {params.run} 2> {log}"
