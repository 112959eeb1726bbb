"""Training rows of each arm, and which of their tokens the loss counts (section 4.2, Table 1).

With x the problem, y_<i the attempt before its first error, y_int the intervention and y_>i a continuation:

    arm          input                           loss on
    int          x + y_<i + y_int                y_<i + y_int        (kept interventions)
    no_filter    x + y_<i + y_int                y_<i + y_int        (all interventions)
    no_prefix    x + y_<i + y_int                y_int
    suffix       x + y_<i + y_int + y_>i + end   y_<i + y_int + y_>i + end

An arm of whole solutions (distillation, gold, self-refinement, ...) clones x + solution + end. No end-of-sequence token
follows an intervention, because the trace goes on there; one follows a whole solution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from transformers import PreTrainedTokenizerBase

from int_bench.config import ArmConfig
from int_bench.interventions.steps import SEPARATOR
from int_bench.records import Intervention, Problem, Rollout, Selection, Solution, TrainingExample
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
        after: tuple[int, ...] = ()
        if arm.suffix:
            if item.intervention_id not in completions:
                continue
            suffix = SEPARATOR + completions[item.intervention_id].text
            after = (*text_tokens(tokenizer, suffix), int(tokenizer.eos_token_id))
        prompt = open_turn(tokenizer, problems[item.problem_id].text)
        prefix, content = text_tokens(tokenizer, item.prefix), text_tokens(tokenizer, item.content)
        masked = prompt if arm.prefix else (*prompt, *prefix)
        learned = (*prefix, *content, *after) if arm.prefix else (*content, *after)
        examples.append(
            _example(item.intervention_id, item.problem_id, masked, learned, (len(prompt), len(prefix), len(content)))
        )
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
            examples.append(_example(solution.solution_id, solution.problem_id, prompt, learned, (len(prompt), 0, 0)))
    return examples


def fitting(examples: Iterable[TrainingExample], context: int) -> tuple[list[TrainingExample], int]:
    """The rows that the model's context holds, and how many do not fit: a row is dropped, never cut."""
    rows = list(examples)
    kept = [row for row in rows if len(row.input_ids) <= context]
    return kept, len(rows) - len(kept)


def _example(
    identity: str,
    problem_id: str,
    masked: tuple[int, ...],
    learned: tuple[int, ...],
    lengths: tuple[int, int, int],
) -> TrainingExample:
    ids, labels = [*masked, *learned], [*[IGNORED] * len(masked), *learned]
    return TrainingExample(identity, problem_id, ids, labels, *lengths)
