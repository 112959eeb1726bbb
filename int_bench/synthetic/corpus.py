"""The corpus that teaches the base model: a mixture of tasks, each a function from the world to prompt and response.

Beside problems to solve it holds what a base model must know to be its own oracle: attempts to verify, to refine, and
errors to sort by their kind. All are in the compact form of ``prompts/compact_*.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from int_bench.prompts import render
from int_bench.prompts.compact import intervention, numbered, shown_answer, shown_reference
from int_bench.synthetic.checking import Mode, checks, known_values, verify
from int_bench.synthetic.student import BLANK, Student, reference_solution, worked_solution
from int_bench.synthetic.world import Family, Program, draw_program

Task = Callable[[Family, Student, np.random.Generator], tuple[str, str]]

MODES: dict[Mode, float] = {"solution": 0.6, "answer": 0.2, "nothing": 0.2}
"""How often an attempt is verified with the reference solution, the answer alone, or nothing."""
CARELESS = 0.15
"""Chance of a slip at each step of the attempts that are verified: at the student's own few would be seen."""
REFINED = (1, 4)
"""Misconceived operations in a problem whose attempt is refined: only there does the reference tell anything new."""


def solve_task(family: Family, student: Student, rng: np.random.Generator) -> tuple[str, str]:
    """A problem and the student's trace."""
    program = draw_program(family, student.misconceived_kinds, rng)
    return program.text(), student.solve(program, rng)


def verify_task(family: Family, student: Student, rng: np.random.Generator) -> tuple[str, str]:
    """An attempt, and the student's way through it up to the first step at fault."""
    program, steps = _attempt(family, student, rng)
    mode = list(MODES)[int(rng.choice(len(MODES), p=list(MODES.values())))]
    return verify_prompt(program, steps, mode), verify_reply(student, program, steps, mode)


def refine_task(family: Family, student: Student, rng: np.random.Generator) -> tuple[str, str]:
    """An attempt, and a whole right solution in the student's form."""
    program, steps = _attempt(replace(family, misconceived=REFINED), student, rng)
    return refine_prompt(program, steps), worked_solution(program)


def category_task(family: Family, student: Student, rng: np.random.Generator) -> tuple[str, str]:
    """A step at fault with the step that should stand there, and the kind of the error."""
    while True:
        program, steps = _attempt(family, student, rng)
        fault = verify(student, program, steps, known_values(program, "solution"))
        if fault:
            return category_prompt(steps[fault.location], fault.correction), fault.category


TASKS: dict[str, Task] = {
    "solve": solve_task,
    "verify": verify_task,
    "refine": refine_task,
    "category": category_task,
}
"""Tasks by the name that a mixture gives them."""


def verify_prompt(program: Program, steps: list[str], mode: Mode) -> str:
    """The prompt that shows an attempt with what the mode shows of the reference."""
    shown = {
        "solution": shown_reference(reference_solution(program)),
        "answer": shown_answer(program.answer()),
        "nothing": "",
    }[mode]
    return render("compact_verify", problem=program.text(), reference=shown, attempt=numbered(steps))


def refine_prompt(program: Program, steps: list[str]) -> str:
    """The prompt that shows an attempt with the reference solution."""
    reference = shown_reference(reference_solution(program))
    return render("compact_refine", problem=program.text(), reference=reference, attempt=numbered(steps))


def category_prompt(step: str, guidance: str) -> str:
    """The prompt that shows a wrong step and the one that should stand there."""
    return render("compact_category", step=step, guidance=guidance)


def verify_reply(student: Student, program: Program, steps: list[str], mode: Mode) -> str:
    """A line for each step up to the first at fault; then the object that is parsed.

    What the reference names is quoted before the step is read, so that neither the step's value nor the student's own
    belief is at hand in its place; what it does not name is worked out after. At a wrong value the beginning of the
    next step is looked at, since a slip that was noticed is mended there.
    """
    known = known_values(program, mode)
    made = list(checks(student, program, steps, known))
    lines = []
    for number, (check, step) in enumerate(zip(made, steps, strict=False), start=1):
        # The space makes the quotation the same run of tokens as in the reference.
        should, stands = f" {check.name}={check.value}", f"{number}:{step}"
        line = f"{should} {stands}" if check.name in known else f"{stands}{should}"
        if check.verdict != "ok":
            line += f" {number + 1}:{_first_word(steps[number])}"
        lines.append(f"{line} {check.verdict}")
    fault = made[-1] if made and made[-1].verdict == "no" else None
    found = intervention(fault.location, fault.correction) if fault else intervention(None)
    return "\n".join([*lines, found])


def corpus(
    family: Family, student: Student, mixture: Mapping[str, float], size: int, rng: np.random.Generator
) -> Iterator[tuple[str, str]]:
    """``size`` pairs of prompt and response, tasks drawn by their weights."""
    names = sorted(mixture)
    weights = np.array([mixture[name] for name in names], dtype=float)
    for _ in range(size):
        task = TASKS[names[int(rng.choice(len(names), p=weights / weights.sum()))]]
        yield task(family, student, rng)


def _attempt(family: Family, student: Student, rng: np.random.Generator) -> tuple[Program, list[str]]:
    program = draw_program(family, student.misconceived_kinds, rng)
    careless = replace(student, slip=CARELESS, slip_growth=0.0)
    return program, careless.solve(program, rng).split(BLANK)


def _first_word(step: str) -> str:
    """``Wait``, the name of a variable, or the box."""
    return "Wait" if step.startswith("Wait") else step.split("=")[0].split("{")[0]
