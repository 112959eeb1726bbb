"""A run whose arms have rows, as it lies on disk, and what the export of rollouts is tested with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from int_bench.config import RunConfig, load
from int_bench.interventions.steps import SEPARATOR, split_steps
from int_bench.layout import Layout
from int_bench.models import save_model
from int_bench.records import Intervention, Problem, TrainingExample, write_records
from int_bench.solutions.written import references
from int_bench.synthetic.world import parse_program
from int_bench.training.examples import intervention_examples, solution_examples
from tests.evaluation.conftest import model_folder as model_folder
from tests.evaluation.conftest import settings as settings
from tests.evaluation.conftest import write_benchmark as write_benchmark

ROOT = Path(__file__).parents[2]
INTERVENED = 5  # problems with an intervention
TRAIN = 8  # problems in the hard training set


@pytest.fixture(scope="session")
def config() -> RunConfig:
    """The configuration of the run."""
    return load(ROOT / "configs" / "smoke.yaml")


@pytest.fixture(scope="session")
def arms(config, problems, student, tokenizer, make_rollout) -> dict[str, list[TrainingExample]]:
    """Rows of four arms. Of a trace, the first step is the prefix, the second the intervention, the rest the suffix."""
    chosen = {problem.problem_id: problem for problem in problems[:INTERVENED]}
    interventions, guided = [], []
    for identity, problem in chosen.items():
        trace = student.solve(parse_program(problem.text), np.random.default_rng(0))
        first, second, *rest = split_steps(trace, config.steps)
        interventions.append(
            Intervention(
                intervention_id=f"{identity}/0",
                problem_id=identity,
                rollout_id=identity,
                status="proposed",
                location=1,
                steps=3,
                category=None,
                before=first,
                prefix=first,
                content=second.removesuffix(SEPARATOR),
                leak="none",
                truth_location=None,
                truth_category=None,
                content_right=None,
            )
        )
        guided.append(make_rollout(identity, "".join(rest), correct=True, intervention_id=f"{identity}/0"))
    rows = {
        arm: intervention_examples(config.arm(arm), chosen, interventions, guided, tokenizer)
        for arm in ("int", "no_prefix", "suffix")
    }
    posed = {row.problem_id: row for row in problems[:TRAIN]}
    return {**rows, "distill": solution_examples(references(posed.values()), posed, tokenizer)}


@pytest.fixture
def run(config, arms, problems, tokenizer, tiny_model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The run called ``smoke`` in a working directory of its own; the rows of its arm no_filter were not made."""
    monkeypatch.chdir(tmp_path)
    layout = Layout(config.name)
    save_model(tiny_model, tokenizer, layout.model("base"))
    Path(layout.config).write_text(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False))
    write_records(layout.problems("hard_train"), problems[:TRAIN], Problem)
    write_records(layout.problems("hard_test"), problems[TRAIN:], Problem)
    for arm, rows in arms.items():
        write_records(layout.examples(arm), rows, TrainingExample)
    return layout
