# Other runs: those that stand beside this one, and its ablations. Each is a module, which is to say all these rules once more
# under a prefix, for another configuration. What an ablation shares with the run is made by the run's own rules.
MODULES = {}
for name, (path, laid_over) in SOURCES.items():
    MODULES[f"{name}_"] = {"run": path.stem, "alone": True, **laid_over}


# A module for each ablation takes long to read, so there are only those that the command line speaks of.
def asked_for(name):
    """Whether the command line speaks of an ablation, or of a suite that it belongs to."""
    suites = {"ablations", *(["quick"] if ABLATIONS[name].quick else [])}
    return any(word in suites or name in word for word in SAID if "=" not in word)


SAID = [] if config.get("alone") else sys.argv[1:]
ASKED = [name for name in ABLATIONS if asked_for(name)]

# Of the run and its companions of another seed: the rules' prefix, the file, what is laid over it, and what they make.
SEEDS = {RUN.name: ("", f"configs/{NAME}.yaml", OVERRIDE, RUN)}
for name, (run, role) in zip(SOURCES, BESIDE):
    if role == "seed":
        SEEDS[run.name] = (f"{name}_", *SOURCES[name], run)
LAYOUTS = {run: Layout(run) for run in SEEDS}
ABLATED = {}


def of_ablation(run, name):
    """The configuration of an ablation of a run, whose rules become a module."""
    prefix, path, laid_over, whole = SEEDS[run.name]
    made = load(path, ablated(path, laid_over, name, ABLATIONS[name]))
    MODULES[f"{prefix}{name}_"] = {"run": Path(path).stem, "alone": True, "ablation": name, **laid_over}
    LAYOUTS[made.name] = Layout(made.name, run.name, shared_paths(made, whole))
    return ABLATED.setdefault(made.name, made)


try:
    COMPARED = {name: comparisons(name, ABLATIONS, [run for *_, run in SEEDS.values()], of_ablation) for name in ASKED}
except ConfigError as error:
    sys.exit(str(error))

for MODULE in MODULES:

    module:
        name: MODULE
        snakefile:
            "../Snakefile"
        config:
            MODULES[MODULE]

    use rule * from MODULE as MODULE*


SWEEPS = {}
for name in ASKED:
    if ABLATIONS[name].sweep:
        SWEEPS.setdefault(ABLATIONS[name].sweep, []).append(name)

# Of each ablation a table of its own, of a suite one of all and a figure of each sweep.
SUITES = {"ablations": ASKED, "quick": [name for name in ASKED if ABLATIONS[name].quick]}


def settings_of(names):
    """A digest of all that the tables and figures of some ablations read in the configuration."""
    return digest(
        *(ABLATIONS[name] for name in names),
        *(model.config for name in names for pair in COMPARED[name] for model in pair),
    )


for NAME_OF_ABLATION in ASKED:

    rule:
        name:
            f"ablation_{NAME_OF_ABLATION}"
        input:
            compared(NAME_OF_ABLATION),
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.root}/ablations/{NAME_OF_ABLATION}", *[f".{kind}" for kind in TABLE_KINDS]),
        log:
            f"{OUT.root}/logs/ablation-{NAME_OF_ABLATION}.log",
        params:
            run=RUN.name,
            name=NAME_OF_ABLATION,
            to=f"{OUT.root}/ablations/{NAME_OF_ABLATION}",
            reads=settings_of([NAME_OF_ABLATION]),
        shell:
            "int-bench ablation table {params.run} {params.name} --to {params.to} 2> {log}"


for SUITE, NAMES in SUITES.items():
    if not NAMES:
        continue

    rule:
        name:
            f"figure_{SUITE}"
        input:
            [compared(name) for name in NAMES],
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.figures}/ablations/{SUITE}", *[f".{kind}" for kind in FIGURE_KINDS]),
        log:
            f"{OUT.root}/logs/figure-{SUITE}.log",
        params:
            run=RUN.name,
            names=" ".join(NAMES),
            to=f"{OUT.figures}/ablations/{SUITE}",
            reads=settings_of(NAMES),
        shell:
            "int-bench ablation overview {params.run} {params.names} --to {params.to} 2> {log}"


for SWEEP, NAMES in SWEEPS.items():

    rule:
        name:
            f"sweep_{SWEEP}"
        input:
            [compared(name) for name in NAMES],
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.figures}/ablations/{SWEEP}", *[f".{kind}" for kind in FIGURE_KINDS]),
        log:
            f"{OUT.root}/logs/sweep-{SWEEP}.log",
        params:
            run=RUN.name,
            names=" ".join(NAMES),
            to=f"{OUT.figures}/ablations/{SWEEP}",
            reads=settings_of(NAMES),
        shell:
            "int-bench ablation figure {params.run} {params.names} --to {params.to} 2> {log}"


for SUITE, NAMES in SUITES.items():
    if not NAMES:
        continue

    rule:
        name:
            SUITE
        input:
            [compared(name) for name in NAMES],
            f"{OUT.figures}/ablations/{SUITE}.png",
            [f"{OUT.figures}/ablations/{sweep}.png" for sweep in SWEEPS if set(SWEEPS[sweep]) <= set(NAMES)],
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.root}/ablations/{SUITE}", *[f".{kind}" for kind in TABLE_KINDS]),
        log:
            f"{OUT.root}/logs/{SUITE}.log",
        params:
            run=RUN.name,
            names=" ".join(NAMES),
            to=f"{OUT.root}/ablations/{SUITE}",
            reads=settings_of(NAMES),
        shell:
            "int-bench ablation table {params.run} {params.names} --to {params.to} 2> {log}"
