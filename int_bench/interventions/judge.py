"""Which kind of error an intervention corrects, as a language model judges it (Appendix A): HIGH or EXECUTION."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from int_bench.chats.base import Chats, Message, Query, Reply
from int_bench.config import StepsConfig
from int_bench.engines.base import SamplingSettings
from int_bench.interventions.oracles.asking import Fitted, fitted, numbered
from int_bench.interventions.parse import parse_category
from int_bench.interventions.steps import split_steps
from int_bench.prompts import render
from int_bench.records import Intervention, Problem, Verdict

Style = Literal["full", "compact"]


def judge_interventions(
    interventions: Sequence[Intervention],
    problems: Mapping[str, Problem],
    attempts: Mapping[str, str],
    chats: Chats,
    style: Style,
    settings: SamplingSettings,
    steps: StepsConfig,
) -> list[Verdict]:
    """A verdict on the error that each corrective step is about; ``attempts`` has the failed attempts by rollout.

    A reply without a clear category has the status "unclear", a request without a reply that of the request.
    """

    def asked(row: Intervention) -> Fitted | None:
        pieces = split_steps(attempts[row.rollout_id], steps)
        if style == "compact":
            wrong = pieces[row.location or 0].strip()
            return Fitted((Message("user", render("compact_category", step=wrong, guidance=row.content)),), len(pieces))
        problem = problems[row.problem_id].text

        def conversation(shown: Sequence[str]) -> tuple[Message, ...]:
            told = render("category", problem=problem, attempt=numbered(shown, len(pieces)), guidance=row.content)
            return (Message("user", told),)

        return fitted(conversation, pieces, lambda told: chats.count(told) + settings.max_new_tokens <= chats.context)

    fits = {row.intervention_id: asked(row) for row in interventions}
    queries = [Query(f"category/{name}", fit.messages) for name, fit in fits.items() if fit]
    replies = {query.key: reply for answered in chats.ask(queries, settings) for query, reply in answered}
    return [_verdict(row, replies.get(f"category/{row.intervention_id}")) for row in interventions]


def _verdict(row: Intervention, reply: Reply | None) -> Verdict:
    category = parse_category(reply.text) if reply and reply.status == "answered" else None
    if reply is None:
        status = "too_long"
    elif reply.status == "answered":
        status = "judged" if category else "unclear"
    else:
        status = reply.status
    return Verdict(row.intervention_id, row.problem_id, category, status)
