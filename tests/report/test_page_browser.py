"""The page of a run in a real browser: at the widths of a desk and of a phone, in the dark, and on paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

DESK, PHONE = 1280, 390
PAPER = {"A4": 687, "A4 landscape": 1032}  # pixels of CSS between the margins

# Of all elements that show text of their own, those whose contrast with the ground below them is under 4.5.
FAINT = """() => {
  const parsed = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = parsed(colour).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [, , , alpha = 1] = parsed(getComputedStyle(e).backgroundColor);
      if (alpha === 1) return getComputedStyle(e).backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && e.getClientRects().length)
    .map((e) => {
      const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
      return [(a + 0.05) / (b + 0.05), e.tagName + " " + e.className + ": " + e.textContent.slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""


@pytest.fixture
def tab(browser, report_file: Path) -> Iterator:
    """A tab with the page; fails if it says anything on the console or asks for anything but its own data."""
    tab = browser.new_page(viewport={"width": DESK, "height": 800})
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
    tab.goto(report_file.as_uri())
    yield tab
    tab.close()
    assert said == []


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_page_is_no_wider_than_the_screen(tab, width: int):
    tab.set_viewport_size({"width": width, "height": 800})
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert all(heading.is_visible() for heading in tab.locator(":is(h1, h2, .shown > h3)").all())
    tab.locator("main > section > details").first.locator("summary").click()
    assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_wide_tables_scroll_in_their_frames_below_a_head_that_stays(tab):
    tab.set_viewport_size({"width": PHONE, "height": 800})
    frame = tab.locator("#tables-table1 .scroll")
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth")
    head = tab.locator("#tables-table1 thead th").first
    before = head.bounding_box()["y"]
    frame.evaluate("e => e.scrollTop = 200")
    assert head.bounding_box()["y"] == pytest.approx(before, abs=1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_told_from_its_ground(tab, scheme: str):
    tab.emulate_media(color_scheme=scheme)
    assert tab.evaluate(FAINT) == []


def test_figures_are_drawn(tab):
    sizes = tab.evaluate("Promise.all([...document.images].map(i => i.decode().then(() => i.naturalWidth)))")
    assert len(sizes) > 4
    assert min(sizes) > 100


def test_the_keyboard_gets_to_the_text_and_into_the_tables(tab):
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.keyboard.press("Enter")
    assert tab.url.endswith("#question")
    tab.locator("#tables-table1 .scroll").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator("#tables-table1 .scroll")).to_be_focused()


def test_on_paper_everything_is_unfolded_and_nothing_is_cut(tab):
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert tab.locator("details.notes p").first.is_visible()
    assert not tab.locator("nav").is_visible()
    for paper, wide in (("A4", False), ("A4 landscape", True)):
        tab.set_viewport_size({"width": PAPER[paper], "height": 1000})
        tables = tab.locator(f".scroll > table{'.wide' if wide else ':not(.wide)'}").all()
        assert tables
        for table in tables:
            assert table.evaluate("e => e.getBoundingClientRect().right") <= PAPER[paper] + 1, table.inner_text()[:80]
