"""The page of a run: whole, self-contained, in order, and only of what is there."""

import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import yaml

from int_bench.layout import FIGURES, TABLES
from int_bench.records import Problem, read_records, write_records
from int_bench.report.build import make_report
from int_bench.report.claims.table import OURS
from int_bench.report.page.assemble import verdicts
from int_bench.report.page.pictures import LARGEST, picture
from int_bench.report.write import save_table

VOID = {"br", "img", "link", "meta", "hr", "input", "col"}
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="36pt" height="72.6pt"><desc>{}</desc></svg>'


class Read(HTMLParser):
    """All elements of a page with their attributes; fails where one is not closed or closed out of order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs))
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    def identities(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.elements if "id" in attributes]


@pytest.fixture(scope="module")
def page(report_file: Path) -> Read:
    return Read(report_file.read_text())


@pytest.fixture
def copied(make_tree: Callable[..., Path], tmp_path: Path) -> Path:
    """The random tree's results, to be changed."""
    return Path(shutil.copytree(make_tree(), tmp_path / "results"))


def test_it_shows_every_table_and_figure_once(page: Read):
    found = Counter(page.identities())
    assert max(found.values()) == 1
    assert {name for name in found if re.match(r"(tables|figures)-", name) and not name.endswith("-title")} == {
        *(f"tables-{name}" for name in TABLES),
        *(f"figures-{name}" for name in FIGURES),
    }
    assert "other" not in found  # each has its place


def test_nothing_is_fetched_and_nothing_runs(page: Read, report_file: Path):
    text = report_file.read_text()
    assert not page.all("script", "link", "iframe", "object", "embed", "form", "base")
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "srcset", "poster", "background", "data"):
            assert (attributes.get(name) or "data:").startswith("data:")
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert "url(" not in style
    assert "@import" not in style
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert len(text) < 5_000_000


def test_links_lead_somewhere(page: Read):
    there = page.identities()
    for link in page.all("a"):
        target = str(link["href"])
        assert target == "explorer.html" or target.removeprefix("#") in there
    for _, attributes in page.elements:
        if named := attributes.get("aria-labelledby"):
            assert named in there


def test_it_can_be_read_without_seeing_it(page: Read):
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("h1", "main", "nav", "header")] == [1, 1, 1, 1]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(len(image["alt"] or "") > 20 for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(head.get("scope") in ("col", "row") for head in page.all("th"))


def text_of(results: Path, tables: Path, figures: Path) -> str:
    return make_report(results, tables, figures, figures / "page.html").read_text()


def test_what_is_not_there_is_left_out(make_tree: Callable[..., Path], report_file: Path, tmp_path: Path):
    some = tmp_path / "tables"
    some.mkdir()
    shutil.copy(report_file.parent / "tables" / "table1.html", some)
    found = Read(text_of(make_tree(), some, tmp_path)).identities()
    assert "tables-table1" in found
    assert not {"learning", "oracles", "costs", "audit", "figures-figure7", "verdicts"} & set(found)
    assert {"question", "reading", "setup", "interventions", "traces", "provenance"} <= set(found)


def test_it_does_not_depend_on_the_ablations_that_were_made(
    make_tree: Callable[..., Path], report_file: Path, tmp_path: Path
):
    tables = shutil.copytree(report_file.parent / "tables", tmp_path / "tables")
    before = text_of(make_tree(), tables, report_file.parent)
    (tables / "ablations.html").write_text("<table></table>")
    assert text_of(make_tree(), tables, report_file.parent) == before


def test_a_run_without_rows_has_a_page(make_tree: Callable[..., Path], tmp_path: Path):
    text = text_of(make_tree(empty=True), tmp_path, tmp_path)
    assert "0 of 0 answers" in text
    Read(text)


def test_claims_are_counted_by_their_verdict(make_tree: Callable[..., Path], tmp_path: Path):
    said = ["fails", "holds", "holds", "undecided", "true by construction", "something else", "undecided"]
    rows = [("Table 1", f"claim {i}", verdict) for i, verdict in enumerate(said)]
    rows[-1] = (OURS, *rows[-1][1:])
    save_table(pd.DataFrame(rows, columns=["place", "statement", "verdict"]), tmp_path / "claims", "Claims.")
    assert list(verdicts(tmp_path / "claims.csv").items()) == [
        ("holds", 2),
        ("fails", 1),
        ("undecided", 1),
        ("true by construction", 1),
        ("something else", 1),
    ]
    text = text_of(make_tree(), tmp_path, tmp_path)
    assert '<li class="holds"><strong>2</strong> hold</li>' in text
    assert verdicts(tmp_path / "nowhere.csv") == {}


@pytest.mark.parametrize(
    ("parts", "claim"),
    [
        (("holds", "holds"), "holds"),
        (("holds", "fails", "undecided"), "fails"),
        (("holds", "undecided"), "undecided"),
        (("holds", "not measured"), "undecided"),
        (("holds", "true by construction"), "holds"),
        (("not measured", "not measured"), "not measured"),
    ],
)
def test_a_claim_of_several_rows_is_counted_once(parts: tuple[str, ...], claim: str, tmp_path: Path):
    frame = pd.DataFrame({"place": "Table 1", "statement": "InT helps.", "verdict": parts})
    save_table(frame, tmp_path / "claims", "Claims.")
    assert verdicts(tmp_path / "claims.csv") == {claim: 1}


def test_what_models_and_people_wrote_stays_text(copied: Path, tmp_path: Path):
    attack = "</pre><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
    path = copied / "problems" / "hard_train.parquet"
    problems = [
        Problem(one.problem_id, one.source, attack, one.answer, one.reference) for one in read_records(path, Problem)
    ]
    write_records(path, problems, Problem)
    config = yaml.safe_load((copied / "config.yaml").read_text())
    config["title"] = attack
    (copied / "config.yaml").write_text(yaml.safe_dump(config))
    text = text_of(copied, tmp_path, tmp_path)
    page = Read(text)
    assert not page.all("script", "img")
    assert text.count("&lt;script&gt;document.title") > 20


def test_the_page_says_what_kind_of_world_it_is(copied: Path, tmp_path: Path):
    assert "its numbers mean nothing" in text_of(copied, tmp_path, tmp_path)
    config = yaml.safe_load((copied / "config.yaml").read_text())
    config["model"] = {"kind": "taught", "family": {"size": 1, "operations": [2, 9]}}
    config["problems"]["calibration"] = {"easy_benchmark": "easy"}
    (copied / "config.yaml").write_text(yaml.safe_dump(config))
    found = {"easy_accuracy": 0.97, "null_accuracy": 0.003, "all_wrong": 0.98, "places": None}
    (copied / "calibration.json").write_text(json.dumps(found | {"easy_n": 64, "null_n": 96, "groups": 12}))
    text = text_of(copied, tmp_path, tmp_path)
    assert "facts about that world" in text
    assert "97.00%" in text
    assert "≥ 80.0%" in text


def test_a_large_drawing_is_shown_as_a_picture(tmp_path: Path):
    (tmp_path / "f.svg").write_text(DRAWING.format("small"))
    (tmp_path / "f.png").write_bytes(b"painted")
    small = picture(tmp_path / "f")
    assert small.data.startswith("data:image/svg+xml;base64,")
    assert (small.width, small.height) == (48, 97)
    (tmp_path / "f.svg").write_text(DRAWING.format("x" * LARGEST))
    assert picture(tmp_path / "f").data == "data:image/png;base64,cGFpbnRlZA=="
