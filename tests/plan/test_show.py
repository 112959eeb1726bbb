"""The command: every shipped configuration is planned, quickly and legibly, and what is missing is said."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from int_bench.config import load, override_of
from int_bench.plan.cost import Serving, sampling_seconds
from int_bench.plan.device import device_named
from int_bench.plan.estimate import plan_of
from int_bench.plan.missing import missing
from int_bench.plan.show import shown
from tests.smoke.conftest import ROOT
from tests.test_cli import one_line, run, user_seconds

CONFIGS = sorted(path.stem for path in (ROOT / "configs").glob("*.yaml") if path.stem != "ablations")


@pytest.mark.parametrize("name", CONFIGS)
def test_every_configuration_is_planned_within_120_columns(name: str):
    done = run("plan", name)
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 120
    rows = [line.split() for line in done.stdout.splitlines()]
    for rule in ("problems", "mine", "guide", "sft", "rl", "evaluate", "figures"):
        assert any(row[:1] == [rule] and row[1].isdecimal() for row in rows), rule


def test_a_plan_is_quick_and_does_without_torch():
    script = (
        "import sys\n"
        "from int_bench.config import load\n"
        "from int_bench.plan.estimate import plan_of\n"
        "from int_bench.plan.show import shown\n"
        "shown(plan_of(load('configs/paper-e3.yaml')))\n"
        "sys.exit(bool({'torch', 'transformers', 'datasets'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
    assert min(user_seconds("plan", "paper-e3") for _ in range(3)) < 2.0


ONE_GPU = ("engine.shards=1", "training.processes=1", "rl.generation.kind=embedded")


def plan(name: str, *overrides: str, **options):
    return plan_of(load(ROOT / "configs" / f"{name}.yaml", override_of(overrides)), **options)


def test_totals_are_sums_and_cases_are_ordered():
    done = plan("paper-e3")
    for line in done.lines:
        least, expected, most = line.sequences_C
        assert least <= expected <= most or least >= expected >= most
    total = sum(line.sequences_C[1] for line in done.lines)
    assert f"{total:,.0f}" in shown(done)


def test_pools_with_published_counts_show_what_mining_saves():
    text = shown(plan("paper-qwen3"))
    assert ["polaris", "54,000", "64", "published"] in [line.split()[:4] for line in text.splitlines()]
    text = shown(plan("paper-e3"))
    assert all(origin in text for origin in ("if the hardest", "divided as Polaris-53K", "if the easiest"))
    assert "Mining begins" not in shown(plan("tiny"))


@pytest.mark.parametrize(
    ("override", "faster"),
    [
        ("engine.shards=4", {"mine", "evaluate"}),
        ("training.processes=4", {"sft", "rl"}),
        ("engine.gpus=2", {"mine", "filter"}),
    ],
)
def test_more_gpus_shorten_the_wall(override: str, faster: set[str]):
    alone = {line.rule.name: line for line in plan("paper-e3", *ONE_GPU).lines}
    changed = {line.rule.name: line for line in plan("paper-e3", *ONE_GPU, override).lines}
    for rule in faster:
        assert changed[rule].wall_C[1] < alone[rule].wall_C[1]
    assert changed["mine"].generated_C[1] == alone["mine"].generated_C[1]


def test_hours_of_a_server_are_in_no_sum():
    text = shown(plan("paper-e3", "engine.name=http"))
    assert "speed server: not known" in text
    (mine,) = (line.split() for line in text.splitlines() if line.startswith("mine "))
    assert mine.count("?") == 2


def test_shorter_traces_cost_less():
    short, long = (plan("paper-e3", mean_tokens=tokens) for tokens in (4000, 12_000))
    for one, other in zip(short.lines, long.lines, strict=True):
        assert (one.hours_C <= other.hours_C).all()
        assert one.memory == other.memory


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without GPU, cache of the hub and token, which may reach the hub, and an empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("int_bench.plan.missing.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("int_bench.plan.missing.is_offline_mode", lambda: False)
    return tmp_path


def test_what_is_missing_is_named(bare: Path):
    lines = missing(plan("paper-e3", *ONE_GPU))
    text = "\n".join(lines)
    assert "model CMU-AIRe/e3-1.7B (3 GiB in bfloat16)" in text
    assert "data set agentica-org/DeepScaleR-Preview-Dataset" in text
    assert "data set open-r1/DAPO-Math-17k-Processed" in text  # the easier problems
    assert "OlymMATH" not in text  # it comes with the package
    assert "data/interventions-e3.jsonl: no such file" in text
    assert "GPUs: 0 of 1" in text
    assert "memory of a GPU: rl takes" in text
    assert "memory of a GPU: mine" not in text


def test_what_is_there_is_not_named(bare: Path, monkeypatch: pytest.MonkeyPatch):
    before = "\n".join(missing(plan("paper-e3")))
    assert "a token of the hub" in before
    (bare / "data").mkdir()
    (bare / "data" / "interventions-e3.jsonl").touch()
    (bare / "cache" / "datasets--agentica-org--DeepScaleR-Preview-Dataset" / "snapshots").mkdir(parents=True)
    (bare / "bin").mkdir()
    command = bare / "bin" / "nvidia-smi"
    command.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771, 570.1'\n")
    command.chmod(0o755)
    monkeypatch.setenv("HF_TOKEN", "hf_nobody")
    text = "\n".join(missing(plan("paper-e3", *ONE_GPU)))
    assert not any(word in text for word in ("DeepScaleR", "interventions", "GPUs:", "token", "hf_nobody"))


def test_an_offline_machine_is_told_that_nothing_can_be_fetched(bare: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("int_bench.plan.missing.is_offline_mode", lambda: True)
    text = "\n".join(missing(plan("paper-e3")))
    assert "HF_HUB_OFFLINE is set" in text
    assert "a token of the hub" not in text


def test_files_of_interventions_and_of_solutions_are_named_where_they_are_missing():
    text = "\n".join(missing(plan("paper-e3")))
    assert "data/interventions-e3.jsonl: no such file of interventions" in text
    assert "data/traces-e3.jsonl: no such file of solutions" in text


def test_a_missing_file_of_problems_is_named(bare: Path):
    text = "\n".join(missing(plan("paper-e3", "problems.pools.deepscaler.source=mine.jsonl")))
    assert "mine.jsonl: no such file of problems" in text
    assert "data set mine.jsonl" not in text
    assert "easy.jsonl: no such file of problems" in "\n".join(
        missing(plan("paper-e3", "problems.easier.source=easy.jsonl"))
    )


def test_nothing_is_missing_for_the_synthetic_world(bare: Path):
    assert missing(plan("tiny")) == []


def test_what_a_user_can_mend_is_one_line():
    assert one_line(run("plan", "smoek")).startswith("no configuration file configs/smoek.yaml")
    assert one_line(run("plan", "tiny", "--gpu", "abacus")).startswith("no published figures for a GPU 'abacus'")


def test_a_server_samples_for_all_processes_of_a_training_which_wait_for_it():
    def of_rl(processes: int):
        overrides = [f"training.processes={processes}", "rl.generation.kind=server"]
        done = plan("paper-e3", *overrides, gpu="H100", mean_tokens=6000)
        return done, next(line for line in done.lines if line.rule.name == "rl")

    (done, alone), (_, together) = of_rl(1), of_rl(8)
    rl = done.config.rl
    sampled = sampling_seconds(
        done.shape,
        device_named("H100"),
        Serving("vllm", rl.prompts * rl.samples, share=0.9),
        np.array([float(rl.steps * rl.prompts * rl.samples)]),
        rl.steps * rl.prompts,
        done.prompt,
        6000,
        rl.sampling.max_new_tokens,
    )
    # The training itself is the same work for one GPU and for eight, and all of them wait as long.
    assert together.hours_C[0] - alone.hours_C[0] == pytest.approx(7 * alone.rule.jobs * sampled[0] / 3600)
