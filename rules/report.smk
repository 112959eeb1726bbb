rule tables:
    input:
        interventions=[AT.interventions(oracle) for oracle in ORACLES],
        selection=[AT.selection(oracle) for oracle in ORACLES],
        verdicts=[AT.verdicts(oracle) for oracle in ORACLES] if JUDGE else [],
        problems=[AT.problems(name) for name in ("pool", "hard_train", "hard_test")],
        easier=[AT.problems("easier")] if RUN.problems.easier else [],
        rollouts=[AT.rollouts(name) for name in ("mining", "naive", "null")],
        guided=[
            AT.guided("from_intervention", RUN.interventions.oracle),
            *[AT.guided("with_intervention", oracle) for oracle in ORACLES],
        ],
        training=[path for arm in ARMS for path in (AT.examples(arm), AT.training(arm))],
        evaluation=[AT.evaluation(model) for model in EVALUATED],
        companions=[path for run, role in BESIDE for path in companion_files(run, role)],
        likelihood=[path for arm in ARMS for path in (AT.likelihood(arm), AT.drift(arm))],
        code=code("analysis", "report"),
    output:
        [captioned(path) for path in TABLE_FILES],
    log:
        f"{OUT.root}/logs/tables.log",
    benchmark:
        f"{OUT.root}/benchmarks/tables.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("report", RUN),
    shell:
        "int-bench tables {params.run} 2> {log}"


rule figures:
    input:
        interventions=[AT.interventions(oracle) for oracle in ORACLES],
        selection=[AT.selection(oracle) for oracle in ORACLES],
        verdicts=[AT.verdicts(oracle) for oracle in ORACLES] if JUDGE else [],
        problems=[AT.problems("hard_train"), AT.problems("hard_test")],
        mining=AT.rollouts("mining"),
        model=AT.model("base"),
        rollouts=[AT.rollouts(name) for name in ("naive", "null")],
        guided=[
            AT.guided("from_intervention", RUN.interventions.oracle),
            *[AT.guided("with_intervention", oracle) for oracle in ORACLES],
        ],
        examples=[AT.examples(arm) for arm in ARMS],
        training=[AT.training(f"rl-{name}") for name in RUN.rl.arms],
        evaluation=[AT.evaluation(model) for model in EVALUATED],
        likelihood=[path for arm in ARMS for path in (AT.likelihood(arm), AT.drift(arm))],
        companions=[path for run, role in BESIDE for path in companion_files(run, role)],
        code=code("analysis", "report", "explorer"),
    output:
        [captioned(path) for path in FIGURE_FILES],
    log:
        f"{OUT.root}/logs/figures.log",
    benchmark:
        f"{OUT.root}/benchmarks/figures.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("report", RUN),
    shell:
        "int-bench figures {params.run} 2> {log}"


rule explorer:
    input:
        interventions=[AT.interventions(oracle) for oracle in ORACLES],
        selection=[AT.selection(oracle) for oracle in ORACLES],
        guided=[AT.guided("with_intervention", oracle) for oracle in ORACLES],
        problems=[AT.problems("hard_train"), AT.problems("hard_test")],
        mining=AT.rollouts("mining"),
        training=[AT.examples(arm) for arm in ARMS],
        evaluation=[AT.evaluation(model) for model in EVALUATED],
        code=code("explorer", "pages", "report"),
    output:
        report(OUT.explorer, caption="../int_bench/report/captions/explorer.rst", category="Traces"),
    log:
        f"{OUT.root}/logs/explorer.log",
    benchmark:
        f"{OUT.root}/benchmarks/explorer.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("report", RUN),
    shell:
        "int-bench explorer {params.run} 2> {log}"


rule report:
    input:
        tables=TABLE_FILES,
        figures=FIGURE_FILES,
        explorer=OUT.explorer,
        calibration=gate(),
        code=code("explorer", "pages", "report"),
    output:
        report(OUT.report, caption="../int_bench/report/captions/run.rst", category="Report"),
    log:
        f"{OUT.root}/logs/report.log",
    benchmark:
        f"{OUT.root}/benchmarks/report.tsv"
    params:
        run=RUN.name,
        reads=reads_digest("report", RUN),
    shell:
        "int-bench report {params.run} 2> {log}"
