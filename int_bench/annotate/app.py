"""The web application: one annotator, one run, one page an attempt."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import int_bench.pages
from int_bench.analysis.agreement import Agreement
from int_bench.analysis.estimates import UNDEFINED, Estimate
from int_bench.annotate.attempts import Shown
from int_bench.annotate.compare import pairs_of
from int_bench.annotate.guard import Guard
from int_bench.annotate.store import Answer, AnswerFile, about, answer_of
from int_bench.errors import UserError
from int_bench.grading import extract_answer
from int_bench.interventions.propose import Placement
from int_bench.pages.templates import environment
from int_bench.pages.text import html_of

STYLE = Path(int_bench.pages.__file__).parent / "style.css"


def latex_of(answer: str) -> str:
    r"""A gold answer as text with LaTeX: as most data sets have it, LaTeX comes without dollars and words come plain.

    >>> latex_of(r"\frac{1}{2}"), latex_of("all even $n$"), latex_of("none")
    ('$\\frac{1}{2}$', 'all even $n$', 'none')
    """
    return f"${answer}$" if "$" not in answer and re.search(r"[\\^_{]", answer) else answer


def kappa_text(kappa: Estimate) -> str:
    """Kappa with its interval, which is no share and so not in per cent.

    >>> kappa_text(Estimate(0.625, 0.2, 0.875, 12)), kappa_text(Estimate(1.0, math.nan, math.nan, 3))
    ('0.62 [0.20, 0.88]', '1.00')
    """
    if math.isnan(kappa.value):
        return UNDEFINED
    return f"{kappa.value:.2f}" + ("" if math.isnan(kappa.low) else f" [{kappa.low:.2f}, {kappa.high:.2f}]")


_TEMPLATES = environment("int_bench.annotate")
_TEMPLATES.filters["latex"] = latex_of


_AGREEMENT: list[tuple[str, Callable[[Agreement], object]]] = [
    ("attempts that both judged", lambda found: found.attempts),
    ("error or none, kappa", lambda found: kappa_text(found.error_kappa)),
    ("attempts in which both found an error", lambda found: found.both_found),
    ("same step", lambda found: found.same_location.format()),
    ("at most one step apart", lambda found: found.within_one.format()),
    ("same category", lambda found: found.same_category.format()),
    ("category, kappa", lambda found: kappa_text(found.category_kappa)),
]


@dataclass(frozen=True)
class Desk:
    """One annotator at work on the attempts of one run."""

    run: str
    annotator: str
    attempts: list[Shown]
    file: AnswerFile
    placement: Placement

    @property
    def known(self) -> dict[str, str]:
        """The attempts by rollout, with the digest of their steps."""
        return {shown.rollout_id: shown.attempt for shown in self.attempts}

    @property
    def answers(self) -> dict[str, Answer]:
        """What holds now of the attempts as they are, by rollout."""
        return about(self.known, self.file.answers)

    def next_page(self) -> str:
        """Where to go on: the first attempt without an answer, or the end."""
        answers = self.answers
        for number, shown in enumerate(self.attempts, start=1):
            if shown.rollout_id not in answers:
                return f"/attempts/{number}"
        return "/end"

    def page_of(self, rollout_id: str) -> str:
        """The page of an attempt; of one that the run no longer has, the next page."""
        numbers = {shown.rollout_id: number for number, shown in enumerate(self.attempts, start=1)}
        return f"/attempts/{numbers[rollout_id]}" if rollout_id in numbers else self.next_page()

    def save(self, said: Mapping[str, Any]) -> None:
        """Write an answer; raises UserError saying what is wrong with it."""
        # Said by the page, which may have been open since before the attempt was mined anew.
        seen = said.get("rollout_id"), said.get("attempt")
        shown = next((shown for shown in self.attempts if (shown.rollout_id, shown.attempt) == seen), None)
        if shown is None:
            raise UserError("the run has no such attempt (any more): load the page again")
        answer = answer_of({**said, "problem_id": shown.problem.problem_id, "annotator": self.annotator})
        if answer.status == "retracted":
            raise UserError("an answer is taken back with undo")
        if answer.location is not None and answer.location >= len(shown.steps):
            raise UserError(f"the attempt has {len(shown.steps)} steps")
        if extract_answer(answer.content) is not None:
            raise UserError("a box in the step would be graded as the model's own answer: leave it out")
        self.file.append(answer)


def app_of(desk: Desk, port: int) -> Starlette:
    """The application for a desk, for a server on ``port`` of this machine."""

    def page(template: str, **values: Any) -> HTMLResponse:
        answers = desk.answers
        statuses = [
            answers[shown.rollout_id].status if shown.rollout_id in answers else None for shown in desk.attempts
        ]
        counts = Counter(status for status in statuses if status)
        text = _TEMPLATES.get_template(template).render(desk=desk, statuses=statuses, counts=counts, **values)
        return HTMLResponse(text)

    async def start(_: Request) -> Response:
        return RedirectResponse(desk.next_page(), status_code=303)

    async def attempt(request: Request) -> Response:
        number = request.path_params["number"]
        if not 1 <= number <= len(desk.attempts):
            raise HTTPException(404)
        shown = desk.attempts[number - 1]
        lines = (line for line in desk.file.lines if line.rollout_id == shown.rollout_id)
        said = [line for line in lines if line.attempt == shown.attempt and line.status != "retracted"]
        return page("attempt.html", number=number, shown=shown, said=said[-1] if said else None)

    async def end(_: Request) -> Response:
        return page("end.html")

    async def agreement(_: Request) -> Response:
        return page("agreement.html", pairs=pairs_of(desk.file.path.parent, desk.known), rows=_AGREEMENT)

    async def answer(request: Request) -> Response:
        desk.save(await _object(request))
        return JSONResponse({"next": desk.next_page()})

    async def undo(_: Request) -> Response:
        undone = desk.file.undo()
        if undone is None:
            raise UserError("there is nothing to undo")
        return JSONResponse({"next": desk.page_of(undone.rollout_id)})

    async def preview(request: Request) -> Response:
        return JSONResponse({"html": html_of(str((await _object(request)).get("text", "")))})

    async def style(_: Request) -> Response:
        return FileResponse(STYLE)

    return Starlette(
        routes=[
            Route("/", start),
            Route("/attempts/{number:int}", attempt),
            Route("/end", end),
            Route("/agreement", agreement),
            Route("/answers", answer, methods=["POST"]),
            Route("/undo", undo, methods=["POST"]),
            Route("/preview", preview, methods=["POST"]),
            Route("/style.css", style),
            Mount("/static", StaticFiles(packages=[("int_bench.annotate", "static")])),
        ],
        middleware=[Middleware(Guard, port=port)],
        exception_handlers={UserError: _refused, OSError: _not_saved},
    )


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object that a request holds."""
    try:
        said = await request.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise UserError("the request holds no JSON object")
    return said


async def _refused(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)


async def _not_saved(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"not saved: {error}"}, status_code=507)
