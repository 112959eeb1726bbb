# Other runs: those that stand beside this one, and its ablations. Each is a module, which is to say all these rules once more
# under a prefix, for another configuration. What an ablation shares with the run is made by the run's own rules.
MODULES = {}
for name, (path, laid_over) in SOURCES.items():
    MODULES[f"{name}_"] = {"run": path.stem, "alone": True, **laid_over}


SUITES = {suite: [name for name, one in ABLATIONS.items() if suite in one.suites] for suite in SUITE_NAMES}
SWEEPS = {}
for name, ablation in ABLATIONS.items():
    if ablation.sweep:
        SWEEPS.setdefault(ablation.sweep, []).append(name)

# A module for each ablation takes long to read, so there are only those that the command line speaks of: that of a user, who
# names a rule or a file, and that of a job on a cluster, where a rule's name may have a colon behind it.
SAID = [] if config.get("alone") else [word.rstrip(":") for word in sys.argv[1:] if "=" not in word]


def asked_for(name):
    """Whether the command line speaks of an ablation, or of a suite or sweep that it belongs to."""
    suites = [suite for suite, names in SUITES.items() if name in names]
    of_all = [f"figure_{suite}" for suite in suites] + [f"ablations/{suite}." for suite in suites]
    sweep = ABLATIONS[name].sweep
    of_all += [f"sweep_{sweep}", f"ablations/{sweep}."] if sweep else []
    # `ablation_kl_high` is about `kl_high`, and not about `kl`.
    longer = [other for other in ABLATIONS if name in other and other != name]
    meant = [word for word in SAID if name in word and not any(other in word for other in longer)]
    return bool(meant) or any(word in suites or any(part in word for part in of_all) for word in SAID)


ASKED = [name for name in ABLATIONS if asked_for(name)]
TARGETS = {*(f"ablation_{name}" for name in ABLATIONS), *(f"sweep_{name}" for name in SWEEPS)}
for word in SAID:
    if word.startswith(("ablation_", "sweep_")) and word not in TARGETS:
        sys.exit(f"no {word!r} in configs/ablations.yaml{nearest(word, TARGETS)}")

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
    told = {"run": Path(path).stem, "alone": True, "ablation": name, **laid_over}
    if MODULES.setdefault(f"{prefix}{name}_", told) != told:
        raise ConfigError(f"ablation {name}: its rules would have the names of others, {prefix}{name}_...; rename it")
    LAYOUTS[made.name] = Layout(made.name, run.name, shared_paths(made, whole))
    return ABLATED.setdefault(made.name, made)


try:
    COMPARED = {name: paired(name, ABLATIONS, [run for *_, run in SEEDS.values()], of_ablation) for name in ASKED}
except ConfigError as error:
    of_all = " (not every run has what a suite compares; name single ablations)" if {*SUITES} & {*SAID} else ""
    sys.exit(f"{error}{of_all}")

for MODULE in MODULES:

    module:
        name: MODULE
        snakefile:
            "../Snakefile"
        config:
            MODULES[MODULE]

    use rule * from MODULE as MODULE*


def compared(name):
    """What the table reads of an ablation: of each model its evaluation, and its rows and its drift if it is fine-tuned."""
    found = []
    for pair in COMPARED[name]:
        for model in pair:
            there = LAYOUTS[model.config.name]
            found.append(there.evaluation(model.evaluated))
            found += [there.examples(model.arm)] if model.arm else []
            found += [there.drift(model.base)] if not model.base.startswith("rl-") else []
    return sorted(set(found))


def settings_of(names):
    """A digest of all that the tables and figures of some ablations read in the configuration."""
    return digest(
        *(ABLATIONS[name] for name in names),
        *(model.config for name in names for pair in COMPARED[name] for model in pair),
    )


# Of each ablation a table of its own; of a suite, if it is asked for as a whole, a table of all and the figures of its sweeps.
TABLED = {f"ablation_{name}": (name, [name]) for name in ASKED}
PICTURED = {f"sweep_{sweep}": ("figure", sweep, names) for sweep, names in SWEEPS.items() if set(names) <= set(ASKED)}
for SUITE, NAMES in SUITES.items():
    if set(NAMES) <= set(ASKED):
        TABLED[SUITE] = (SUITE, NAMES)
        PICTURED[f"figure_{SUITE}"] = ("overview", SUITE, NAMES)


def pictures_of(suite):
    """The figures of a suite: all of it, and each sweep that is whole in it."""
    sweeps = [sweep for sweep, names in SWEEPS.items() if set(names) <= set(SUITES.get(suite, []))]
    return [f"{OUT.figures}/ablations/{name}.png" for name in ([suite, *sweeps] if suite in SUITES else [])]


for RULE, (FILE, NAMES) in TABLED.items():

    rule:
        name:
            RULE
        input:
            [compared(name) for name in NAMES],
            pictures_of(FILE),
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.root}/ablations/{FILE}", *[f".{kind}" for kind in TABLE_KINDS]),
        log:
            f"{OUT.root}/logs/ablation-{FILE}.log",
        params:
            run=RUN.name,
            names=" ".join(NAMES),
            to=f"{OUT.root}/ablations/{FILE}",
            reads=settings_of(NAMES),
        shell:
            "int-bench ablation table {params.run} {params.names} --to {params.to} 2> {log}"


for RULE, (COMMAND, FILE, NAMES) in PICTURED.items():

    rule:
        name:
            RULE
        input:
            [compared(name) for name in NAMES],
            code=code("analysis", "report"),
        output:
            multiext(f"{OUT.figures}/ablations/{FILE}", *[f".{kind}" for kind in FIGURE_KINDS]),
        log:
            f"{OUT.root}/logs/{RULE}.log",
        params:
            command=COMMAND,
            run=RUN.name,
            names=" ".join(NAMES),
            to=f"{OUT.figures}/ablations/{FILE}",
            reads=settings_of(NAMES),
        shell:
            "int-bench ablation {params.command} {params.run} {params.names} --to {params.to} 2> {log}"
