"""Training rows of each arm, and which of their tokens the loss counts (section 4.2, Table 1).

With x the problem, y_<i the attempt before its first error, y_int the intervention and y_>i a continuation:

    arm          input                           loss on
    int          x + y_<i + y_int                y_<i + y_int        (kept interventions)
    no_filter    x + y_<i + y_int                y_<i + y_int        (all interventions)
    no_prefix    x + y_<i + y_int                y_int
    suffix       x + y_<i + y_int + y_>i + end   y_<i + y_int + y_>i + end
    distill      x + reference + end             reference + end

No end-of-sequence token follows an intervention, because the trace goes on there; one follows a full solution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from transformers import PreTrainedTokenizerBase

from int_bench.config import ArmConfig
from int_bench.interventions.steps import SEPARATOR
from int_bench.records import Intervention, Problem, Rollout, Selection, TrainingExample
from int_bench.rollouts.chat import open_turn, text_tokens

IGNORED = -100
"""Label of a token that the loss does not count."""


def intervention_examples(
    arm: ArmConfig,
    problems: Mapping[str, Problem],
    interventions: Iterable[Intervention],
    selections: Mapping[str, Selection],
    guided: Sequence[Rollout],
    tokenizer: PreTrainedTokenizerBase,
) -> list[TrainingExample]:
    """Rows of an arm that clones interventions, one for each that the arm uses.

    An arm without filter takes every proposed intervention; an arm with suffix takes those that a guided rollout
    completed correctly, with the first such completion, and so has to be given all rollouts with intervention.
    """
    # A trace that was cut off after its answer has no end that could be taught.
    completions = {row.intervention_id: row for row in reversed(guided) if row.correct and row.finish_reason == "stop"}
    examples = []
    for item in interventions:
        selection = selections[item.intervention_id]
        if item.status != "proposed" or selection.reason == "duplicate" or (arm.filter and not selection.kept):
            continue
        prompt = open_turn(tokenizer, problems[item.problem_id].text)
        parts = [
            (text_tokens(tokenizer, item.prefix), arm.prefix),
            (text_tokens(tokenizer, item.content), True),
        ]
        if arm.suffix:
            if item.intervention_id not in completions:
                continue
            suffix = SEPARATOR + completions[item.intervention_id].text
            parts.append(((*text_tokens(tokenizer, suffix), int(tokenizer.eos_token_id)), True))
        examples.append(_example(item.intervention_id, item.problem_id, prompt, parts))
    return examples


def reference_examples(problems: Iterable[Problem], tokenizer: PreTrainedTokenizerBase) -> list[TrainingExample]:
    """Rows that clone whole reference solutions; a problem without one gives no row."""
    return [
        _example(
            problem.problem_id,
            problem.problem_id,
            open_turn(tokenizer, problem.text),
            [((*text_tokens(tokenizer, problem.reference), int(tokenizer.eos_token_id)), True)],
        )
        for problem in problems
        if problem.reference
    ]


def fitting(examples: Iterable[TrainingExample], context: int) -> tuple[list[TrainingExample], int]:
    """The rows that the model's context holds, and how many do not fit: a row is dropped, never cut."""
    rows = list(examples)
    kept = [row for row in rows if len(row.input_ids) <= context]
    return kept, len(rows) - len(kept)


def _example(
    identity: str, problem_id: str, prompt: tuple[int, ...], parts: Sequence[tuple[tuple[int, ...], bool]]
) -> TrainingExample:
    ids, labels = list(prompt), [IGNORED] * len(prompt)
    for tokens, cloned in parts:
        ids += tokens
        labels += tokens if cloned else [IGNORED] * len(tokens)
    return TrainingExample(identity, problem_id, ids, labels)
