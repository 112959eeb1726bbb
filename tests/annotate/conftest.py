"""A tiny run with mathematics, long traces and hostile text in it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from int_bench.annotate.store import Answer, digest_of
from int_bench.config import StepsConfig, load
from int_bench.interventions.steps import split_steps
from int_bench.layout import Layout
from int_bench.records import Problem, Rollout, write_records
from tests.smoke.conftest import ROOT

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> so $\\text{<script>alert(1)</script>} = 2$"

PROBLEMS = [
    Problem(
        "sum",
        "pool",
        r"Let $a_1 = 1$ and $a_{n+1} = 2a_n + 1$ for $n \ge 1$. Find \[ S = \sum_{n=1}^{10} \frac{a_n}{2^n}. \]",
        r"\frac{9217}{1024}",
        "By induction, $a_n = 2^n - 1$. Hence\n\\begin{align*} S &= \\sum_{n=1}^{10} \\left(1 - \\frac{1}{2^n}\\right)"
        " \\\\ &= 10 - \\left(1 - \\frac{1}{1024}\\right). \\end{align*}\n"
        "So **the sum** is $\\boxed{\\frac{9217}{1024}}$.",
    ),
    Problem("roots", "pool", "How many real roots has $x^4 - 5x^2 + 4 = 0$?", "4", "It is $(x^2-1)(x^2-4) = 0$."),
    Problem("tiles", "pool", "In how many ways can a $2 \\times 5$ board be tiled with dominoes?", "8", None),
]

TRACES = {
    "sum": "I look at the first terms: $a_1 = 1$, $a_2 = 3$, $a_3 = 7$.\n\nSo $a_n = 2^n - 1$.\n\n"
    "Then $\\frac{a_n}{2^n} = 1 - \\frac{1}{2^n}$ and\n\\[ S = \\sum_{n=1}^{10} 1 - \\sum_{n=1}^{10} \\frac{1}{2^n}"
    " = 10 - \\left(1 - \\frac{1}{512}\\right). \\]\n\nSo $S = 9 + \\frac{1}{512} = \\frac{4609}{512}$.\n\n"
    + HOSTILE
    + "\n\nThe answer is $\\boxed{\\frac{4609}{512}}$.",
    "roots": "Put $y = x^2$.\n\nThen $y^2 - 5y + 4 = 0$, so $y = 1$ or $y = 4$.\n\nThere are 2 roots: $\\boxed{2}$.",
    "tiles": "\n\n".join(f"Step {n}: I try $x_{{{n}}} = {n}$ and see that it does not fit." for n in range(1, 41)),
}

ATTEMPTS = {f"{name}/0": digest_of(split_steps(text, StepsConfig())) for name, text in TRACES.items()}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_rollout: Callable[..., Rollout]) -> Layout:
    """The layout of a run in a folder of its own, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    layout = Layout("maths")
    Path(layout.root).mkdir(parents=True)
    Path(layout.config).write_text(yaml.safe_dump(load(ROOT / "configs" / "smoke.yaml").model_dump(mode="json")))
    write_records(layout.problems("hard_train"), PROBLEMS, Problem)
    rollouts = [make_rollout(name, text) for name, text in TRACES.items()]
    write_records(layout.rollouts("mining"), [*rollouts, make_rollout("sum", "right", True, 1)], Rollout)
    return layout


@pytest.fixture
def make_answer() -> Callable[..., Answer]:
    """Make an answer of which only the given fields matter."""

    def make(rollout_id: str = "sum/0", status: str = "proposed", **fields: object) -> Answer:
        values: dict[str, object] = {
            "rollout_id": rollout_id,
            "problem_id": rollout_id.split("/")[0],
            "attempt": "0123456789ab",
            "status": status,
            "location": 2 if status == "proposed" else None,
            "content": "So $S = 10 - \\frac{1023}{1024}$, naïvely “added”.\nGo on." if status == "proposed" else "",
            "category": "EXECUTION" if status == "proposed" else None,
            "annotator": "ann",
            "seconds": 12.5,
        }
        return Answer(**{**values, **fields})  # type: ignore[arg-type]

    return make
