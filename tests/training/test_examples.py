"""What the rows of each arm hold, and which of their tokens the loss counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import ArmConfig, SFTConfig, StepsConfig
from int_bench.interventions.oracles.exact import Exact
from int_bench.interventions.propose import chosen_attempts, guided_prefix, propose_interventions
from int_bench.interventions.select import select
from int_bench.records import Problem
from int_bench.rollouts.chat import open_turn
from int_bench.solutions.written import references
from int_bench.training.examples import IGNORED, fitting, intervention_examples, solution_examples, some_problems, used

SFT = SFTConfig(epochs=1, batch=4, learning_rate=1e-4)
END = "<|im_end|>"
# An attempt each, with its first error at the second step: a wrong plan.
TEXTS = [f"a={a}\nb=a-6\nc=9-b\nd=c*3\nFind b,c,d mod 10." for a in (3, 4, 6, 7)]


def attempt(a: int) -> str:
    b = (a - 6) % 10
    c = (b - 9) % 10
    d = c * 3 % 10
    return f"b={a}-6={b}\n\nc={b}-9={c}\n\nd={c}*3={d}\n\n\\boxed{{{b},{c},{d}}}"


@pytest.fixture
def case(student, make_rollout):
    """Four interventions: two kept (one of them late), one with too few correct, one duplicate of the first."""
    problems = {f"p{i}": Problem(f"p{i}", "pool", text, "0", f"reference {i}") for i, text in enumerate(TEXTS)}
    attempts = [make_rollout(f"p{i}", attempt(a)) for i, a in enumerate((3, 4, 6, 7))]
    attempts.append(make_rollout("p0", attempt(3), sample=1))
    chosen = chosen_attempts(list(problems.values()), attempts, 2, 0)
    interventions = propose_interventions(chosen, Exact(student, "replace"), "replace", StepsConfig(), student, 0)
    assert [row.intervention_id for row in interventions] == ["p0/0", "p0/1", "p1/0", "p2/0", "p3/0"]
    hits = {"p0/0": "-++", "p0/1": "+++", "p1/0": "--+", "p2/0": "---", "p3/0": "+--"}
    guided = [
        make_rollout(
            name.split("/")[0],
            f"{name} completion {i}\n\n\\boxed{{1}}",
            correct=mark == "+",
            sample=i,
            intervention_id=name,
            prefix=guided_prefix(next(row for row in interventions if row.intervention_id == name)),
        )
        for name, marks in hits.items()
        for i, mark in enumerate(marks)
    ]
    selections = {
        row.intervention_id: row
        for row in select(interventions, [(row.intervention_id, row.correct) for row in guided], 1)
    }
    assert [row.reason for row in selections.values()] == ["kept", "duplicate", "kept", "too_few_correct", "kept"]
    return problems, interventions, selections, guided


@pytest.fixture
def rows_of(case, tokenizer):
    def rows_of(**arm: bool | str):
        problems, interventions, selections, guided = case
        settings = ArmConfig(sft=SFT, **arm)
        cloned = used(settings, interventions, selections, 0)
        return intervention_examples(settings, problems, cloned, guided, tokenizer)

    return rows_of


def learned(row, tokenizer) -> str:
    """The text of the tokens that the loss counts, special tokens included."""
    return tokenizer.decode([label for label in row.labels if label != IGNORED])


def prompt(text: str) -> str:
    return f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize(
    "arm",
    [{}, {"prefix": False}, {"suffix": True}, {"filter": False}, {"intervention": False}, {"end": True}],
    ids=str,
)
def test_labels_are_the_inputs_or_ignored_and_prompts_are_never_learned(rows_of, case, tokenizer, arm):
    rows = rows_of(**arm)
    assert rows
    for row in rows:
        assert len(row.labels) == len(row.input_ids)
        assert all(label in (IGNORED, token) for label, token in zip(row.labels, row.input_ids, strict=True))
        asked = open_turn(tokenizer, case[0][row.problem_id].text)
        assert tuple(row.input_ids[: len(asked)]) == asked
        assert set(row.labels[: len(asked)]) == {IGNORED}


def test_int_learns_the_prefix_and_the_intervention(rows_of, tokenizer):
    rows = rows_of()
    assert [row.example_id for row in rows] == ["p0/0", "p1/0", "p3/0"]
    assert learned(rows[0], tokenizer) == "b=3-6=7\n\nc=9-7=2"
    assert learned(rows[1], tokenizer) == "b=4-6=8\n\nc=9-8=1"
    assert tokenizer.decode(rows[0].input_ids) == prompt(TEXTS[0]) + "b=3-6=7\n\nc=9-7=2"


def test_no_prefix_reads_the_prefix_and_learns_the_intervention_alone(rows_of, tokenizer):
    rows = rows_of(prefix=False)
    assert [learned(row, tokenizer) for row in rows] == ["c=9-7=2", "c=9-8=1", "c=9-1=8"]
    assert [row.input_ids for row in rows] == [row.input_ids for row in rows_of()]


def test_no_filter_takes_every_proposal_once(rows_of, tokenizer):
    rows = rows_of(filter=False)
    assert [row.example_id for row in rows] == ["p0/0", "p1/0", "p2/0", "p3/0"]
    assert learned(rows[2], tokenizer) == "b=6-6=0\n\nc=9-0=9"


def test_suffix_learns_the_first_correct_continuation_and_the_end(rows_of, tokenizer):
    rows = rows_of(suffix=True)
    assert [learned(row, tokenizer) for row in rows] == [
        f"b=3-6=7\n\nc=9-7=2\n\np0/0 completion 1\n\n\\boxed{{1}}{END}",
        f"b=4-6=8\n\nc=9-8=1\n\np1/0 completion 2\n\n\\boxed{{1}}{END}",
        f"b=7-6=1\n\nc=9-1=8\n\np3/0 completion 0\n\n\\boxed{{1}}{END}",
    ]


def test_suffix_without_filter_still_needs_a_continuation(rows_of):
    assert [row.example_id for row in rows_of(suffix=True, filter=False)] == ["p0/0", "p1/0", "p3/0"]


@pytest.mark.parametrize(
    ("arm", "ends"), [({}, 0), ({"prefix": False}, 0), ({"filter": False}, 0), ({"suffix": True}, 1)]
)
def test_an_end_follows_a_whole_solution_and_never_an_intervention(rows_of, case, tokenizer, arm, ends: int):
    for row in rows_of(**arm):
        asked = len(open_turn(tokenizer, case[0][row.problem_id].text))
        assert row.input_ids[asked:].count(tokenizer.eos_token_id) == ends
        assert (row.input_ids[-1] == tokenizer.eos_token_id) is bool(ends)


def test_the_guided_rollout_began_where_the_row_ends(rows_of, case, tokenizer):
    # The model is trained on the very tokens that the guided rollouts were handed.
    _, interventions, _, _ = case
    texts = {row.intervention_id: guided_prefix(row) for row in interventions}
    for row in rows_of():
        assert tokenizer.decode(row.input_ids).endswith(texts[row.example_id].removesuffix("\n\n"))


def test_proposals_that_are_none_are_not_used(case):
    _, interventions, selections, _ = case
    other = [replace(row, status="outside_trace") for row in interventions]
    assert used(ArmConfig(sft=SFT, filter=False), other, selections, 0) == []


def test_references_are_learned_whole_with_their_end(problems, tokenizer):
    without = Problem("none", "pool", "text", "1", None)
    posed = [*problems, without]
    rows = solution_examples(references(posed), {row.problem_id: row for row in posed}, tokenizer)
    assert [row.example_id for row in rows] == [problem.problem_id for problem in problems]
    for row, problem in zip(rows, problems, strict=True):
        assert learned(row, tokenizer) == problem.reference + END
        assert tokenizer.decode(row.input_ids) == prompt(problem.text) + problem.reference + END


def test_rows_that_do_not_fit_are_dropped_and_counted(examples):
    longest = max(len(row.input_ids) for row in examples)
    assert fitting(examples, longest) == (examples, 0)
    kept, dropped = fitting(examples, longest - 1)
    assert dropped == sum(len(row.input_ids) == longest for row in examples) > 0
    assert kept == [row for row in examples if len(row.input_ids) < longest]


WHOLE = "p0/0 completion 1\n\n\\boxed{1}"


@pytest.mark.parametrize("prefix", [True, False])
@pytest.mark.parametrize("intervention", [True, False])
@pytest.mark.parametrize("suffix", [True, False])
def test_the_loss_counts_the_parts_that_it_is_told_to(rows_of, tokenizer, prefix, intervention, suffix):
    if not (prefix or intervention or suffix):
        with pytest.raises(ValueError, match="the loss counts nothing"):
            rows_of(prefix=prefix, intervention=intervention, suffix=suffix)
        return
    row = rows_of(prefix=prefix, intervention=intervention, suffix=suffix)[0]
    parts = ["b=3-6=7\n\n", "c=9-7=2", f"\n\n{WHOLE}{END}"]
    counted = [prefix, intervention, suffix]
    assert learned(row, tokenizer) == "".join(part for part, counts in zip(parts, counted, strict=True) if counts)
    shown = parts[:1] if not (intervention or suffix) else parts[:2] if not suffix else parts
    assert tokenizer.decode(row.input_ids) == prompt(TEXTS[0]) + "".join(shown)
    spans = [row.prompt_tokens, row.prefix_tokens, row.intervention_tokens]
    texts = [prompt(TEXTS[0]), *parts[:2]] if len(shown) > 1 else [prompt(TEXTS[0]), *parts[:1], ""]
    starts = [sum(spans[:i]) for i in range(3)]
    found = [tokenizer.decode(row.input_ids[at : at + size]) for at, size in zip(starts, spans, strict=True)]
    assert found == texts


def test_a_bare_prefix_of_nothing_is_no_row(case, tokenizer):
    problems, interventions, _, _ = case
    first = replace(interventions[0], prefix="", before="")
    arm = ArmConfig(sft=SFT, intervention=False)
    rows = intervention_examples(arm, problems, [first, interventions[2]], [], tokenizer)
    assert [row.example_id for row in rows] == ["p1/0"]


def test_an_end_follows_the_intervention_where_it_is_asked_for(rows_of, tokenizer):
    assert learned(rows_of(end=True)[0], tokenizer) == f"b=3-6=7\n\nc=9-7=2{END}"
    assert learned(rows_of(end=True, prefix=False)[0], tokenizer) == f"c=9-7=2{END}"


def test_a_random_subset_has_as_many_as_the_filter_keeps(case):
    _, interventions, selections, _ = case
    arm = ArmConfig(sft=SFT, filter="random")
    drawn = [tuple(row.intervention_id for row in used(arm, interventions, selections, seed)) for seed in range(60)]
    # Of four different ones, of which three are kept, each is left out at times; their order stays.
    assert {len(ids) for ids in drawn} == {3}
    assert {name for ids in drawn for name in ids} == {"p0/0", "p1/0", "p2/0", "p3/0"}
    assert len(set(drawn)) == 4
    assert all(list(ids) == sorted(ids) for ids in drawn)
    assert used(arm, interventions, selections, 0) == used(arm, interventions, selections, 0)


@given(st.integers(0, 9), st.integers(1, 12), st.integers(1, 12))
def test_the_fewer_problems_are_among_the_more(problems, seed: int, few: int, many: int):
    few, many = sorted((few, many))
    assert len(some_problems(problems, few, seed)) == few
    assert some_problems(problems, few, seed).keys() <= some_problems(problems, many, seed).keys()
    assert list(some_problems(problems, None, seed).values()) == problems


def test_problems_are_drawn_at_random(problems):
    drawn = {name for seed in range(60) for name in some_problems(problems, 3, seed)}
    assert drawn == {problem.problem_id for problem in problems}
