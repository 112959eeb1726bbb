"""What a language model is asked about a failed attempt: the conversations of each style, cut to the model's context.

Styles: ``two_turn``, the later version's, where the model first solves the problem with what it is given;
``single_turn``, Appendix A's; ``compact``, that of the synthetic world's base model.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple

from int_bench.chats.base import Message
from int_bench.config.oracles import Given, Style
from int_bench.config.solutions import RefinedStyle
from int_bench.prompts import compact, render
from int_bench.records import Problem

LEFT_OUT = "(The rest of the attempt is left out.)"
"""Stands where an attempt was cut because the model's context would not hold it."""


class Fitted(NamedTuple):
    """A conversation that leaves room for a reply, and how many of the attempt's steps it shows."""

    messages: tuple[Message, ...]
    shown: int


def solve_turn(problem: Problem, given: Given) -> Message:
    """The first turn of two: solve the problem, guided by what is given."""
    return Message("user", render("solve", problem=problem.text, reference=shown(problem, given, "two_turn")))


def check_turn(style: Style, problem: Problem, given: Given, steps: Sequence[str], of: int) -> Message:
    """The turn that asks for the first error among the steps that are shown, ``of`` of them in all."""
    attempt = compact.numbered(steps) if style == "compact" else numbered(steps, of)
    name = {"two_turn": "verify", "single_turn": "single_turn", "compact": "compact_verify"}[style]
    return Message("user", render(name, problem=problem.text, reference=shown(problem, given, style), attempt=attempt))


def refine_turn(style: RefinedStyle, problem: Problem, steps: Sequence[str], of: int) -> Message:
    """The turn that asks to rewrite an attempt (Appendix J), of which ``of`` steps are there and these are shown."""
    if style == "full":
        text = "".join(steps).strip()
        return Message("user", render("refine", attempt=f"{text}\n\n{LEFT_OUT}" if len(steps) < of else text))
    reference = shown(problem, "solution", "compact")
    return Message(
        "user", render("compact_refine", problem=problem.text, reference=reference, attempt=compact.numbered(steps))
    )


def shown(problem: Problem, given: Given, style: Style) -> str:
    """What a model is given beside the problem: its reference solution, its answer alone, or nothing.

    Raises ValueError for a problem without the reference that is asked for.
    """
    if given == "solution" and problem.reference is None:
        raise ValueError(f"problem {problem.problem_id} has no reference solution")
    reference = problem.reference or ""
    match given, style:
        case "nothing", _:
            return ""
        case "solution", "compact":
            return compact.shown_reference(reference)
        case "answer", "compact":
            return compact.shown_answer(problem.answer)
        case "solution", _:
            return render("solution", reference=reference)
        case _:
            return render("answer", answer=problem.answer)


def numbered(steps: Sequence[str], of: int | None = None) -> str:
    r"""The steps of an attempt under their numbers, counted from 1; it says so where there are more, ``of`` in all.

    >>> numbered(["Let $n = 2k$.\n\n", "So $n$ is even."])
    'Substep 1:\nLet $n = 2k$.\n\nSubstep 2:\nSo $n$ is even.'
    """
    shown = [f"Substep {number}:\n{step.strip()}" for number, step in enumerate(steps, start=1)]
    return "\n\n".join([*shown, LEFT_OUT] if of is not None and len(steps) < of else shown)


def fitted(
    conversation: Callable[[Sequence[str]], tuple[Message, ...]],
    steps: Sequence[str],
    fits: Callable[[tuple[Message, ...]], bool],
) -> Fitted | None:
    """The conversation about as many of the first steps as fit; None if not even one does.

    Only the attempt's tail is given up: never an instruction, and never what opens the model's turn.
    """
    if fits(whole := conversation(steps)):
        return Fitted(whole, len(steps))
    # More steps never fit where fewer do not.
    shown = bisect_left(range(1, len(steps)), True, key=lambda some: not fits(conversation(steps[:some])))
    return Fitted(conversation(steps[:shown]), shown) if shown else None
