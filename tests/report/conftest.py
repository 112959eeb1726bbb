"""A small tree of results with random rollouts, written with the record writers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from tokenizers import Tokenizer, models, pre_tokenizers

from int_bench.records import (
    Drift,
    Intervention,
    Problem,
    Rollout,
    Selection,
    TraceLikelihood,
    TrainingExample,
    TrainingStep,
    Verdict,
    write_records,
)
from int_bench.report.build import make_figures, make_report, make_tables

TRACE = "\n\n".join([*(f"{name}=3-6=7" for name in "bcdefghijkl"), "\\boxed{7,2,4}"])
SFT = {"epochs": 3, "batch": 32, "learning_rate": 2e-4}
MATCHED = {"trained_tokens": 24, "batch": 4, "learning_rate": 2e-4}
KINDS = ["wrong", "truncated", "no_answer", "unparsable", "timed_out"]
CHECKPOINTS = [0, 20, 40]
# Accuracy after step 0 and at the end of RL, by initialisation.
ABILITY = {
    "base": (0.005, 0.01),
    "distill": (0.03, 0.08),
    "int": (0.12, 0.45),
    "gold": (0.02, 0.05),
    "self_refine": (0.06, 0.2),
    "base_easier": (0.005, 0.03),
    "distill_easier": (0.03, 0.1),
    "hinted": (0.005, 0.25),
}
TABLES = {"table2": ["sums", "fan_out"], "table7": {"long": 1, "sums": 1, "gaps": 8, "branching": 8}}
STARTS = {"base_easier": "base", "distill_easier": "distill", "hinted": "base"}
BENCHMARKS = {"easy": 0.8, "long": 0.4, "sums": 0.5, "fan_out": 0.3, "gaps": 0.15, "branching": 0.1}
"""Accuracy of the base model, of which fine-tuning on solutions loses some."""
BENCHMARK_SIZES = {name: 20 if name in ("easy", "long") else 12 for name in BENCHMARKS}
ARMS = {
    "int": {"sft": SFT, "benchmarks": True},
    "no_filter": {"filter": False, "sft": SFT},
    "no_prefix": {"prefix": False, "sft": SFT},
    "suffix": {"suffix": True, "sft": SFT},
    "distill": {"solutions": "references", "sft": SFT, "benchmarks": True},
    "gold": {"solutions": "references", "sft": SFT, "benchmarks": True},
    "self_refine": {"solutions": "references", "sft": SFT, "benchmarks": True},
    "r1_think": {"solutions": "references", "sft": SFT, "benchmarks": True},
    "r1_summary": {"solutions": "references", "sft": SFT, "benchmarks": True},
    "int_matched": {"sft": MATCHED, "benchmarks": True},
    "distill_matched": {"solutions": "references", "sft": MATCHED, "benchmarks": True},
}


def rl_arm(name: str) -> dict:
    arm = {"easier": True} if name.endswith("_easier") else {}
    if name == "hinted":
        arm = {"hints": {"schedule": "annealed", "share": [0.5, 0.0]}}
    return arm | ({"start": STARTS[name]} if name in STARTS else {})


def config(kind: str, samples: int) -> dict:
    synthetic = {
        "kind": "synthetic",
        "student": {"rules": {"*7": 1}, "reads_backwards": True, "slip": 0.02, "slip_growth": 0.0, "notice": 0.4},
        "pools": {"pool": {"size": 200, "operations": [3, 7]}},
        "benchmarks": {name: {"size": size, "operations": [2, 3]} for name, size in BENCHMARK_SIZES.items()},
        "easier": {"size": 40, "operations": [2, 3]},
    }
    files = {
        "kind": "files",
        "pools": {"pool": {"source": "pool.jsonl"}},
        "benchmarks": {name: {"source": f"{name}.jsonl"} for name in BENCHMARKS},
        "easier": {"source": "easier.jsonl"},
    }
    synthetic_model = {"kind": "random"}
    return {
        "name": "tree",
        "title": "A random tree",
        "problems": synthetic if kind == "synthetic" else files,
        "model": synthetic_model,
        "oracles": {
            "main": {"kind": "exact"} if kind == "synthetic" else {"kind": "replay", "source": "r.jsonl"},
            "self": {"kind": "language_model"},
        },
        "interventions": {"oracle": "main", "judge": {}},
        "configurations_samples": samples,
        "solutions": {"references": {"kind": "references"}},
        "arms": ARMS,
        "rl": {
            "arms": {name: rl_arm(name) for name in ABILITY},
            "steps": CHECKPOINTS[-1],
            "learning_rate": 1e-4,
            "checkpoints": CHECKPOINTS,
        },
        "evaluation": {"samples": 8, "hard_samples": samples, "ks": [1, 2, 4, 8, 16], "held_out": "easy"} | TABLES,
        "report": {"resamples": 300},
    }


class Tree:
    """Writes the files of a run under ``root``; with ``empty`` every file of rollouts and training has no rows."""

    def __init__(self, root: Path, kind: str = "synthetic", empty: bool = False, zero: bool = False) -> None:
        self.root, self.kind, self.empty, self.zero = root, kind, empty, zero
        self.rng = np.random.default_rng(0)
        self.samples = 16

    def write(self) -> Path:
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "config.yaml").write_text(yaml.safe_dump(config(self.kind, self.samples)))
        tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        (self.root / "models" / "base").mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(self.root / "models" / "base" / "tokenizer.json"))
        sizes = {"pool": 90, "hard_train": 30, "hard_test": 25, "easier": 40} | BENCHMARK_SIZES
        for name, size in sizes.items():
            write_records(self.root / "problems" / f"{name}.parquet", self.problems(name, size), Problem)
        self.interventions("main")
        self.interventions("self")
        self.asked()
        for name, accuracy in {"mining": 0.0, "naive": 0.01, "null": 0.01}.items():
            self.rollouts(f"rollouts/{name}", {"hard_train": (30, accuracy)})
        self.rollouts("rollouts/from_intervention-main", {"hard_train": (26, 0.03)}, mode="from_intervention")
        self.rollouts("rollouts/with_intervention-main", {"hard_train": (26, 0.3)}, mode="with_intervention")
        self.rollouts("rollouts/with_intervention-self", {"hard_train": (26, 0.1)}, mode="with_intervention")
        for arm in ARMS:
            examples = (
                []
                if self.empty
                else [TrainingExample(f"e{i}", f"hard_train-{i}", [1], [1], 0, 0, 0) for i in range(20)]
            )
            write_records(self.root / "training" / f"{arm}.examples.parquet", examples, TrainingExample)
            updates = 0 if self.empty else 6 if arm.endswith("_matched") else 3
            updated = [self.step(i, 0.0) for i in range(1, updates + 1)]
            write_records(self.root / "training" / f"{arm}.steps.parquet", updated, TrainingStep)
            self.likelihood(arm)
            self.evaluation(arm, ABILITY.get(arm, (0.1, 0.1))[0])
        self.evaluation("base", ABILITY["base"][0])
        for name, (start, end) in ABILITY.items():
            steps = [] if self.empty else [self.step(i, start + (end - start) * i / 40) for i in range(1, 41)]
            write_records(self.root / "training" / f"rl-{name}.steps.parquet", steps, TrainingStep)
            for step in CHECKPOINTS[1:]:
                self.evaluation(f"rl-{name}@{step}", start + (end - start) * step / 40)
        return self.root

    def problems(self, name: str, size: int) -> list[Problem]:
        def reference() -> str | None:
            return "w " * int(self.rng.integers(20, 60)) if self.rng.random() < 0.9 else None

        return [Problem(f"{name}-{i}", f"source{i % 2}", "x", "1", reference()) for i in range(size)]

    def interventions(self, oracle: str) -> None:
        """The oracle ``self`` is two steps late, writes a wrong step every second time, and gives no category."""
        rows, selections, verdicts = [], [], []
        exact = oracle == "main"
        for i in range(0 if self.empty else 30):
            found, high = i < 26, self.rng.random() < 0.4
            # Only the final answer is wrong in attempt 26: a place, but no intervention.
            truth = int(self.rng.integers(0, 4) if high else self.rng.integers(0, 9)) if i <= 26 else None
            location = truth if exact or truth is None else truth + 2
            category = ("HIGH" if high else "EXECUTION") if i <= 26 else None
            status = "proposed" if found else "answer_step" if i == 26 else "no_error"
            content = ("The answer is 1." if i == 0 else "w " * int(self.rng.integers(3, 9))) if found else ""
            leak = "stated" if i == 0 else "none"
            ids = (f"i{i}", f"hard_train-{i}", f"hard_train-{i}-naive-0")
            known = (truth, category, (exact or i % 2 == 0) if found else None)
            known = known if self.kind == "synthetic" else (None, None, None)
            said = category if exact else None
            rows.append(Intervention(*ids, status, location, 12, said, "", "", content, leak, *known))
            kept = i < 18
            reason = "kept" if kept else "too_few_correct" if found else status
            selections.append(Selection(f"i{i}", f"hard_train-{i}", 16 * found, 3 * kept, kept, reason))
            if found:
                verdicts.append(
                    Verdict(f"i{i}", f"hard_train-{i}", "HIGH" if i else None, "judged" if i else "unclear")
                )
        for name, found, kind in (("", rows, Intervention), (".selection", selections, Selection)):
            write_records(self.root / "interventions" / f"{oracle}{name}.parquet", found, kind)
        write_records(self.root / "interventions" / f"{oracle}.verdicts.parquet", verdicts, Verdict)

    def asked(self) -> None:
        """What the manifests say of asking the language models."""
        facts = {"queries": 30, "answered": 29, "refused": 1, "too_long": 0, "no_reply": 0, "cached": 4}
        facts |= {"input_tokens": 900, "output_tokens": 70, "dollars": 0.5}
        for name in ("self", "self.verdicts", "main.verdicts"):
            manifest = {"stage": "verdicts" if name.endswith("verdicts") else "interventions", "seconds": 60.0}
            manifest |= {"peak_memory_mib": 900, "command": f"int-bench ask {name}", "versions": {"python": "3.11"}}
            manifest |= {"machine": {"system": "Linux", "processor": "x86_64", "cores": 2, "gpu": None}}
            manifest["facts"] = {**facts, "shortened": 2} if name == "self" else facts
            (self.root / "interventions" / f"{name}.manifest.json").write_text(json.dumps(manifest))

    def evaluation(self, model: str, accuracy: float) -> None:
        # What gains on hard problems does so on benchmarks, but for models of whole solutions, which lose there.
        factor = 0.6 if model.removesuffix("_matched") in ("distill", "gold") else 1.0 + accuracy
        sets = {"hard_train": (30, accuracy), "hard_test": (25, accuracy)}
        sets |= {name: (BENCHMARK_SIZES[name], min(0.95, factor * before)) for name, before in BENCHMARKS.items()}
        self.rollouts(f"evaluation/{model}", sets)

    def likelihood(self, arm: str) -> None:
        """Rows of interventions are likely and of solutions not; ``no_filter`` is a model that did not move."""
        nats = {"prefix": 0.01, "intervention": 1.0, "continuation": 0.02, "solution": 5.0, "end": 0.001}
        parts = ["solution", "end"] if arm == "distill" else ["prefix", "intervention"]
        parts += ["continuation", "end"] if arm == "suffix" else []
        rows, drifted = [], []
        for i in range(0 if self.empty else 20):
            for part in parts:
                tokens = 1 if part == "end" else int(self.rng.integers(3, 30))
                nll = tokens * nats[part] * self.rng.lognormal(0, 0.5)
                rows.append(TraceLikelihood(f"e{i}", f"hard_train-{i // 2}", part, tokens, nll))
            tokens, moved = int(self.rng.integers(40, 110)), 0.0 if arm == "no_filter" else 1.0
            entropy = float(tokens * self.rng.lognormal(-3, 0.5))
            kl, change = tokens * self.rng.lognormal(-6, 1), tokens * self.rng.normal(0.002, 0.004)
            ends = (moved * kl, entropy + moved * change, entropy)
            drifted.append(Drift(f"evaluation/easy/easy-{i}/0", f"easy-{i}", tokens, *ends))
        write_records(self.root / "likelihood" / f"{arm}.traces.parquet", rows, TraceLikelihood)
        write_records(self.root / "likelihood" / f"{arm}.drift.parquet", drifted, Drift)

    def rollouts(self, name: str, sets: dict[str, tuple[int, float]], mode: str = "naive") -> None:
        rows = []
        for problem_set, (size, accuracy) in sets.items():
            for i in range(0 if self.empty else size):
                ability = 0.0 if self.zero else self.rng.beta(0.5, 0.5 / accuracy - 0.5) if accuracy else 0.0
                for sample in range(self.samples):
                    rows.append(self.rollout(problem_set, i, sample, mode, bool(self.rng.random() < ability)))
        write_records(self.root / f"{name}.parquet", rows, Rollout)

    def rollout(self, problem_set: str, problem: int, sample: int, mode: str, correct: bool) -> Rollout:
        wrong = str(self.rng.choice(KINDS, p=[0.7, 0.1, 0.1, 0.05, 0.05]))
        length = int(self.rng.integers(40, 110))
        return Rollout(
            rollout_id=f"{problem_set}-{problem}-{mode}-{sample}",
            problem_id=f"{problem_set}-{problem}",
            problem_set=problem_set,
            intervention_id=None if mode == "naive" else f"i{problem}",
            mode=mode,
            sample=sample,
            prefix="",
            text=TRACE,
            token_ids=[1] * length,
            logprobs=[0.0] * length,
            finish_reason="length" if wrong == "truncated" and not correct else "stop",
            status="correct" if correct else wrong,
            extracted=None if wrong == "no_answer" and not correct else "7,2,4",
            method="exact",
            correct=correct,
            all_steps_right=(correct and bool(self.rng.random() < 0.9)) if self.kind == "synthetic" else None,
        )

    def step(self, i: int, reward: float) -> TrainingStep:
        nan = math.nan
        reward = float(np.clip(reward + self.rng.normal(0, 0.02), 0, 1))
        wrong = float(np.clip(1 - 2 * reward + self.rng.normal(0, 0.05), 0, 1))
        return TrainingStep(i, 0.1, 1e-4, 1.0, reward, wrong, reward**3, nan, nan, nan, 80.0, 0.1, 1.0)


@pytest.fixture(scope="session")
def make_tree(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    made: dict[str, Path] = {}

    def make(**options) -> Path:
        key = str(sorted(options.items()))
        if key not in made:
            made[key] = Tree(tmp_path_factory.mktemp("results") / "tree", **options).write()
        return made[key]

    return make


@pytest.fixture(scope="session")
def report_file(make_tree: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the random tree, beside its figures and with its tables in the folder ``tables``."""
    results, figures = make_tree(), tmp_path_factory.mktemp("report")
    make_tables(results, figures / "tables")
    make_figures(results, figures)
    return make_report(results, figures / "tables", figures, figures / "report.html")
