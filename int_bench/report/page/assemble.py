"""The report from its pieces: the tables as they were written, the figures as data, traces, and a few words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from int_bench.explorer.page import Shelf, excerpt
from int_bench.layout import FIGURES, TABLES
from int_bench.pages.templates import environment
from int_bench.report import collect, markup
from int_bench.report.claims.table import BY_CONSTRUCTION, NOT_MEASURED, OURS
from int_bench.report.page import setup
from int_bench.report.page.outline import outline, split_caption
from int_bench.report.page.pictures import Picture, picture
from int_bench.report.paper import caption
from int_bench.report.style import oracle_look
from int_bench.report.tables import costs
from int_bench.report.write import NO_ROWS

BYTES_OF_EXAMPLES = 600_000
"""Room for the examples of all oracles together."""
_STYLES = ("pages/style.css", "explorer/templates/traces.css", "report/page/templates/report.css")
_PLURAL = {"holds": "hold", "fails": "fail"}
_ORDER = ("holds", "fails", "undecided", BY_CONSTRUCTION, NOT_MEASURED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A table (``html``) or a figure (``picture``) with its caption."""

    id: str
    title: str
    notes: str
    html: Markup | None = None
    picture: Picture | None = None


def report_page(results: Path, tables: Path, figures: Path, shelves: Sequence[Shelf]) -> str:
    """The page of a run, from its results, the folders of its tables and figures, and examples of each oracle.

    A table or figure that is not there is left out, and so is a part of the page of which none is there.
    """
    config = collect.run_config(results)
    main = config.interventions.oracle
    made = costs.manifests(results)
    there = [f"figures/{name}" for name in FIGURES if (figures / f"{name}.svg").exists()]
    there += [f"tables/{name}" for name in TABLES if (tables / f"{name}.html").exists()]
    parts = [(part, [_shown(name, tables, figures) for name in part.shows]) for part in outline(there)]
    templates = environment(__package__)
    templates.globals["table"] = _table
    templates.filters["label"] = lambda oracle: oracle_look(oracle).label
    return templates.get_template("report.html").render(
        config=config,
        parts=parts,
        verdicts=verdicts(tables / "claims.csv"),
        plural=_PLURAL,
        taken=_taken(costs.costs(results)),
        world=setup.WORLDS[config.model.kind],
        facts=setup.facts(config, results),
        arms=setup.arms(config),
        rl_arms=setup.rl_arms(config),
        calibration=setup.calibration(config, results),
        machines=setup.machines(made),
        versions=setup.versions(made),
        commands=[manifest["command"] for manifest in made],
        yaml=(results / "config.yaml").read_text(encoding="utf-8"),
        traces=excerpt(sorted(shelves, key=lambda shelf: shelf.oracle != main), BYTES_OF_EXAMPLES),
        style=Markup("\n".join((files("int_bench") / path).read_text(encoding="utf-8") for path in _STYLES)),
    )


def verdicts(path: Path) -> dict[str, int]:
    """How many of the paper's claims have each verdict, from the table of claims; empty where there is none.

    The rows of a claim are those with its statement; see :func:`together`.
    """
    if not path.exists():
        return {}
    claims = pd.read_csv(path)
    theirs = claims[claims["place"] != OURS]
    counted = Counter(together(set(said)) for _, said in theirs.groupby("statement")["verdict"])
    known = {verdict: counted.pop(verdict) for verdict in _ORDER if verdict in counted}
    return known | counted


def together(said: set[str]) -> str:
    """The verdict on a claim from those on its parts.

    It fails if one fails, and holds if one does and all others hold or are true by construction. If some are not
    measured, it is undecided.

    >>> together({"holds", "fails"}), together({"holds", BY_CONSTRUCTION}), together({"holds", NOT_MEASURED})
    ('fails', 'holds', 'undecided')
    """
    if len(said) == 1:
        return next(iter(said))
    if "fails" in said:
        return "fails"
    return "holds" if said == {"holds", BY_CONSTRUCTION} else "undecided"


def _shown(name: str, tables: Path, figures: Path) -> Shown:
    kind, _, stem = name.partition("/")
    title, notes = split_caption(caption(stem))
    identity = name.replace("/", "-")
    if kind == "figures":
        return Shown(identity, title, notes, picture=picture(figures / stem))
    return Shown(identity, title, notes, html=Markup((tables / f"{stem}.html").read_text(encoding="utf-8")))


def _table(frame: pd.DataFrame, title: str) -> Markup:
    return Markup(markup.html(frame, title, NO_ROWS))


def _taken(found: pd.DataFrame) -> list[str]:
    """What the run took, in a few numbers with their names."""
    totals = found[found["what"] == costs.TOTAL].to_dict("records")
    if not totals:
        return []
    total, phrases = totals[0], [f"{_duration(totals[0]['seconds'])} of work, summed over jobs"]
    phrases += [f"{total['rollouts']:,} rollouts"] if total["rollouts"] else []
    phrases += [f"{_large(total['tokens'])} sampled tokens"] if total["tokens"] else []
    return phrases


def _large(number: int) -> str:
    """A large number in three digits.

    >>> _large(3_111_591), _large(970)
    ('3.11 million', '970')
    """
    for size, name in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.3g} {name}"
    return f"{number:,}"


def _duration(seconds: float) -> str:
    """A time for people.

    >>> _duration(467), _duration(9000)
    ('8 minutes', '2.5 hours')
    """
    return f"{seconds / 3600:.1f} hours" if seconds >= 5400 else f"{max(1, round(seconds / 60))} minutes"
