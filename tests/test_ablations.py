"""New ablations: their entries, and the jobs that they would start."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from int_bench import ablations
from int_bench.cli import app
from int_bench.config import (
    AblationConfig,
    ComparedModel,
    ConfigError,
    RunConfig,
    ablated,
    companion_source,
    comparisons,
    load,
    load_ablations,
)
from int_bench.layout import Layout, evaluated_models
from tests.smoke.conftest import ROOT

SUITE = load_ablations(ROOT / "configs" / "ablations.yaml")

KL = AblationConfig(base="rl-int", question="?", override={"rl": {"kl": 0.5}})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's configurations, and an empty file of ablations."""
    (tmp_path / "configs").mkdir()
    for path in (ROOT / "configs").glob("*.yaml"):
        (tmp_path / "configs" / path.name).write_text(path.read_text())
    (tmp_path / "rules" / "ablations").mkdir(parents=True)
    (tmp_path / "rules" / "ablations" / "half_way.smk").touch()
    (tmp_path / ablations.FILE).write_text("# Ours.\nfirst:\n  base: int\n  question: '?'\n  override: {seed: 1}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_entry_is_added_and_what_was_there_stays(place: Path):
    before = Path(ablations.FILE).read_text()
    text = ablations.entry("kl", "rl-int", "?", {"rl": {"kl": 0.5}})
    whole, suite = ablations.extended(ablations.FILE, "kl", text, "smoke")
    assert whole.startswith(before.rstrip())
    assert suite["kl"] == KL
    Path(ablations.FILE).write_text(whole)
    assert [*load_ablations(ablations.FILE)] == ["first", "kl"]


@pytest.mark.parametrize(
    ("name", "base", "override", "message"),
    [
        ("first", "int", {"seed": 2}, "there is an ablation 'first' already"),
        ("kl", "rl-nit", {"seed": 2}, "no 'rl-nit'; did you mean 'rl-int'"),
        ("kl", "int", {"rl": {"beta": 1}}, "ablation kl: configs/smoke.yaml: unknown key 'rl.beta'"),
        ("K-L", "int", {"seed": 2}, "configs/ablations.yaml: the name 'K-L'"),
        ("quick", "int", {"seed": 2}, "'quick' is the name of a suite"),
        ("design", "int", {"seed": 2}, "'design' is the name of a suite"),
        ("sweep_kl", "int", {"seed": 2}, "the name 'sweep_kl' begins as a target does; leave out sweep_"),
        ("seeded", "int", {"seed": 2}, "seeded changes the problems of run smoke"),
        ("world", "rl-int", {"problems": {"seed": 2}}, "world changes the problems of run smoke"),
        ("distill", "int", {"seed": 2}, "'distill' is an ablation and a model of run smoke"),
        ("small", "int", {"seed": 2}, "run smoke has a companion of that name"),
        ("same", "int", {}, "compared with itself"),
        ("gone", "suffix", {"arms": {"suffix": None}}, "the override takes 'suffix' away"),
        ("text", "rl-int", {"rl": 5}, "ablation text: configs/smoke.yaml: rl"),
        ("named", "int", {"name": "other"}, "name is not for an ablation to override"),
        ("idle", "int", {"rl": {"kl": 0.5}}, "idle changes nothing that 'int' of run smoke depends on"),
        ("ruled", "int", {"arms": {"int": {"rule": "hlaf_way"}}}, "no file rules/ablations/hlaf_way.smk; did you mean"),
    ],
)
def test_a_wrong_entry_is_refused_and_nothing_is_written(place: Path, name, base, override, message):
    before = Path(ablations.FILE).read_text()
    with pytest.raises(ConfigError, match=message):
        ablations.extended(ablations.FILE, name, ablations.entry(name, base, "?", override), "smoke")
    assert Path(ablations.FILE).read_text() == before
    assert [path.name for path in Path("configs").glob(".*")] == []


def ablated_model(run: str, name: str, ablation: AblationConfig) -> ComparedModel:
    return ablations.compared(run, name, {**SUITE, name: ablation})[0]


def test_the_jobs_of_an_ablation_are_those_that_its_override_touches(place: Path):
    run = load("configs/smoke.yaml")
    assert ablations.jobs(run, ablated_model("smoke", "new", KL)) == [("rl", "int"), ("evaluation", "rl-int@2")]
    epochs = AblationConfig(base="rl-int", question="?", override={"arms": {"int": {"sft": {"epochs": 5}}}})
    jobs = ablations.jobs(run, ablated_model("smoke", "new", epochs))
    assert jobs == [("sft", "int"), ("rl", "int"), ("evaluation", "rl-int@2")]


def test_a_job_costs_what_the_like_of_it_took_in_the_run(place: Path):
    run = load("configs/smoke.yaml")
    longer = ablated_model(
        "smoke",
        "new",
        AblationConfig(base="rl-int", question="?", override={"rl": {"steps": 6, "checkpoints": [0, 6]}}),
    )
    assert ablations.estimate(run, longer.config, ("rl", "int")) is None
    took = {
        "models/rl-int": 12.5,
        "rollouts/filter-noisy": 4.0,
        "rollouts/filter-self": 6.0,
        "evaluation/rl-int@2": 9.0,
    }
    for made, seconds in took.items():
        manifest = Path(Layout("smoke").root) / f"{made}.manifest.json"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(json.dumps({"seconds": seconds}))
    assert ablations.estimate(run, run, ("rl", "int")) == 12.5
    assert ablations.estimate(run, longer.config, ("rl", "int")) == 12.5 * 6 / run.rl.steps
    assert ablations.estimate(run, run, ("filter", "noisy")) == 4.0
    assert ablations.estimate(run, run, ("filter", "wrong")) == 5.0
    # Two stops for interventions after 2 of 6 steps each: 8 problems with 4 attempts and a filter of 8 for each of 1.
    again = {
        "rl": {"kl": 0.0, "steps": 6, "checkpoints": [0, 6], "arms": {"int": {"again": {"every": 2, "arm": "int"}}}}
    }
    online = ablated_model("smoke", "new", AblationConfig(base="rl-int", question="?", override=again))
    drawn = 2 * run.rl.prompts * run.rl.samples
    assert ablations.estimate(run, online.config, ("rl", "int")) == pytest.approx(
        12.5 * (3 * drawn + 2 * 8 * (4 + 8)) / drawn
    )
    # A result that the run had under other settings says nothing of it now.
    manifest = Path(Layout("smoke").root) / "evaluation/rl-int@6.manifest.json"
    manifest.write_text(json.dumps({"seconds": 99.0}))
    # Of two hard sets and one benchmark four samples a problem, in the run eight of the hard ones, and more benchmarks.
    own = 2 * 8 + 4 * len(run.problems.benchmarks)
    assert ablations.estimate(run, longer.config, ("evaluation", "rl-int@6")) == pytest.approx(9.0 * 3 * 4 / own)


def test_a_dry_run_says_what_is_known_of_the_cost_and_what_is_not(place: Path):
    asked = ["ablation", "new", "kl", "--base", "rl-int", "--set", "rl.kl=0.5", "--run", "smoke", "--dry-run"]

    def last_line() -> str:
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 0, done.output
        return done.output.splitlines()[-1].split(": ", 1)[1]

    unknown = "the cost is unknown until `snakemake --cores all --config run=smoke` was run"
    assert last_line() == f"2 jobs, of 2 {unknown}"
    for made, left in {"models/rl-int": f"of 1 {unknown}", "evaluation/rl-int@2": ""}.items():
        manifest = Path(Layout("smoke").root) / f"{made}.manifest.json"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(json.dumps({"seconds": 20.0}))
        assert last_line().startswith(f"2 jobs, {left}")
    # Its evaluation has no benchmarks but one, and so fewer rollouts.
    assert re.fullmatch(r"2 jobs, about (2\d|3\d) s for each seed, once smoke is made", last_line())
    assert "kl" not in load_ablations(ablations.FILE)


@pytest.mark.parametrize("name", SUITE)
def test_every_ablation_of_the_suite_changes_what_it_speaks_of_and_nothing_before(name: str, monkeypatch):
    monkeypatch.chdir(ROOT)
    ablation, run = SUITE[name], load("configs/tiny.yaml")
    theirs, own = ablations.compared("tiny", name, SUITE)
    jobs = ablations.jobs(run, theirs)
    assert ablation.question.endswith("?")
    assert theirs != own
    if not ablation.override:
        assert bool(jobs) == (ablation.base in SUITE)
        return
    assert jobs[-1][0] == ("evaluation" if ablation.base.startswith("rl-") else "likelihood")
    # What comes before interventions is the run's own, and so is what none of the changed stages reads.
    stages = {stage for stage, _ in jobs}
    assert stages <= {"interventions", "filter", "selection", "solutions", "sft", "rl", "likelihood", "evaluation"}
    assert ("rl" in stages) == ablation.base.startswith("rl-")
    assert not (ablation.quick and "rl" in stages)


def test_a_sweep_has_one_question_and_no_place_on_its_axis_is_taken_twice():
    sweeps = {ablation.sweep for ablation in SUITE.values() if ablation.sweep}
    for sweep in sweeps:
        points = [ablation for ablation in SUITE.values() if ablation.sweep == sweep]
        assert len({(point.question, point.axis, point.quick) for point in points}) == 1
        for line in {point.line for point in points}:
            of_line = [point for point in points if point.line == line]
            owns = {point.own for point in of_line} - {None}
            # Where a point stands for what they are compared with, that is the same for all.
            assert not owns or len({(point.against or point.base, point.own) for point in of_line}) == 1
            places = [point.at for point in of_line] + [*owns]
            assert len(set(places)) == len(places) > 2


@pytest.mark.parametrize("name", [name for name, ablation in SUITE.items() if ablation.quick])
def test_the_quick_suite_fits_the_smallest_run(name: str, monkeypatch):
    monkeypatch.chdir(ROOT)
    theirs, _ = ablations.compared("smoke", name, SUITE)
    assert bool(ablations.jobs(load("configs/smoke.yaml"), theirs)) == bool(
        SUITE[name].override or SUITE[name].base in SUITE
    )


def test_the_quick_suite_asks_of_place_content_mask_and_filter():
    quick = {name.split("_")[0] for name, ablation in SUITE.items() if ablation.quick}
    assert quick == {"place", "content", "placement", "mask", "filter"}


def test_the_suite_of_the_papers_choices_asks_of_the_rows_the_training_and_rl():
    chosen = {name: one for name, one in SUITE.items() if "design" in one.suites}
    asked = {name.split("_")[0] for name, one in chosen.items() if not one.base.startswith("rl-")}
    assert asked == {"place", "content", "placement", "mask", "filter", "oracle", "int", "online"}
    settings = {key for one in chosen.values() for key in one.override.get("rl", {})}
    assert settings == {"kl", "clip_low", "clip_high", "scale", "samples", "prompts", "minibatch_prompts"} | {
        "arms",
        "steps",
        "checkpoints",
    }


def test_companions_of_another_seed_have_what_the_papers_choices_are_compared_with(monkeypatch):
    monkeypatch.chdir(ROOT)
    small = load("configs/small.yaml")
    sources = [companion_source("configs/small.yaml", small, name, {}) for name in ("seed1", "world1")]
    laid = {load(*source).name: source for source in sources}

    def really_made(run: RunConfig, name: str) -> RunConfig:
        path, override = laid.get(run.name, ("configs/small.yaml", {}))
        return load(path, ablated(path, override, name, SUITE[name]))

    for name in [name for name, one in SUITE.items() if "design" in one.suites]:
        pairs = comparisons(name, SUITE, [small, *(load(*source) for source in sources)], really_made)
        assert len(pairs) == 3, name


def made(run: RunConfig, name: str) -> RunConfig:
    """Stands for the configuration of an ablation of a run."""
    return run.model_copy(update={"name": f"{run.name}-{name}", "shares": run.name})


def test_an_ablation_is_compared_with_another_one_in_every_seed_that_has_the_models():
    run = load(ROOT / "configs" / "smoke.yaml")
    other, poorer = run.model_copy(update={"name": "other"}), load(ROOT / "configs" / "real-smoke.yaml")
    suite = {"kl": KL, "more": KL.model_copy(update={"against": "kl"})}
    found = [
        (theirs.config.name, own.config.name, own.evaluated)
        for theirs, own in comparisons("more", suite, [run, other], made)
    ]
    assert found == [("smoke-more", "smoke-kl", "rl-int@2"), ("other-more", "other-kl", "rl-int@2")]
    found = comparisons("free", {"free": AblationConfig(base="no_filter", question="?", against="int")}, [run], made)
    assert [(theirs.base, own.base, own.config.name) for theirs, own in found] == [("no_filter", "int", "smoke")]
    free = AblationConfig(base="kl", question="?", against="more")
    ((theirs, own),) = comparisons("free", {**suite, "free": free}, [run], made)
    assert (theirs.config.name, own.config.name, own.evaluated) == ("smoke-kl", "smoke-more", "rl-int@2")
    lacking = AblationConfig(base="gold", question="?", override={"seed": 1})
    assert ("gold" in run.arms, "gold" in poorer.arms) == (True, False)
    assert [theirs.config.name for theirs, _ in comparisons("few", {"few": lacking}, [run, poorer], made)] == [
        "smoke-few"
    ]


@pytest.mark.parametrize(
    ("against", "message"),
    [
        ("rl-nit", "no 'rl-nit' and no ablation has that name; did you mean 'rl-int'"),
        ("int", "'int' is an ablation and a model"),
        ("kl", "kl is compared with itself"),
        ("free", "'free' makes no model"),
        ("fere", "did you mean 'free'"),
    ],
)
def test_what_an_ablation_is_compared_with_is_one_thing(against: str, message: str):
    free = AblationConfig(base="no_filter", question="?", against="int")
    suite = {"kl": KL.model_copy(update={"against": against}), "int": KL, "free": free}
    with pytest.raises(ConfigError, match=message):
        comparisons("kl", suite, [load(ROOT / "configs" / "smoke.yaml")], made)


def test_a_point_without_a_sweep_is_refused(tmp_path: Path):
    path = tmp_path / "ablations.yaml"
    path.write_text("one: {base: int, question: '?', override: {}, at: 3}\n")
    with pytest.raises(ConfigError, match="one: a point of a sweep has both"):
        load_ablations(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one: {base: int, question: '?', overide: {seed: 1}}", "one: unknown key 'overide'; did you mean 'override'"),
        ("one: {base: int, question: '?', quick: maybe}", "one: quick: Input should be a valid boolean"),
        ("on: {base: int, question: '?', override: {seed: 1}}", "the name True"),
        ("one: {base: int}\none: {base: self}", "'one' is there twice .*line 2"),
    ],
)
def test_a_wrong_file_is_refused_in_a_line_that_names_the_thing(tmp_path: Path, text: str, message: str):
    path = tmp_path / "ablations.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_ablations(path)


def test_an_ablated_arm_is_evaluated_on_what_the_table_shows(place: Path):
    arm = AblationConfig(base="int", question="?", override={"arms": {"int": {"sft": {"epochs": 5}}}})
    run, config = load("configs/smoke.yaml"), ablations.of_run("smoke", "epochs", arm)
    sets = evaluated_models(run)["int"]
    assert {"hard_train": 8, "hard_test": 8, "sums": 4}.items() < sets.items()
    assert evaluated_models(config)["int"] == {"hard_train": 4, "hard_test": 4, "easy": 4}
    # The run's own evaluations are not made again for it.
    assert evaluated_models(config)["base"] == evaluated_models(run)["base"]
