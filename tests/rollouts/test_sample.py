"""Rollouts: what is sampled, how it is graded, what may be left out, and what survives a kill."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from int_bench.engines import Ask, Completion, Engine, Finished, SamplingSettings
from int_bench.engines.base import uniforms
from int_bench.engines.transformers import TransformersEngine
from int_bench.grading import Grader
from int_bench.interventions.select import select
from int_bench.manifest import Job
from int_bench.records import Intervention, Problem, Rollout, read_records
from int_bench.rollouts.chat import open_turn
from int_bench.rollouts.hard_set import unsolved
from int_bench.rollouts.rounds import growing
from int_bench.rollouts.sample import Request, Sampler, sample_to
from int_bench.synthetic.student import worked_solution
from int_bench.synthetic.world import parse_program


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


@dataclass
class Counting(Engine):
    """An engine that keeps what it was asked and what it gave, and dies once it has given as much as it may."""

    engine: Engine
    allowed: int = 10**6
    asked: list[Ask] = field(default_factory=list)
    given: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def context(self) -> int:
        return self.engine.context

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        self.asked += asks
        for finished in self.engine.stream(asks, settings):
            if self.given.total() >= self.allowed:
                raise Killed
            self.given.update((one.ask.prompt.key, one.ask.sample) for one in finished)
            yield finished


@dataclass
class Saying(Engine):
    """An engine that says what it is told to."""

    text: str
    context: int = 10**6

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        yield [Finished(ask, Completion((5, 6), self.text, "stop", (-0.5, -0.25))) for ask in asks]


@dataclass
class Solving(Engine):
    """An engine whose samples are right with the probability of their problem, drawn as an engine's draws are."""

    chances: dict[str, float]
    answer: str
    context: int = 10**6

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        for ask in asks:
            (problem,) = [name for name in ask.prompt.key.split("/") if name in self.chances]
            right = uniforms(settings.seed, ask.prompt.key, ask.sample, 1)[0] < self.chances[problem]
            text = f"\\boxed{{{self.answer if right else 'none'}}}"
            yield [Finished(ask, Completion((7,) * (1 + ask.sample), text, "stop", (-0.1,) * (1 + ask.sample)))]


@pytest.fixture
def sampler(tiny_model, tokenizer) -> Sampler:
    return Sampler(
        engine=TransformersEngine(tiny_model, tokenizer, rows=6),
        tokenizer=tokenizer,
        grader=Grader(),
        settings=SamplingSettings(max_new_tokens=12, seed=5),
        purpose="mining",
        verify=True,
    )


@pytest.fixture
def requests(problems) -> list[Request]:
    return [Request(problem, "pool", 2 + (i == 5)) for i, problem in enumerate(problems[:8])]


@pytest.fixture
def sampled(tmp_path: Path) -> Callable[..., list[Rollout]]:
    """Sample into a file of some name, and read it; a work folder of that name is taken up again."""

    def sampled(sampler: Sampler, requests: Sequence[Request], name: str = "one", **given) -> list[Rollout]:
        output = tmp_path / f"{name}.parquet"
        with Job("test", output, {}) as job:
            sample_to(job, sampler, requests, **given)
        sampled.facts = job.facts
        return read_records(output, Rollout)

    return sampled


@pytest.mark.parametrize("allowed", [1, 5, 11])
def test_a_killed_run_goes_on_samples_nothing_twice_and_ends_with_the_same_rows(
    sampler: Sampler, requests, sampled, same_but_for_rounding: Callable, allowed: int
):
    expected = sampled(sampler, requests, "alone")
    killed = Counting(sampler.engine, allowed)
    with pytest.raises(Killed):
        sampled(replace(sampler, engine=killed), requests, "killed")
    restarted = Counting(sampler.engine)
    assert same_but_for_rounding(sampled(replace(sampler, engine=restarted), requests, "killed"), expected)
    assert killed.given.total() >= allowed
    assert set((killed.given + restarted.given).values()) == {1}
    assert len(restarted.asked) == len(expected) - killed.given.total()


def test_rows_stand_in_the_order_of_requests_and_samples(sampler: Sampler, requests, sampled):
    rows = sampled(sampler, requests)
    assert [(row.problem_id, row.sample) for row in rows] == [
        (request.problem.problem_id, i) for request in requests for i in range(request.samples)
    ]
    assert sampled.facts["rollouts"] == len(rows) == sampled.facts["all_rollouts"]
    assert sampled.facts["tokens"] == sum(len(row.token_ids) for row in rows) == sampled.facts["all_tokens"]


def test_without_requests_nothing_is_sampled(sampler: Sampler, sampled):
    assert sampled(replace(sampler, engine=Counting(sampler.engine, allowed=-1)), []) == []


def test_two_purposes_draw_independently(sampler: Sampler, requests, sampled):
    one = [row.token_ids for row in sampled(sampler, requests)]
    two = [row.token_ids for row in sampled(replace(sampler, purpose="null"), requests, "two")]
    assert sum(a == b for a, b in zip(one, two, strict=True)) <= 1


@given(st.integers(1, 70), st.integers(1, 300))
def test_rounds_double_and_end_with_all_samples(first: int, most: int):
    rounds = growing(first, most)
    assert rounds[-1] == most
    assert all(later == min(2 * earlier, most) for earlier, later in itertools.pairwise(rounds))
    assert rounds[0] == min(first, most)


CHANCES = st.lists(st.sampled_from([0.0, 0.01, 0.05, 0.3, 0.9, 1.0]), min_size=1, max_size=12)


@given(CHANCES, st.integers(1, 40), st.integers(1, 9), st.integers(0, 2**31))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_hard_set_of_adaptive_mining_is_that_of_exhaustive_sampling(
    sampler: Sampler,
    tmp_path_factory: pytest.TempPathFactory,
    chances: list[float],
    samples: int,
    first: int,
    seed: int,
):
    problems = [Problem(f"p{i}", "pool", "a=3\nb=a-6\nFind b mod 10.", "7", None) for i in range(len(chances))]
    engine = Solving({f"p{i}": chance for i, chance in enumerate(chances)}, "7")
    solving = replace(sampler, engine=engine, settings=SamplingSettings(seed=seed), verify=False)
    folder = tmp_path_factory.mktemp("mined")
    mined, facts = {}, {}
    for enough in (None, 1):
        with Job("test", folder / f"{enough}.parquet", {}) as job:
            requests = [Request(problem, "pool", samples, enough=enough) for problem in problems]
            sample_to(job, solving, requests, first)
        mined[enough], facts[enough] = read_records(job.output, Rollout), job.facts
    hard = [unsolved(problems, [(row.problem_id, row.correct) for row in rows]) for rows in mined.values()]
    assert hard[0] == hard[1]
    # What was drawn is a part of what exhaustive sampling draws, and all of it for the hard problems.
    assert {row.rollout_id: row for row in mined[1]}.items() <= {row.rollout_id: row for row in mined[None]}.items()
    counts = Counter(row.problem_id for row in mined[1])
    assert all(counts[problem.problem_id] == samples for problem in hard[0])
    # The first success ends a problem's sampling with the round that it falls in.
    for problem in problems:
        hits = [row.sample for row in mined[None] if row.problem_id == problem.problem_id and row.correct]
        if hits:
            assert counts[problem.problem_id] == min(bound for bound in growing(first, samples) if bound > hits[0])
    assert facts[1]["all_rollouts"] == len(mined[None])


@pytest.mark.parametrize("least", [1, 3, 8])
def test_the_filter_keeps_what_exhaustive_sampling_would_keep(sampler: Sampler, problems, sampled, least: int):
    chances = [0.0, 0.05, 0.2, 0.4, 0.7, 1.0]
    interventions = [
        Intervention(f"i{i}", "p", "r", "proposed", 0, 3, None, "", "", f"c={i}", "none", None, None, None)
        for i in range(len(chances))
    ]
    engine = Solving({f"i{i}": chance for i, chance in enumerate(chances)}, problems[0].answer)
    solving = replace(sampler, engine=engine, verify=False)
    kept = []
    for enough in (None, least):
        requests = [
            Request(problems[0], "hard_train", 32, "with_intervention", row.intervention_id, "b=1\n\n", enough)
            for row in interventions
        ]
        rows = sampled(solving, requests, f"filter-{enough}", first_round=4)
        grades = [(row.intervention_id, row.correct) for row in rows]
        kept.append([row.kept for row in select(interventions, grades, least)])
    assert kept[0] == kept[1]
    assert {True, False} == set(kept[0])
    assert sampled.facts["rollouts"] < 32 * len(chances)


def test_rollouts_of_another_stage_with_the_same_draws_are_taken_over(
    sampler: Sampler, requests, sampled, same_but_for_rounding: Callable
):
    everything = sampled(sampler, requests)
    others = [row for row in everything if row.sample == 0 or row.problem_id == requests[5].problem.problem_id]
    counting = Counting(sampler.engine)
    foreign = replace(others[0], problem_id="another")
    rows = sampled(replace(sampler, engine=counting), requests, "two", given=[*others, foreign])
    assert same_but_for_rounding(rows, everything)
    assert len(counting.asked) == len(everything) - len(others)


def test_rollouts_of_several_oracles_share_draws_and_no_ids(sampler: Sampler, problems, sampled):
    sampler = replace(sampler, purpose="with_intervention")
    request = Request(problems[0], "hard_train", 2, "with_intervention", "p/0", "x")
    one, other = (sampled(sampler, [replace(request, oracle=name)], name) for name in ("exact", "noisy"))
    assert [row.rollout_id for row in one] == [f"with_intervention/exact/hard_train/p/0/{i}" for i in range(2)]
    assert {row.rollout_id for row in one}.isdisjoint(row.rollout_id for row in other)
    assert [row.token_ids for row in one] == [row.token_ids for row in other]


def test_a_guided_rollout_is_graded_and_verified_together_with_its_prefix(sampler: Sampler, problems, sampled):
    problem = problems[0]
    solution = worked_solution(parse_program(problem.text))
    cut = solution.index("\n\n") + 2
    request = Request(problem, "hard_train", 2, "with_intervention", f"{problem.problem_id}/0", solution[:cut])
    engine = Counting(Saying(solution[cut:]))
    first, second = sampled(replace(sampler, engine=engine, purpose="guided"), [request])
    prompt = engine.asked[0].prompt
    assert prompt.token_ids == open_turn(sampler.tokenizer, problem.text, solution[:cut])
    assert (prompt.user, prompt.begun) == (problem.text, solution[:cut])
    assert (first.status, first.correct, first.extracted) == ("correct", True, problem.answer.strip("()"))
    assert first.all_steps_right is True
    assert (first.prefix, first.text) == (solution[:cut], solution[cut:])
    assert (first.mode, first.intervention_id) == ("with_intervention", f"{problem.problem_id}/0")
    assert [row.rollout_id for row in (first, second)] == [
        f"guided/{first.problem_set}/{problem.problem_id}/0/{i}" for i in (0, 1)
    ]


def test_a_right_answer_after_wrong_steps_is_correct_but_not_right_throughout(sampler: Sampler, problems, sampled):
    said = f"b=9\n\n\\boxed{{{problems[0].answer}}}"
    (row,) = sampled(replace(sampler, engine=Saying(said)), [Request(problems[0], "pool", 1)])
    assert (row.correct, row.all_steps_right) == (True, False)


def test_without_a_verifier_nothing_is_said_of_the_steps(sampler: Sampler, problems, sampled):
    unverified = replace(sampler, engine=Saying("\\boxed{1}"), verify=False)
    (row,) = sampled(unverified, [Request(problems[0], "pool", 1)])
    assert row.all_steps_right is None


@pytest.mark.parametrize(("counts", "status"), [(True, "correct"), (False, "no_answer")])
def test_a_boxed_answer_in_the_prefix_counts_only_as_configured(
    sampler: Sampler, problems, sampled, counts: bool, status: str
):
    boxed = f"\\boxed{{{problems[0].answer}}}\n\n"
    request = Request(problems[0], "hard_train", 1, "with_intervention", "i", boxed)
    (row,) = sampled(replace(sampler, engine=Saying("and so on"), prefix_boxes=counts), [request])
    assert row.status == status


def test_what_the_samples_left_out_would_have_cost_is_estimated_by_request(sampler: Sampler, problems, sampled):
    # Sample i has 1 + i tokens: those of a problem that is solved at once, and of one that never is.
    engine = Solving({problems[0].problem_id: 1.0, problems[1].problem_id: 0.0}, problems[0].answer)
    requests = [Request(problem, "pool", 8, enough=1) for problem in problems[:2]]
    sampled(replace(sampler, engine=engine, verify=False), requests, first_round=2)
    assert sampled.facts["tokens"] == (1 + 2) + math.comb(9, 2)
    assert sampled.facts["all_tokens"] == 8 * 1.5 + math.comb(9, 2)
