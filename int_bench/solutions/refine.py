"""Self-refinement: a language model that sees the reference rewrites a failed attempt as a whole (Appendix J)."""

from __future__ import annotations

from collections.abc import Sequence

from int_bench.chats.base import Chats, Message, Reply
from int_bench.config.solutions import RefinedStyle
from int_bench.engines.base import SamplingSettings
from int_bench.grading import Grader, Response
from int_bench.interventions.oracles.asking import refine_turn
from int_bench.interventions.oracles.base import Case
from int_bench.interventions.oracles.dialogue import heard_about, shortened, solved_first, two_turns
from int_bench.solutions.choose import Written


def refinements(
    cases: Sequence[Case], chats: Chats, style: RefinedStyle, proposals: int, settings: SamplingSettings, grader: Grader
) -> tuple[list[Written], int]:
    """What becomes of each attempt, ``proposals`` times, and how many prompts did not hold the whole attempt.

    In the style ``full`` the model first solves the problem with the reference and then rewrites the attempt; in the
    style ``compact`` it is asked once. A problem without a reference has the status "no_reference".
    """
    able = [case for case in cases if case.problem.reference is not None]

    def conversation(case: Case, before: Reply | None, steps: Sequence[str]) -> tuple[Message, ...]:
        return two_turns(case, before, "solution", refine_turn(style, case.problem, steps, len(case.steps)))

    solved = solved_first(chats, settings, able, "solution", proposals) if style == "full" else {}
    heard = heard_about(chats, settings, able, proposals, "refine", conversation, solved)
    asked = [(case, sample) for case in cases for sample in range(proposals)]
    answers = {
        (case.key, sample): Response(said.reply.text, said.reply.finish_reason, case.problem.answer)
        for case, sample in asked
        if (said := heard.get((case.key, sample))) and said.reply.status == "answered" and said.shown
    }
    grades = dict(zip(answers, grader.grade_many(answers.values()), strict=True))
    written = []
    for case, sample in asked:
        name = f"{case.key}.{sample}" if proposals > 1 else case.key
        problem, key = case.problem.problem_id, (case.key, sample)
        if key in grades:
            text, ended = answers[key].text.strip(), answers[key].finish_reason
            written.append(Written(name, problem, text, grades[key].status, ended, grades[key].correct))
        else:
            status = heard[key].reply.status if key in heard else "no_reference"
            written.append(Written(name, problem, "", status, "stop", None))
    return written, shortened(heard, able)
