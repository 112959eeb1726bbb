# Other runs: those that stand beside this one, and its ablations. Each is a module, which is to say all these rules once more
# under a prefix, for another configuration. What an ablation shares with the run is made by the run's own rules.
MODULES = {}
if not config.get("alone"):
    for name, companion in RUN.companions.items():
        path, laid_over = companion_source(f"configs/{NAME}.yaml", RUN, name, OVERRIDE)
        MODULES[f"{name}_"] = {"run": path.stem, "alone": True, **laid_over}


# A module for each ablation takes long to read, so there are only those that the command line speaks of.
def asked_for(name):
    """Whether the command line speaks of an ablation, or of a suite that it belongs to."""
    suites = {"ablations", *(["quick"] if ABLATIONS[name].quick else [])}
    return any(word in suites or name in word for word in SAID)


ABLATED = {}
SAID = [] if config.get("alone") else sys.argv[1:]
for name, ablation in ABLATIONS.items():
    if asked_for(name):
        try:
            ABLATED[name] = load(f"configs/{NAME}.yaml", ablated(f"configs/{NAME}.yaml", OVERRIDE, name, ablation))
        except ConfigError as error:
            sys.exit(str(error))
        MODULES[f"{name}_"] = {"run": NAME, "alone": True, "ablation": name, **OVERRIDE}

for MODULE in MODULES:

    module:
        name: MODULE
        snakefile:
            "../Snakefile"
        config:
            MODULES[MODULE]

    use rule * from MODULE as MODULE*


SWEEPS = {}
for name in ABLATED:
    if ABLATIONS[name].sweep:
        SWEEPS.setdefault(ABLATIONS[name].sweep, []).append(name)

# Of each ablation a table of its own, of a suite one of all and a figure of each sweep.
SUITES = {"ablations": list(ABLATED), "quick": [name for name in ABLATED if ABLATIONS[name].quick]}
for NAME_OF_ABLATION in ABLATED:

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
            reads=digest(ABLATIONS[NAME_OF_ABLATION], ABLATED[NAME_OF_ABLATION]),
        shell:
            "int-bench ablation table {params.run} {params.name} --to {params.to} 2> {log}"


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
            reads=[digest(ABLATIONS[name], ABLATED[name]) for name in NAMES],
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
            [f"{OUT.figures}/ablations/{sweep}.png" for sweep in SWEEPS if set(SWEEPS[sweep]) <= set(NAMES)],
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.tables}/{SUITE}", *[f".{kind}" for kind in TABLE_KINDS]),
        log:
            f"{OUT.root}/logs/{SUITE}.log",
        params:
            run=RUN.name,
            names=" ".join(NAMES),
            to=f"{OUT.tables}/{SUITE}",
            reads=[digest(ABLATIONS[name], ABLATED[name]) for name in NAMES],
        shell:
            "int-bench ablation table {params.run} {params.names} --to {params.to} 2> {log}"
