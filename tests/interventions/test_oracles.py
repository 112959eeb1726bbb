"""Oracles: exact, wrong at stated rates, and replayed from a file."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from int_bench.annotate.store import Answer, AnswerFile, digest_of
from int_bench.config import ConfigError, load
from int_bench.errors import UserError
from int_bench.interventions.oracles.base import Case, Proposal
from int_bench.interventions.oracles.choose import oracle_of
from int_bench.interventions.oracles.exact import Exact, Noisy, RandomPlace
from int_bench.interventions.oracles.files import Replay, read_replay
from int_bench.interventions.oracles.people import People
from int_bench.layout import Layout
from int_bench.records import Problem
from int_bench.synthetic.problems import student_of

# True values: a=3, b=7, c=2, d=4. The attempt reads c=9-b backwards.
PROBLEM = Problem("p0", "pool", "a=3\nb=a-6\nc=9-b\nd=c*3\nFind b,c,d mod 10.", "7,2,6", None)
ATTEMPT = ["b=3-6=7\n\n", "c=7-9=8\n\n", "d=8*3=4\n\n", "\\boxed{7,8,4}"]
RIGHT = {0: "b=3-6=7", 1: "c=9-7=2", 2: "d=2*3=6"}
DRAWS = 3000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(("placement", "content"), [("replace", "c=9-7=2"), ("repair", "Wait, c=9-7=2")])
def test_the_exact_oracle_corrects_the_first_error(student, rng, placement, content: str):
    assert Exact(student, placement).propose(PROBLEM, ATTEMPT, 0, rng) == Proposal("proposed", 1, "HIGH", content)


def test_the_exact_oracle_does_not_give_the_answer_away(student, rng):
    steps = ["b=3-6=7\n\n", "c=9-7=2\n\n", "d=2*3=6\n\n", "\\boxed{7,2,7}"]
    assert Exact(student, "replace").propose(PROBLEM, steps, 0, rng) == Proposal("answer_step", 3, "EXECUTION", "")


def test_the_exact_oracle_says_that_nothing_is_wrong(student, rng):
    steps = ["b=3-6=7\n\n", "c=9-7=2\n\n", "d=2*3=6\n\n", "\\boxed{7,2,6}"]
    assert Exact(student, "replace").propose(PROBLEM, steps, 0, rng) == Proposal("no_error")
    assert Exact(student, "replace").solves(PROBLEM, rng)


@pytest.mark.parametrize(("wrong_place", "wrong_content"), [(0.3, 0.0), (0.0, 0.25), (0.3, 0.25)])
def test_the_noisy_oracle_is_wrong_at_the_stated_rates(student, rng, wrong_place: float, wrong_content: float):
    noisy = Noisy(Exact(student, "replace"), wrong_place, wrong_content)
    drawn = [noisy.propose(PROBLEM, ATTEMPT, 0, rng) for _ in range(DRAWS)]
    misplaced = [proposal.location != 1 for proposal in drawn]
    altered = [proposal.content != RIGHT[proposal.location] for proposal in drawn]
    both = [a and b for a, b in zip(misplaced, altered, strict=True)]
    for found, rate in ((misplaced, wrong_place), (altered, wrong_content), (both, wrong_place * wrong_content)):
        assert binomtest(sum(found), DRAWS, rate).pvalue > 1e-3
    # Other places are drawn alike, the answer is never one of them, and an altered step differs only in its value.
    places = [proposal.location for proposal in drawn if proposal.location != 1]
    assert set(places) == ({0, 2} if wrong_place else set())
    if places:
        assert binomtest(places.count(0), len(places), 0.5).pvalue > 1e-3
    assert all(proposal.content[:-1] == RIGHT[proposal.location][:-1] for proposal in drawn)
    wrong_values = {proposal.content[-1] for proposal in drawn if proposal.location == 1} - {"2"}
    assert wrong_values == (set("013456789") if wrong_content else set())


def test_the_noisy_oracle_without_noise_is_the_exact_one(student, rng):
    exact = Exact(student, "repair")
    assert Noisy(exact, 0.0, 0.0).propose(PROBLEM, ATTEMPT, 0, rng) == exact.propose(PROBLEM, ATTEMPT, 0, rng)


def test_the_noisy_oracle_repairs_another_step_in_the_same_form(student, rng):
    proposal = Noisy(Exact(student, "repair"), 1.0, 0.0).propose(PROBLEM, ATTEMPT, 0, rng)
    assert proposal.content == f"Wait, {RIGHT[proposal.location]}"


def test_the_noisy_oracle_leaves_attempts_alone_that_need_no_step(student, rng):
    steps = ["b=3-6=7\n\n", "c=9-7=2\n\n", "d=2*3=6\n\n", "\\boxed{7,2,7}"]
    noisy = Noisy(Exact(student, "replace"), 1.0, 1.0)
    assert noisy.propose(PROBLEM, steps, 0, rng).status == "answer_step"


def test_the_noisy_oracle_solves_a_problem_if_no_step_goes_wrong(student, rng):
    noisy = Noisy(Exact(student, "replace"), 0.9, 0.2)
    solved = sum(noisy.solves(PROBLEM, rng) for _ in range(DRAWS))
    assert binomtest(solved, DRAWS, 0.8**3).pvalue > 1e-3


def test_a_replayed_oracle_gives_its_entries_in_the_order_of_the_file(tmp_path: Path, rng):
    path = tmp_path / "written.jsonl"
    rows = [
        {"problem_id": "p0", "location": 2, "content": " first\n"},
        {"problem_id": "p1", "location": 0, "content": "other", "category": "HIGH"},
        {"problem_id": "p0", "location": 0, "content": "second", "category": "EXECUTION"},
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    replay = Replay(read_replay(path))
    assert [replay.propose(PROBLEM, ATTEMPT, number, rng) for number in range(3)] == [
        Proposal("proposed", 2, None, "first"),
        Proposal("proposed", 0, "EXECUTION", "second"),
        Proposal("not_in_file"),
    ]
    assert replay.solves(PROBLEM, rng)
    assert not replay.solves(Problem("p9", "pool", "", "", None), rng)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{'problem_id': 1}", "not JSON"),
        ('{"problem_id": "p", "location": 1}', "'content'"),
        ('["p", 1, "text"]', "needs problem_id, location, content"),
        ('{"problem_id": "p", "location": "1", "content": "x"}', "location must be a whole number"),
        ('{"problem_id": "p", "location": 1.5, "content": "x"}', "location must be a whole number"),
        ('{"problem_id": "p", "location": 1, "content": " "}', "content a text"),
        ('{"problem_id": "p", "location": 1, "content": null}', "content a text"),
    ],
)
def test_a_line_that_is_no_intervention_is_named(tmp_path: Path, line: str, message: str):
    path = tmp_path / "written.jsonl"
    path.write_text(f"{json.dumps({'problem_id': 'p', 'location': 0, 'content': 'x'})}\n{line}\n")
    with pytest.raises(UserError, match=message) as caught:
        read_replay(path)
    assert str(caught.value).startswith(f"{path}:2: ")


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"nowhere\.jsonl: no such file"):
        read_replay(tmp_path / "nowhere.jsonl")


@pytest.mark.parametrize("character", ["\u2028", "\x85"])
def test_only_a_newline_ends_a_line(tmp_path: Path, character: str):
    path = tmp_path / "written.jsonl"
    row = {"problem_id": "p", "location": 0, "content": f"one{character}two"}
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_replay(path)["p"][0].content == f"one{character}two"


def test_a_random_place_is_any_step_with_what_should_stand_there(student, rng):
    random = RandomPlace(Exact(student, "replace"))
    drawn = [random.propose(PROBLEM, ATTEMPT, 0, rng) for _ in range(DRAWS)]
    for place, step in RIGHT.items():
        found = [proposal for proposal in drawn if proposal.location == place]
        assert {proposal.content for proposal in found} == {step}
        assert binomtest(len(found), DRAWS, 1 / 3).pvalue > 1e-3
    assert {proposal.category for proposal in drawn} == {None}
    assert random.propose(PROBLEM, ["\\boxed{7,8,4}"], 0, rng) == Proposal("no_error")


def test_what_an_oracle_says_of_an_attempt_does_not_depend_on_the_others(student):
    noisy = Noisy(Exact(student, "replace"), 0.5, 0.5)

    def case(number: int) -> Case:
        return Case(PROBLEM, number, f"p0/{number}", tuple(ATTEMPT), np.random.default_rng([0, number]))

    together = noisy.ask([case(number) for number in range(20)])
    assert together == [noisy.ask([case(number)])[0] for number in range(20)]
    assert len({proposals[0] for proposals in together}) > 2


def test_a_configuration_names_its_oracles(tmp_path: Path):
    path = tmp_path / "written.jsonl"
    path.write_text('{"problem_id": "p0", "location": 0, "content": "x"}\n')
    replayed = {"kind": "replay", "source": str(path)}
    oracles = {"read": replayed, "exact": {"kind": "exact"}, "self": None}
    config = load(
        "configs/smoke.yaml", {"oracles": oracles, "interventions": {"placement": "repair"}, "arms": {"self": None}}
    )
    exact = Exact(student_of(config.problems.student), "repair")
    wanted = {
        "exact": exact,
        "noisy": Noisy(exact, 0.2, 0.2),
        "random": RandomPlace(exact),
        "read": Replay({"p0": [Proposal("proposed", 0, None, "x")]}),
    }
    for name, oracle in wanted.items():
        with oracle_of(config, Layout("smoke"), name) as found:
            assert found == oracle
    with (
        pytest.raises(ConfigError, match="no oracle 'exakt' in run smoke; did you mean 'exact'"),
        oracle_of(config, Layout("smoke"), "exakt"),
    ):
        pass


def test_people_give_a_proposal_for_each_answer_that_says_something(tmp_path: Path):
    def answer(rollout: str, status: str, annotator: str, location: int | None = None, content: str = "") -> Answer:
        category = "HIGH" if status == "proposed" else None
        shown = digest_of(["another text"] if rollout == "r3" else ATTEMPT)
        return Answer(rollout, "p0", shown, status, location, content, category, annotator, 1.0)

    given = {
        "ann": [answer("r0", "proposed", "ann", 1, " c=9-7=2 "), answer("r1", "skipped", "ann")],
        "bo": [answer("r0", "no_error", "bo"), answer("r2", "no_error", "bo"), answer("r3", "no_error", "bo")],
    }
    for name, answers in given.items():
        with AnswerFile(tmp_path / f"{name}.jsonl") as file:
            for one in answers:
                file.append(one)
    people = People.read([str(tmp_path / f"{name}.jsonl") for name in given])
    cases = [Case(PROBLEM, i, f"r{i}", tuple(ATTEMPT), np.random.default_rng(0)) for i in range(4)]
    assert people.ask(cases) == [
        [Proposal("proposed", 1, "HIGH", "c=9-7=2"), Proposal("no_error")],
        [Proposal("not_annotated")],
        [Proposal("no_error")],
        [Proposal("not_annotated")],
    ]
    assert people.solved([PROBLEM], np.random.default_rng(0)) == {"p0"}
    with pytest.raises(UserError, match="int-bench annotate"):
        People.read([str(tmp_path / "nobody.jsonl")])
