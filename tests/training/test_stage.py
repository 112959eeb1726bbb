"""The stages of training, from the files of other stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from int_bench.config import load
from int_bench.layout import Layout
from int_bench.models import save_model
from int_bench.records import Intervention, Problem, Rollout, Selection, TrainingExample, read_records, write_records
from int_bench.training.stage import run_sft

SMOKE = Path(__file__).parents[2] / "configs" / "smoke.yaml"


def test_a_suffix_is_taken_from_all_guided_rollouts(
    untrained, tokenizer, problems, make_rollout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    config, layout = load(SMOKE), Layout("smoke")
    oracle, (problem, *_) = config.interventions.oracle, problems
    name = f"{problem.problem_id}/0"
    step = Intervention(name, problem.problem_id, "r", "proposed", 0, 1, None, "", "", "b=1", "none", 0, None, True)
    save_model(untrained(), tokenizer, layout.model("base"))
    write_records(layout.problems("hard_train"), [problem], Problem)
    write_records(layout.interventions(oracle), [step], Intervention)
    write_records(layout.selection(oracle), [Selection(name, problem.problem_id, 8, 1, True, "kept")], Selection)
    # The filter stopped at a correct rollout that was cut off after its answer; the rest holds a whole one.
    cut, whole = (
        make_rollout(problem.problem_id, text, True, sample, intervention_id=name, finish_reason=reason)
        for sample, (text, reason) in enumerate([("a=1", "length"), ("a=2", "stop")])
    )
    write_records(layout.guided("filter", oracle), [cut], Rollout)
    write_records(layout.guided("with_intervention", oracle), [cut, whole], Rollout)
    run_sft(config, layout, "suffix")
    (row,) = read_records(layout.examples("suffix"), TrainingExample)
    assert tokenizer.decode(row.input_ids, skip_special_tokens=True).endswith("a=2")
    Path(layout.guided("filter", oracle)).unlink()
    Path(layout.guided("with_intervention", oracle)).unlink()
    run_sft(config, layout, "int")  # clones no suffix and needs neither
