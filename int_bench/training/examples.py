"""Training rows of each arm, and which of their tokens the loss counts (section 4.2, Table 1).

With x the problem, y_<i the attempt before its first error, y_int the intervention and y_>i a continuation:

    arm          input                           loss on
    int          x + y_<i + y_int                y_<i + y_int        (kept interventions)
    no_filter    x + y_<i + y_int                y_<i + y_int        (all interventions)
    no_prefix    x + y_<i + y_int                y_int
    suffix       x + y_<i + y_int + y_>i + end   y_<i + y_int + y_>i + end

The settings of an arm cross these, which is what ablations are made of:

    filter: random        as many interventions as the filter keeps, drawn at random among all different ones
    prefix: false         no loss on y_<i
    intervention: false   no loss on y_int; without a suffix nothing is learned after y_<i, so the row ends with it
    suffix: true          y_>i + end follows, with loss
    end: true             end follows y_int, with loss

An arm of whole solutions (distillation, gold, self-refinement, ...) clones x + solution + end. No end-of-sequence token
follows an intervention unless an arm asks for it, because the trace goes on there; one follows a whole solution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from transformers import PreTrainedTokenizerBase

from int_bench.config import ArmConfig
from int_bench.interventions.steps import SEPARATOR
from int_bench.records import Intervention, Problem, Rollout, Selection, Solution, TrainingExample
from int_bench.rollouts.chat import open_turn, text_tokens

IGNORED = -100
"""Label of a token that the loss does not count."""


def some_problems(problems: Sequence[Problem], count: int | None, seed: int) -> dict[str, Problem]:
    """The problems that an arm learns from, by their ids: all, or so many at random, the fewer among the more."""
    drawn = np.random.default_rng([seed, 3]).permutation(len(problems))[:count]
    return {problems[i].problem_id: problems[i] for i in sorted(drawn.tolist())}


def used(
    arm: ArmConfig, interventions: Iterable[Intervention], selections: Mapping[str, Selection], seed: int
) -> list[Intervention]:
    """The interventions that an arm clones, none of them twice."""
    different = [
        item
        for item in interventions
        if item.status == "proposed" and selections[item.intervention_id].reason != "duplicate"
    ]
    kept = [item for item in different if selections[item.intervention_id].kept]
    if arm.filter == "random":
        drawn = np.random.default_rng([seed, 4]).permutation(len(different))[: len(kept)]
        return [different[i] for i in sorted(drawn.tolist())]
    return kept if arm.filter else different


def intervention_examples(
    arm: ArmConfig,
    problems: Mapping[str, Problem],
    interventions: Iterable[Intervention],
    guided: Sequence[Rollout],
    tokenizer: PreTrainedTokenizerBase,
) -> list[TrainingExample]:
    """Rows of an arm that clones interventions, one for each of them.

    An arm with suffix takes those that a guided rollout completed correctly, with the first such completion, and so has
    to be given all rollouts with intervention. A row of which the loss would count nothing is none.
    """
    # A trace that was cut off after its answer has no end that could be taught.
    completions = {row.intervention_id: row for row in reversed(guided) if row.correct and row.finish_reason == "stop"}
    examples = []
    end = int(tokenizer.eos_token_id)
    for item in interventions:
        after: tuple[int, ...] = (end,) if arm.end else ()
        if arm.suffix:
            if item.intervention_id not in completions:
                continue
            suffix = SEPARATOR + completions[item.intervention_id].text
            after = (*text_tokens(tokenizer, suffix), end)
        prompt = open_turn(tokenizer, problems[item.problem_id].text)
        prefix, content = text_tokens(tokenizer, item.prefix), text_tokens(tokenizer, item.content)
        if not (arm.intervention or after):
            content = ()
        parts = [(prompt, False), (prefix, arm.prefix), (content, arm.intervention), (after, True)]
        if any(tokens and learned for tokens, learned in parts):
            lengths = (len(prompt), len(prefix), len(content))
            examples.append(_example(item.intervention_id, item.problem_id, parts, lengths))
    return examples


def solution_examples(
    solutions: Iterable[Solution], problems: Mapping[str, Problem], tokenizer: PreTrainedTokenizerBase
) -> list[TrainingExample]:
    """Rows that clone the whole solutions that were kept."""
    examples = []
    for solution in solutions:
        if solution.kept:
            prompt = open_turn(tokenizer, problems[solution.problem_id].text)
            learned = (*text_tokens(tokenizer, solution.text), int(tokenizer.eos_token_id))
            parts = [(prompt, False), (learned, True)]
            examples.append(_example(solution.solution_id, solution.problem_id, parts, (len(prompt), 0, 0)))
    return examples


def fitting(examples: Iterable[TrainingExample], context: int) -> tuple[list[TrainingExample], int]:
    """The rows that the model's context holds, and how many do not fit: a row is dropped, never cut."""
    rows = list(examples)
    kept = [row for row in rows if len(row.input_ids) <= context]
    return kept, len(rows) - len(kept)


def _example(
    identity: str, problem_id: str, parts: Sequence[tuple[Sequence[int], bool]], lengths: tuple[int, int, int]
) -> TrainingExample:
    """A row of some parts, each with whether the loss counts it."""
    ids = [token for tokens, _ in parts for token in tokens]
    labels = [token if learned else IGNORED for tokens, learned in parts for token in tokens]
    return TrainingExample(identity, problem_id, ids, labels, *lengths)
