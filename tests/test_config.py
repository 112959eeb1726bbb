"""Configurations: the shipped ones parse, what is wrong is named, and parts have stable digests."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import (
    ConfigError,
    RunConfig,
    canonical,
    digest,
    engine_config,
    load,
    merge,
    override_of,
    read_mapping,
)
from int_bench.report.figures.points import FIGURE6

ROOT = Path(__file__).parents[1]
CONFIGS = sorted(path for path in (ROOT / "configs").glob("*.yaml") if path.name != "ablations.yaml")
OVERRIDES = sorted((ROOT / "configs" / "overrides").glob("*.yaml"))
PAPER = sorted((ROOT / "configs").glob("paper-*.yaml"))
SMOKE = ROOT / "configs" / "smoke.yaml"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


def test_there_are_configurations():
    assert {"smoke", "tiny"} <= {path.stem for path in CONFIGS}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_configuration_parses_and_survives_a_round_trip(path: Path, tmp_path: Path):
    config = load(path)
    assert config.name == {"small": "tiny"}.get(path.stem, path.stem)  # small goes on from tiny's results
    copy = tmp_path / "copy.yaml"
    copy.write_text(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False))
    assert load(copy) == config
    copy.with_suffix(".json").write_text(json.dumps(config.model_dump(mode="json")))
    assert load(copy.with_suffix(".json")) == config


@pytest.mark.parametrize(
    ("assignment", "key", "near"),
    [
        ("sede=1", "sede", "seed"),
        ("rl.kll=0.1", "rl.kll", "kl"),
        ("evaluation.sampling.temprature=0.1", "evaluation.sampling.temprature", "temperature"),
        # Inside unions, where pydantic names the chosen member, and below names that a run chooses.
        ("model.updatess=3", "model.updatess", "updates"),
        ("model.architecture.hiden=3", "model.architecture.hiden", "hidden"),
        ("problems.pol=3", "problems.pol", "pools"),
        ("problems.pools.tricky.sise=3", "problems.pools.tricky.sise", "size"),
        ("problems.benchmarks.easy.fanout=0.1", "problems.benchmarks.easy.fanout", "fan_out"),
        ("oracles.noisy.wrong_plac=0.1", "oracles.noisy.wrong_plac", "wrong_place"),
        ("arms.int.sufix=true", "arms.int.sufix", "suffix"),
        ("arms.int.sft.epoch=3", "arms.int.sft.epoch", "epochs"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_right_one(assignment: str, key: str, near: str):
    with pytest.raises(ConfigError) as caught:
        load(SMOKE, override_of([assignment]))
    assert str(caught.value) == f"{SMOKE}: unknown key {key!r}; did you mean {near!r}?"


def test_a_key_like_no_other_is_refused_without_a_guess():
    with pytest.raises(ConfigError) as caught:
        load(SMOKE, {"rl": {"xyzzy": 1}})
    assert str(caught.value) == f"{SMOKE}: unknown key 'rl.xyzzy'"


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (["rl.steps=0"], "rl.steps: Input should be greater than 0"),
        (["evaluation.held_out=esy"], "no benchmark 'esy'; did you mean 'easy'?"),
        (["rl.arms.nit={}"], "which is neither 'base' nor an arm; did you mean 'int'?"),
        (["rl.prompts=5"], "rl: minibatch_prompts 2 does not divide prompts 5"),
        (["rl.checkpoints=[0, 1]"], "checkpoints must rise from 0 to steps = 2, got [0, 1]"),
        (["rl.micro_batch=3"], "micro_batch 3 does not divide"),
        (
            ["oracles.asked={kind: language_model, chat: {budget: {dollars: 5}}}"],
            "budget.dollars says nothing without prices",
        ),
        (["interventions.placement=repair"], "oracles.self: language models are asked to replace a step"),
        (["interventions.oracle=noisi"], "interventions.oracle: no oracle 'noisi'; did you mean 'noisy'?"),
        (["arms.distill.suffix=true"], "intervention, suffix and end are for interventions; solutions are cloned"),
        (["arms.int.prefix=false", "arms.int.intervention=false"], "arms.int: the loss counts nothing"),
        (["arms.suffix.end=true"], "arms.suffix: an end follows an intervention that the loss counts"),
        (["oracles.moved={kind: altered}"], "alters nothing: give a place or a content"),
        (["oracles.moved={kind: altered, of: nosy, place: first}"], "oracles.moved.of: no oracle 'nosy'; did you mean"),
        (
            ["oracles.a={kind: altered, place: first}", "oracles.b={kind: altered, of: a, place: first}"],
            "oracles.b.of: 'a' is an altered oracle itself",
        ),
        (["oracles.b={kind: altered, of: self, content: bare}"], "bare is for steps of the synthetic world"),
        (["evaluation.hard_samples={hard_test: 4}"], "give one number, or one each for hard_train and hard_test"),
        (["model.kind=tought"], "model: Input tag 'tought' found"),
        (["model.updates=many"], "model.updates: Input should be a valid integer"),
        (["rl.kl=.inf"], "rl.kl: Input should be a finite number"),
        (["selection.min_correct=9"], "selection: min_correct 9 of 8 samples: nothing would be kept"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(assignments: list[str], message: str):
    with pytest.raises(ConfigError) as caught:
        load(SMOKE, override_of(assignments))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_each_hard_set_may_have_its_own_number_of_samples():
    sets = ("hard_train", "hard_test", "easy")
    for written, samples in (("8", [8, 8, 4]), ("{hard_train: 2, hard_test: 16}", [2, 16, 4])):
        evaluation = load(SMOKE, override_of([f"evaluation.hard_samples={written}"])).evaluation
        assert [evaluation.samples_of(name) for name in sets] == samples


def test_each_thing_that_is_wrong_gets_a_line():
    with pytest.raises(ConfigError) as caught:
        load(SMOKE, {"sede": 1, "rl": {"steps": -1}})
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: [1", "not YAML"),
        (b"- a\n- b", "is a mapping, this is list"),
        (b"", "NoneType"),
        (b"\xff\xfe\xfa", "not YAML"),
    ],
)
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, text: bytes, message: str):
    path = tmp_path / "run.yaml"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named_with_the_nearest_there_is():
    with pytest.raises(ConfigError, match=r"no configuration file .*smoek\.yaml; did you mean 'smoke'\?"):
        load(SMOKE.with_stem("smoek"))


def test_a_loaded_configuration_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load(SMOKE).seed = 3  # type: ignore[misc]


@given(MAPPINGS, MAPPINGS)
def test_merging_lays_the_override_over_the_base(base, override):
    merged = merge(base, override)
    assert merge(merged, override) == merged
    assert merge(base, {}) == base
    assert merge({}, override) == override
    assert set(merged) == set(base) | set(override)
    for key, value in override.items():
        if not isinstance(value, dict) or not isinstance(base.get(key), dict):
            assert merged[key] == value


def test_merging_changes_neither_side():
    base, override = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert merge(base, override) == {"a": {"b": 1, "c": 2}}
    assert (base, override) == ({"a": {"b": 1}}, {"a": {"c": 2}})


def test_a_mapping_of_another_kind_replaces_the_whole():
    noisy = {"oracle": {"kind": "noisy", "wrong_place": 0.2, "wrong_content": 0.2}}
    assert merge(noisy, {"oracle": {"kind": "exact"}}) == {"oracle": {"kind": "exact"}}
    assert merge(noisy, {"oracle": {"kind": "noisy", "wrong_place": 0.5}})["oracle"]["wrong_content"] == 0.2
    assert load(SMOKE, {"oracles": {"noisy": {"kind": "exact"}}}).oracle("noisy").kind == "exact"


def test_assignments_describe_an_override():
    assert override_of([]) == {}
    assert override_of(["rl.kl=1e-3", "rl.steps=4", "name=x", "model.kind=random", "rl.checkpoints=[0, 4]"]) == {
        "rl": {"kl": "1e-3", "steps": 4, "checkpoints": [0, 4]},
        "name": "x",
        "model": {"kind": "random"},
    }
    assert override_of(["title=a=b"]) == {"title": "a=b"}
    assert override_of(["model.revision="]) == {"model": {"revision": None}}
    # YAML reads 1e-3 as a text; the schema turns it into a number.
    assert load(SMOKE, override_of(["rl.kl=1e-3"])).rl.kl == 1e-3


@pytest.mark.parametrize("assignment", ["rl.kl", "rl.kl=[1", "rl.kl={a: b"])
def test_what_is_no_assignment_is_refused_in_one_line(assignment: str):
    with pytest.raises(ConfigError) as caught:
        override_of([assignment])
    assert repr(assignment) in str(caught.value)
    assert "\n" not in str(caught.value)


def reordered(value):
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@given(VALUES, VALUES)
def test_a_digest_ignores_the_order_of_keys_and_nothing_else(one, other):
    assert digest(one) == digest(reordered(one))
    assert (digest(one) == digest(other)) is (json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))
    assert digest(one, other) == digest(one, reordered(other))


def test_a_digest_tells_parts_apart_and_reads_sections_as_their_values():
    assert digest("a", "b") != digest("b", "a")
    assert digest(["a", "b"]) != digest("a", "b")
    config = load(SMOKE)
    assert digest(config.rl) == digest(config.rl.model_dump(mode="json"))
    assert digest({"rl": config.rl}) == digest({"rl": config.rl.model_dump(mode="json")})
    assert canonical(config) == canonical(RunConfig.model_validate(json.loads(canonical(config))))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        (
            {"arms": {"base": {"sft": {"epochs": 1, "batch": 4, "learning_rate": 1e-4}}}},
            "'base' is the name of another",
        ),
        (
            {"arms": {"rl-x": {"sft": {"epochs": 1, "batch": 4, "learning_rate": 1e-4}}}},
            "'rl-x' is the name of another",
        ),
        ({"problems": {"benchmarks": {"hard_test": {"size": 4, "operations": [2, 2]}}}}, "'hard_test' is the name of"),
        ({"arms": {"int": {"sft": {"batch": 4, "micro_batch": 3}}}}, "micro_batch 3 does not divide batch 4"),
    ],
)
def test_names_and_sizes_that_cannot_work_are_refused(override: dict, said: str):
    with pytest.raises(ConfigError, match=said):
        load(ROOT / "configs" / "smoke.yaml", override)


def test_a_file_may_hold_only_what_differs_from_another(tmp_path: Path):
    (tmp_path / "base.yaml").write_text(SMOKE.read_text())
    (tmp_path / "other.yaml").write_text("extends: base\nname: other\nrl: {kl: 0.5}\n")
    base, other = load(tmp_path / "base.yaml"), load(tmp_path / "other.yaml")
    assert (other.name, other.rl.kl) == ("other", 0.5)
    assert other.model_copy(update={"name": base.name, "rl": base.rl}) == base
    (tmp_path / "lost.yaml").write_text("extends: bose\n")
    with pytest.raises(ConfigError, match=r"no configuration file .*bose\.yaml; did you mean 'base'\?"):
        load(tmp_path / "lost.yaml")


def test_the_later_version_keeps_the_first_ones_decoding_and_drops_its_kl():
    first, later = (load(ROOT / "configs" / f"paper-qwen3{name}.yaml") for name in ("", "-final"))
    assert (first.rl.kl, later.rl.kl) == (0.001, 0.0)
    assert (later.arms["int"].sft.epochs, later.arms["int"].sft.batch, later.rl.steps) == (4, 64, 400)
    assert later.sampling == first.sampling
    assert set(later.problems.benchmarks) > set(first.problems.benchmarks)


def test_the_later_version_adds_nothing_easier_and_matches_its_own_int():
    first, later = (load(ROOT / "configs" / f"paper-qwen3{name}.yaml") for name in ("", "-final"))
    assert later.problems.easier is None
    assert not any(arm.easier for arm in later.rl.arms.values())
    for name in (name for name in later.arms if name.endswith("_matched")):
        before, after = first.arms[name].sft, later.arms[name].sft
        assert (after.trained_tokens, after.batch) == (before.trained_tokens / 2, 2 * before.batch)
    assert later.arms["int_matched"].sft.batch == later.arms["int"].sft.batch


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_arms_of_figure_6_are_evaluated_on_its_benchmarks(path: Path):
    config = load(path)
    shown = [name for name in FIGURE6 if name in config.arms and config.evaluation.table2]
    assert all(config.arms[name].benchmarks for name in shown)


@pytest.mark.parametrize("override", OVERRIDES, ids=lambda path: path.stem)
@pytest.mark.parametrize("path", PAPER, ids=lambda path: path.stem)
def test_every_override_fits_every_paper_configuration(path: Path, override: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    config = load(path, read_mapping(override))
    entries = {**config.problems.pools, **config.problems.benchmarks}
    assert all(entry.limit == 4 for entry in entries.values())
    # Whatever the hub holds is read from a file that is there.
    assert all(Path(e.source).is_file() or e.source.startswith("bundled:") for e in entries.values())


def test_local_files_stand_for_the_hub_and_nothing_else():
    config = load(ROOT / "configs" / "paper-e3.yaml", override_of(["problems.local=there", "problems.limit=7"]))
    assert config.problems.pools["deepscaler"].source == "there/deepscaler.jsonl"
    assert config.problems.pools["deepscaler"].limit == 7
    assert config.problems.benchmarks["olymmath_easy"].source == "bundled:OlymMATH-EN-EASY.jsonl"
    again = load(ROOT / "configs" / "paper-e3.yaml", config.model_dump(mode="json"))
    assert again == config


def test_an_engine_may_be_named_alone():
    assert load(SMOKE, {"engine": "vllm"}).engine.name == "vllm"
    with pytest.raises(ConfigError, match=r"engine\.rowz: Extra inputs"):
        engine_config("transformers", ["rowz=3"])


def test_the_budget_of_int_counts_every_proposal_that_its_filter_may_sample():
    smoke = CONFIGS[0].parent / "smoke.yaml"
    assert load(smoke).int_budget == 8
    # The base model is asked twice about each attempt.
    assert load(smoke, override_of(["interventions.oracle=self"])).int_budget == 2 * 8
    assert load(smoke, override_of(["interventions.per_problem=3"])).pass_samples("rejection") == 3 * 8
