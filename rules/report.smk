TABLE_NAMES = ["table1", "table3", "table45", "funnel", "benchmarks", "rl_pass_at_k"]
FIGURE_NAMES = ["figure3", "figure4", "figure7", "figure8"]
TABLES = [f"{AT.tables}/{name}.{kind}" for name in TABLE_NAMES for kind in ("csv", "md", "tex")]
FIGURES = [f"{DRAWN}/{name}.{kind}" for name in FIGURE_NAMES for kind in ("png", "pdf", "svg")]


def captioned(path):
    """Mark the one form of a table or figure that the HTML report shows."""
    name, kind = Path(path).stem, Path(path).suffix
    if kind not in (".csv", ".svg"):
        return path
    category = "Tables" if kind == ".csv" else "Figures"
    return report(path, caption=f"../int_bench/report/captions/{name}.rst", category=category)


rule tables:
    input:
        interventions=[AT.interventions, AT.selection],
        problems=[AT.problems(name) for name in ("pool", "hard_train", "hard_test")],
        rollouts=[
            AT.rollouts(name)
            for name in ("naive", "null", "from_intervention", "with_intervention")
        ],
        training=[AT.examples(arm) for arm in ARMS],
        evaluation=[AT.evaluation(model) for model in EVALUATED],
        code=code("analysis", "report"),
    output:
        [captioned(path) for path in TABLES],
    params:
        reads=reads_digest("report", RUN),
    log:
        f"{AT.root}/logs/tables.log",
    benchmark:
        f"{AT.root}/benchmarks/tables.tsv"
    shell:
        "int-bench tables {AT.root} 2> {log}"


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
    params:
        reads=reads_digest("report", RUN),
    log:
        f"{AT.root}/logs/figures.log",
    benchmark:
        f"{AT.root}/benchmarks/figures.tsv"
    shell:
        "int-bench figures {AT.root} {DRAWN} 2> {log}"
