"""Rollouts in shards: what is sampled, how it is graded, and what survives a kill."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from int_bench.engines import Completion, Engine, Prompt, SamplingSettings
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grader
from int_bench.records import RecordError
from int_bench.rollouts.chat import open_turn
from int_bench.rollouts.sample import Request, Sampler, sample_in_shards
from int_bench.synthetic.student import worked_solution
from int_bench.synthetic.world import parse_program


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


@dataclass
class Counting:
    """An engine that keeps what it was asked, and dies when asked once more than it is allowed."""

    engine: Engine
    allowed: int = 10**6
    asked: list[list[Prompt]] = field(default_factory=list)

    def generate(self, prompts: Sequence[Prompt], settings: SamplingSettings, n: int, first_sample: int = 0):
        if len(self.asked) == self.allowed:
            raise Killed
        self.asked.append(list(prompts))
        return self.engine.generate(prompts, settings, n, first_sample)


@dataclass
class Saying:
    """An engine that says what it is told to."""

    text: str

    def generate(self, prompts: Sequence[Prompt], settings: SamplingSettings, n: int, first_sample: int = 0):
        return [[Completion((5, 6), self.text, "stop", (-0.5, -0.25))] * n for _ in prompts]


@pytest.fixture
def sampler(tiny_model, tokenizer) -> Sampler:
    return Sampler(
        engine=TransformersEngine(tiny_model, tokenizer),
        tokenizer=tokenizer,
        grader=Grader(),
        settings=SamplingSettings(max_new_tokens=12, seed=5),
        purpose="mining",
        verify=True,
    )


@pytest.fixture
def requests(problems) -> list[Request]:
    # Two numbers of samples, so that a shard needs one or two calls of the engine.
    return [Request(problem, "pool", 2 + (i == 5)) for i, problem in enumerate(problems[:8])]


def test_a_killed_run_goes_on_and_ends_with_the_same_rows(sampler: Sampler, requests, tmp_path: Path):
    left_alone = Counting(sampler.engine)
    expected = sample_in_shards(replace(sampler, engine=left_alone), requests, 2, tmp_path / "alone")
    killed = Counting(sampler.engine, allowed=2)
    with pytest.raises(Killed):
        sample_in_shards(replace(sampler, engine=killed), requests, 2, tmp_path / "killed")
    restarted = Counting(sampler.engine)
    rows = sample_in_shards(replace(sampler, engine=restarted), requests, 2, tmp_path / "killed")
    assert rows == expected
    assert killed.asked + restarted.asked == left_alone.asked
    assert len(killed.asked) == 2


def test_a_finished_run_samples_nothing_again(sampler: Sampler, requests, tmp_path: Path):
    rows = sample_in_shards(sampler, requests, 3, tmp_path)
    again = Counting(sampler.engine, allowed=0)
    assert sample_in_shards(replace(sampler, engine=again), requests, 3, tmp_path) == rows


def test_a_damaged_shard_is_named(sampler: Sampler, requests, tmp_path: Path):
    sample_in_shards(sampler, requests[:4], 2, tmp_path)
    shard = tmp_path / "shard-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-20])
    with pytest.raises(RecordError, match="shard-00001"):
        sample_in_shards(sampler, requests[:4], 2, tmp_path)


@pytest.mark.parametrize("shard", [1, 5, 100])
def test_rows_do_not_depend_on_the_size_of_shards(sampler: Sampler, requests, tmp_path: Path, shard: int):
    def by_id(rows):
        return {row.rollout_id: (row.token_ids, row.status) for row in rows}

    whole = by_id(sampler.rollouts(requests))
    assert len(whole) == sum(request.samples for request in requests)
    assert by_id(sample_in_shards(sampler, requests, shard, tmp_path)) == whole


def test_two_purposes_draw_independently(sampler: Sampler, requests):
    one = [row.token_ids for row in sampler.rollouts(requests)]
    two = [row.token_ids for row in replace(sampler, purpose="null").rollouts(requests)]
    assert sum(a == b for a, b in zip(one, two, strict=True)) <= 1


def test_a_guided_rollout_is_graded_and_verified_together_with_its_prefix(sampler: Sampler, problems):
    problem = problems[0]
    solution = worked_solution(parse_program(problem.text))
    cut = solution.index("\n\n") + 2
    request = Request(problem, "hard_train", 2, "with_intervention", f"{problem.problem_id}/0", solution[:cut])
    engine = Counting(Saying(solution[cut:]))
    first, second = replace(sampler, engine=engine, purpose="guided").rollouts([request])
    assert engine.asked[0][0].token_ids == open_turn(sampler.tokenizer, problem.text, solution[:cut])
    assert (first.status, first.correct, first.extracted) == ("correct", True, problem.answer.strip("()"))
    assert first.all_steps_right is True
    assert (first.prefix, first.text) == (solution[:cut], solution[cut:])
    assert (first.mode, first.intervention_id) == ("with_intervention", f"{problem.problem_id}/0")
    assert [row.rollout_id for row in (first, second)] == [
        f"guided/{first.problem_set}/{problem.problem_id}/0/{i}" for i in (0, 1)
    ]


def test_a_right_answer_after_wrong_steps_is_correct_but_not_right_throughout(sampler: Sampler, problems):
    said = f"b=9\n\n\\boxed{{{problems[0].answer}}}"
    (row,) = replace(sampler, engine=Saying(said)).rollouts([Request(problems[0], "pool", 1)])
    assert (row.correct, row.all_steps_right) == (True, False)


def test_without_a_verifier_nothing_is_said_of_the_steps(sampler: Sampler, problems):
    (row,) = replace(sampler, engine=Saying("\\boxed{1}"), verify=False).rollouts([Request(problems[0], "pool", 1)])
    assert row.all_steps_right is None


@pytest.mark.parametrize(("counts", "status"), [(True, "correct"), (False, "no_answer")])
def test_a_boxed_answer_in_the_prefix_counts_only_as_configured(sampler: Sampler, problems, counts: bool, status: str):
    boxed = f"\\boxed{{{problems[0].answer}}}\n\n"
    request = Request(problems[0], "hard_train", 1, "with_intervention", "i", boxed)
    engine = Saying("and so on")
    (row,) = replace(sampler, engine=engine, prefix_boxes=counts).rollouts([request])
    assert row.status == status
