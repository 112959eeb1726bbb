"""Which stages re-run when a value of the configuration changes."""

from pathlib import Path

import pytest

from int_bench.config import RunConfig, engine_config, load, override_of
from int_bench.reads import STAGES, engine_parts, reads_digest

CONFIGS = Path(__file__).parents[1] / "configs"
SAMPLED = {"mining", "pass", "rejection", "filter", "guided"}
SEEDED = {*SAMPLED, "hard_set", "interventions", "verdicts", "sft", "rl", "likelihood", "evaluation", "report"}
SEEDED |= {"solutions traces", "solutions refined"}


def digests(config: RunConfig) -> dict[str, str]:
    oracle = "noisy" if "noisy" in config.oracles else config.interventions.oracle
    names = {"interventions": oracle, "sft": "int", "rl": "int", "evaluation": "base"}
    found = {stage: reads_digest(stage, config, names.get(stage, "")) for stage in STAGES if stage != "solutions"}
    found["rejection"] = reads_digest("pass", config, "rejection")
    return found | {f"solutions {name}": reads_digest("solutions", config, name) for name in config.solutions}


@pytest.mark.parametrize(
    ("assignment", "changed"),
    [
        ("title=other", {"report"}),
        ("seed=7", SEEDED),
        ("rl.kl=0.01", {"rl", "report"}),
        ("rl.scale=group", {"rl", "report"}),
        ("rl.arms.distill=null", {"report"}),
        ("rl.arms.int.int_budget=true", {"rl", "report"}),
        ("rl.arms.int.hints={schedule: uniform, share: [0.0, 0.5]}", {"rl", "report"}),
        ("rl.arms.hinted.hints.share=[1.0, 0.0]", {"report"}),
        ("rl.arms.int.easier=true", {"rl", "report"}),
        ("rl.arms.base_easier.easier=false", {"report"}),
        ("problems.easier.size=9", {"problems", "report"}),
        ("rl.samples=2", {"rl", "calibration", "report"}),
        ("selection.min_correct=2", {"filter", "selection", "report"}),
        ("selection.samples=9", {"filter", "guided", "rejection", "report"}),
        ("selection.first_round=2", {"filter", "report"}),
        ("sampling.temperature=0.5", {*SAMPLED, "report"}),
        ("engine.rows=3", {*SAMPLED, "rl", "evaluation", "report"}),
        ("configurations_samples=9", {"pass", "report"}),
        ("hard_set.samples=9", {"mining", "hard_set", "report"}),
        ("engine.shards=4", {"report"}),
        ("engine.vllm.context=999", {*SAMPLED, "evaluation", "report"}),
        ("engine.vllm.memory=0.5", {"report"}),
        ("engine.vllm.sequences=9", {"report"}),
        ("engine.vllm.cpu_memory=9", {"report"}),
        ("engine.server.model=other", {"report"}),
        ("engine.name=vllm", {*SAMPLED, "evaluation", "report"}),
        ("engine.server.url=http://other", {"report"}),
        ("hard_set.test=5", {"hard_set", "report"}),
        ("interventions.per_problem=2", {"interventions", "rejection", "solutions refined", "report"}),
        ("oracles.noisy.wrong_place=0.1", {"interventions", "report"}),
        ("interventions.oracle=random", {"sft", "report"}),
        ("arms.int.oracle=random", {"sft", "report"}),
        ("steps.split=keywords", {"interventions", "verdicts", "solutions refined", "report"}),
        ("solutions.traces.style=think", {"solutions traces", "report"}),
        ("solutions.refined.proposals=3", {"solutions refined", "report"}),
        ("solutions.refined.chat.sampling.temperature=0.5", {"solutions refined", "report"}),
        ("solutions.refined.chat.budget.tokens=9", {"report"}),
        ("grading.seconds=9.0", {*SAMPLED, "solutions refined", "rl", "evaluation", "report"}),
        ("arms.int.sft.epochs=9", {"sft", "report"}),
        ("arms.distill.sft.epochs=9", {"report"}),
        ("arms.int.pass_at_k=false", {"report"}),
        ("rl.arms.int.pass_at_k=false", {"report"}),
        ("evaluation.samples=9", {"evaluation", "report"}),
        ("evaluation.ks=[1, 2]", {"report"}),
        ("model.updates=9", {"base", "report"}),
        ("problems.pools.tricky.size=9", {"problems", "report"}),
        ("problems.student.slip=0.2", {"problems", "base", "interventions", "report"}),
        ("problems.calibration.all_wrong=0.1", {"calibration", "report"}),
        ("report.resamples=9", {"report"}),
    ],
)
def test_a_changed_value_touches_only_the_stages_that_read_it(assignment: str, changed: set[str]):
    before = digests(load(CONFIGS / "smoke.yaml"))
    after = digests(load(CONFIGS / "smoke.yaml", override_of([assignment])))
    assert {stage for stage in before if before[stage] != after[stage]} == changed


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("auto", {"rows=3", "vllm.context=999"}),
        ("transformers", {"rows=3"}),
        ("vllm", {"vllm.context=999"}),
        ("http", {"server.model=m", "server.endpoint=chat"}),
    ],
)
def test_of_the_engines_settings_those_of_the_one_in_use_decide(name: str, read: set[str]):
    said = [
        "rows=3",
        "vllm.context=999",
        "vllm.memory=0.5",
        "vllm.sequences=9",
        "server.model=m",
        "server.endpoint=chat",
    ]
    before = engine_parts(engine_config(name, []))
    assert {one for one in said if engine_parts(engine_config(name, [one])) != before} == read


@pytest.mark.parametrize("name", ["smoke", "real-smoke", "tiny", "paper-e3"])
def test_digests_are_stable_and_defined_for_every_world(name: str):
    one, two = (digests(load(CONFIGS / f"{name}.yaml")) for _ in range(2))
    assert one == two


def test_models_are_evaluated_by_what_they_are_asked():
    config = load(CONFIGS / "tiny.yaml")
    # A checkpoint in the middle of RL is evaluated on fewer sets than the last one.
    middle, last = (reads_digest("evaluation", config, f"rl-int@{step}") for step in (20, 60))
    assert middle != last
    assert last == reads_digest("evaluation", config, "base")
    brief = load(CONFIGS / "tiny.yaml", {"arms": {"int": {"pass_at_k": False}}})
    assert reads_digest("evaluation", brief, "int") != reads_digest("evaluation", config, "int")


def test_another_held_out_benchmark_is_measured_anew_and_the_base_model_not_evaluated_again():
    before, after = (load(CONFIGS / "tiny.yaml", {"evaluation": {"held_out": name}}) for name in ("easy", "long"))
    changed = {
        stage: reads_digest(stage, before, "base") != reads_digest(stage, after, "base")
        for stage in ("likelihood", "evaluation")
    }
    assert changed == {"likelihood": True, "evaluation": False}


def test_arms_are_told_apart():
    config = load(CONFIGS / "tiny.yaml")
    assert len({reads_digest("sft", config, arm) for arm in config.arms}) == len(config.arms)


@pytest.mark.parametrize(
    "problems",
    [
        {"benchmarks": {"olymmath_easy": {"limit": 3}}},
        {"benchmarks": {"olymmath_easy": "olymmath-en-easy"}},
        {"pools": {"math": {"limit": 3}}},
        {"decontamination": None},
        {"decontamination": {"overlap": 0.4}},
    ],
)
def test_what_is_said_of_real_problems_is_read_by_their_stage(problems: dict):
    before = digests(load(CONFIGS / "real-smoke.yaml"))
    after = digests(load(CONFIGS / "real-smoke.yaml", {"problems": problems}))
    assert {stage for stage in before if before[stage] != after[stage]} == {"problems", "report"}
