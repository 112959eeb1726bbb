"""A small run on real mathematics, written with the record writers, and its page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from int_bench.config import load
from int_bench.explorer.examples import Example, Trace, example_of
from int_bench.records import (
    Intervention,
    Problem,
    Rollout,
    Selection,
    Status,
    TrainingExample,
    write_records,
)
from int_bench.report.build import make_explorer

SFT = {"epochs": 1, "batch": 1, "learning_rate": 1e-4}
CONFIG = {
    "name": "maths",
    "title": "Real <mathematics>",
    "problems": {
        "kind": "files",
        "pools": {"pool": {"source": "pool.jsonl"}},
        "benchmarks": {"easy": {"source": "easy.jsonl"}},
    },
    "model": {"kind": "random"},
    "oracles": {name: {"kind": "replay", "source": f"{name}.jsonl"} for name in ("teacher", "self")},
    "interventions": {"oracle": "teacher"},
    "solutions": {"references": {"kind": "references"}},
    "arms": {
        "int": {"sft": SFT},
        "no_filter": {"filter": False, "sft": SFT},
        "by_self": {"oracle": "self", "sft": SFT},
        "distill": {"solutions": "references", "sft": SFT},
    },
    "rl": {"arms": {"int": {}}, "steps": 2, "learning_rate": 1e-4, "checkpoints": [0, 2]},
    "evaluation": {"samples": 2, "hard_samples": 2, "ks": [1], "held_out": "easy"},
}
PROBLEMS = [
    Problem("sum", "pool", r"Find $\sum_{k=1}^{n} k^2$ for $n = 4$.", "30", None),
    Problem("root", "pool", r"Solve $x^2 - 5x + 6 = 0$ for the larger $x$; it costs \$5.", "3", None),
    Problem("attack", "pool", "What is <script>alert(1)</script>?", r"\frac{1}{2}", None),
]
ATTEMPTS = {
    "sum": "Write $1 + 4 + 9 + 16$.\n\nThe first three give $14$.\n\nSo $14 + 16 = 31$.\n\n\\boxed{31}",
    "root": "Try $x = 2$.\n\nIt works: $4 - 10 + 6 = 0$.\n\nSo \\boxed{2}",
    "attack": "Look: <script>document.title = 'taken'</script> $\\text{<script>alert(2)</script>}$\n\n\\boxed{0}",
}
HARD_TEST = [Problem("test-0", "pool", "What is $2^5$?", "32", None), Problem("test-1", "pool", "Odd?", "7", None)]
SOLVED = {
    ("base", "test-0"): ["Double: $2, 4, 8$.\n\nThen $16$.\n\n\\boxed{16}", "No.\n\n\\boxed{5}"],
    ("rl-int@2", "test-0"): ["double:  $2, 4, 8$.\n\nThen $16, 32$.\n\n\\boxed{32}", "Hm.\n\n\\boxed{0}"],
    ("base", "test-1"): ["$7$ it is.\n\n\\boxed{7}", "$7$ it is.\n\n\\boxed{7}"],
    ("rl-int@2", "test-1"): ["$7$ it is.\n\n\\boxed{7}", "$7$ it is.\n\n\\boxed{7}"],
}


def rollout(identity: str, problem: str, text: str, correct: bool = False, **other) -> Rollout:
    answer = text.split("\\boxed{")[1][:-1] if "\\boxed" in text else None
    status: Status = "correct" if correct else "wrong" if answer else "no_answer"
    plain = Rollout(
        rollout_id=identity,
        problem_id=problem,
        problem_set="pool",
        intervention_id=None,
        mode="naive",
        sample=0,
        prefix="",
        text=text,
        token_ids=[1],
        logprobs=[0.0],
        finish_reason="stop",
        status=status,
        extracted=answer,
        method="exact",
        correct=correct,
        all_steps_right=None,
    )
    return replace(plain, **other)


def intervention(problem: str, place: int | None, content: str, number: int = 0, **other) -> Intervention:
    steps = ATTEMPTS[problem].split("\n\n")
    before = "".join(f"{step}\n\n" for step in steps[: place or 0])
    plain = Intervention(
        intervention_id=f"{problem}/{number}",
        problem_id=problem,
        rollout_id=f"mining/{problem}",
        status="proposed" if content else "no_error",
        location=place,
        steps=len(steps),
        category="EXECUTION" if content else None,
        before=before,
        prefix=before,
        content=content,
        leak="none",
        truth_location=None,
        truth_category=None,
        content_right=None,
    )
    return replace(plain, **other)


INTERVENTIONS = {
    "teacher": [
        intervention("sum", 2, "So $14 + 16 = 30$."),
        intervention("sum", 2, "So $14 + 16 = 30$.", 1),
        intervention("root", 1, "It works, but $x = 3$ does, too.", category="HIGH"),
        intervention("attack", None, ""),
    ],
    "self": [
        intervention("sum", 1, "Check: \\(1 + 4 = 5\\).", prefix=ATTEMPTS["sum"][:52], category=None),
        intervention("attack", 0, "<img src=x onerror=alert(3)>", leak="coincides"),
    ],
}
OUTCOMES = {
    "teacher": ["kept", "duplicate", "too_few_correct", "no_error"],
    "self": ["kept", "too_few_correct"],
}
GUIDED = {  # the second rollout with the first intervention is right
    ("teacher", "sum/0"): ["I stop here.", "\\boxed{30}"],
    ("teacher", "root/0"): ["Still \\boxed{2}", "Still \\boxed{4}"],
    ("self", "sum/0"): ["In all $30$.\n\n\\boxed{30}"],
}


def write_run(root: Path) -> Path:
    root.mkdir(parents=True)
    (root / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    write_records(root / "problems" / "hard_train.parquet", PROBLEMS, Problem)
    write_records(root / "problems" / "hard_test.parquet", HARD_TEST, Problem)
    mined = [rollout(f"mining/{problem}", problem, text) for problem, text in ATTEMPTS.items()]
    write_records(root / "rollouts" / "mining.parquet", mined, Rollout)
    for oracle, records in INTERVENTIONS.items():
        write_records(root / "interventions" / f"{oracle}.parquet", records, Intervention)
        decisions = [
            Selection(row.intervention_id, row.problem_id, 2, int(outcome == "kept"), outcome == "kept", outcome)
            for row, outcome in zip(records, OUTCOMES[oracle], strict=True)
        ]
        write_records(root / "interventions" / f"{oracle}.selection.parquet", decisions, Selection)
        guided = [
            rollout(f"{key}/{i}", key.split("/")[0], text, "{30}" in text, intervention_id=key, sample=i)
            for (name, key), texts in GUIDED.items()
            if name == oracle
            for i, text in enumerate(texts)
        ]
        write_records(root / "rollouts" / f"with_intervention-{oracle}.parquet", guided, Rollout)
    for arm, taught in {"int": ["sum/0"], "no_filter": ["sum/0", "root/0"], "by_self": ["sum/0"]}.items():
        rows = [TrainingExample(key, key.split("/")[0], [1], [1], 0, 0, 0) for key in taught]
        write_records(root / "training" / f"{arm}.examples.parquet", rows, TrainingExample)
    for model in ("base", "rl-int@2"):
        rows = [
            rollout(f"evaluation/{key}/{i}", key, text, "{32}" in text or "{7}" in text, problem_set="hard_test")
            for (name, key), texts in SOLVED.items()
            if name == model
            for i, text in enumerate(texts)
        ]
        elsewhere = [rollout("evaluation/easy/0", "easy-0", "\\boxed{1}", problem_set="easy")]
        write_records(root / "evaluation" / f"{model}.parquet", [*elsewhere, *rows], Rollout)
    return root


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results of a run on real mathematics."""
    return write_run(tmp_path_factory.mktemp("explorer") / "maths")


@pytest.fixture(scope="session")
def page_file(run: Path) -> Path:
    return make_explorer(run, run / "explorer.html")


@pytest.fixture(scope="session")
def examples(run: Path) -> dict[str, Example]:
    """Examples by name, laid out without any file."""
    steps = load(run / "config.yaml").steps
    posed = {problem.problem_id: problem for problem in PROBLEMS}
    found = {}
    for oracle, records in INTERVENTIONS.items():
        for record, outcome in zip(records, OUTCOMES[oracle], strict=True):
            student = Trace(ATTEMPTS[record.problem_id], "wrong", "31", False)
            selection = Selection(record.intervention_id, record.problem_id, 0, 0, outcome == "kept", outcome)
            problem = posed[record.problem_id]
            example = example_of(oracle, record, selection, problem, student, None, [], steps)
            found[example.fragment] = example
    return found
