"""The page as a file: what it shows, what it hides, and that it needs nothing else."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from int_bench.explorer import page as module
from int_bench.explorer.examples import Example
from int_bench.explorer.page import BYTES, Shelf, page


class Outline(HTMLParser):
    """The elements of a page with their attributes, and whether each that was opened was closed."""

    VOID = frozenset({"meta", "input", "br", "link", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="session")
def html(page_file: Path) -> str:
    return page_file.read_text()


def test_the_page_is_well_formed_and_ids_are_unique(html: str):
    outline = Outline(html)
    assert outline.open == []
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_needs_nothing_but_itself(html: str):
    outline = Outline(html)
    assert re.findall(r"https?://[^\s\"'<>]*", html.replace("http://www.w3.org/", "")) == []
    assert {tag for tag, _ in outline.elements} & {"link", "img", "iframe", "object", "base", "video"} == set()
    for _, attributes in outline.elements:
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert "@import" not in html
    assert "url(" not in html


def test_what_a_trace_says_is_text(html: str):
    outline = Outline(html)
    assert len(outline.named("script")) == 1
    assert not [name for _, attributes in outline.elements for name in attributes if name.startswith("on")]
    assert "&lt;script&gt;document.title = &#39;taken&#39;&lt;/script&gt;" in html
    assert "&lt;img src=x onerror=alert(3)&gt;" in html
    assert "Real &lt;mathematics&gt;" in html


def test_every_link_leads_to_an_example(html: str):
    outline = Outline(html)
    ids = {attributes["id"] for _, attributes in outline.elements if "id" in attributes}
    targets = {attributes["href"].removeprefix("#") for attributes in outline.named("a")}
    assert targets <= ids
    assert {"teacher/sum/0", "self/sum/0", "parting:test-0"} <= targets


def article(html: str, identity: str) -> str:
    """The words of an example, mathematics as its bare characters."""
    inner = html.split(f'id="{identity}"', 1)[1].split(">", 1)[1].split("</article>", 1)[0]
    return " ".join(re.sub("<[^>]*>", "", inner).split())


def test_an_example_shows_what_figure_2_shows(html: str):
    shown = article(html, "teacher/sum/0")
    parts = [
        "Gold answer: 30",
        "Steps 1-2: shared context",
        "Steps 3-4: the student's wrong path",
        "So 14+16=31.",
        "Student's final answer, wrong: 31",
        "Step 3: InT guidance",
        "So 14+16=30.",
        "Step 4: how the model goes on",
        "Model's final answer, right: 30",
    ]
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    assert "filter: 1 of 2 guided rollouts correct" in shown
    assert "trained on by InT · InT, no filter" in shown


def test_a_repaired_step_stays_and_the_intervention_comes_after_it(html: str):
    shown = article(html, "self/sum/0")
    assert "Step 3: InT guidance, after step 2, which stays" in shown
    assert "Steps 4-5: how the model goes on" in shown


def test_an_answer_without_intervention_says_why(html: str):
    shown = article(html, "teacher/attack/0")
    assert "No intervention: no error" in shown
    assert "Steps 1-2: the student's attempt" in shown
    assert "Gold answer: 12" in shown  # a fraction, as mathematics
    assert "leakage check: coincides" in article(html, "self/attack/0")


def test_filters_offer_what_there_is(html: str):
    offered = {attributes["value"] for attributes in Outline(html).named("option")}
    assert {"teacher", "self", "HIGH", "EXECUTION", "unlabelled"} <= offered
    assert {"kept", "duplicate", "too_few_correct", "no_error", "int", "by_self"} <= offered


@pytest.fixture
def many(examples: dict[str, Example]) -> Callable[[str, int], list[Example]]:
    """Examples with long steps full of formulas, of which only the first steps are shown."""

    def make(oracle: str, count: int) -> list[Example]:
        plain = examples["teacher/sum/0"]
        steps = tuple(r"So $\frac{a_1}{b^2} + \sqrt{c}$. " * 20 for _ in range(60))
        return [
            replace(
                plain,
                oracle=oracle,
                record=replace(plain.record, intervention_id=f"p/{i}"),
                shared=steps,
                wrong=steps,
                continuation=steps,
                guided=plain.student,
            )
            for i in range(count)
        ]

    return make


def test_a_large_run_makes_no_large_page(many, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BYTES", BYTES // 4)  # the same in a quarter of the time
    made = page("t", 0, [Shelf("one", many("one", 40), 20_000), Shelf("two", many("two", 1), 1)], [])
    shown = int(re.search(r"(\d+) of 20,000 of oracle one", made)[1])
    assert 1 <= shown < 40
    assert shown == made.count('data-oracle="one"')
    assert "1 of 1 of oracle two" in made
    assert len(made.encode()) < BYTES // 4 + 100_000


def test_one_example_is_shown_however_large(many, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BYTES", 10)
    assert page("t", 0, [Shelf("one", many("one", 2), 2)], []).count('class="example"') == 1


def test_a_run_without_anything_says_so():
    made = page("t", 0, [Shelf("exact", [], 0)], [])
    assert "0 of 0 of oracle exact" in made
    assert "no two solutions of a hard test problem that part ways" in made
