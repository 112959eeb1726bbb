"""The page in a real browser, opened from the file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect


@pytest.fixture
def tab(browser, page_file: Path) -> Iterator:
    """A tab with the page; fails if it says anything on the console, asks for anything, or opens a dialogue."""
    tab = browser.new_page(viewport={"width": 1200, "height": 800})
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: said.append(request.url) if request.url != page_file.as_uri() else None)
    tab.goto(page_file.as_uri())
    yield tab
    tab.close()
    assert said == []


def shown(tab) -> list[str]:
    return [article.get_attribute("id") for article in tab.locator("article.example:visible").all()]


def place(tab) -> str:
    return tab.inner_text("#place")


def test_one_example_at_a_time_and_the_keyboard_goes_on(tab):
    order = ["self/attack/0", "self/sum/0", "teacher/attack/0", "teacher/root/0", "teacher/sum/0", "teacher/sum/1"]
    assert (shown(tab), place(tab)) == (order[:1], "1 of 6")
    for key, expected in (("ArrowRight", 1), ("j", 2), ("ArrowLeft", 1), ("k", 0), ("k", 0)):
        tab.keyboard.press(key)
        assert shown(tab) == [order[expected]]
        assert place(tab) == f"{expected + 1} of 6"
    assert tab.is_disabled("#previous")
    tab.click("#next")
    assert shown(tab) == [order[1]]


def test_filters_and_search_narrow_what_is_shown(tab):
    tab.select_option("[name=oracle]", "teacher")
    assert (shown(tab), place(tab)) == (["teacher/attack/0"], "1 of 4")
    tab.select_option("[name=category]", "EXECUTION")
    assert place(tab) == "1 of 2"
    tab.select_option("[name=outcome]", "duplicate")
    assert (shown(tab), place(tab)) == (["teacher/sum/1"], "1 of 1")
    assert tab.locator("#index a:visible").all_inner_texts()[0].startswith("sum/1")
    tab.select_option("[name=arm]", "int")
    assert (shown(tab), place(tab)) == ([], "0 of 0")
    assert tab.is_visible("#nothing")
    for name in ("oracle", "category", "outcome", "arm"):
        tab.select_option(f"[name={name}]", "")
    assert not tab.is_visible("#nothing")
    tab.keyboard.press("/")
    tab.keyboard.type("LARGER works")
    assert (shown(tab), place(tab)) == (["teacher/root/0"], "1 of 1")
    tab.keyboard.press("ArrowLeft")  # moves the cursor, not the example
    tab.fill("[name=search]", "")
    assert place(tab) == "4 of 6"


def test_an_example_can_be_linked_to(tab, page_file: Path):
    tab.keyboard.press("ArrowRight")
    assert tab.url == f"{page_file.as_uri()}#self/sum/0"
    tab.select_option("[name=outcome]", "no_error")
    # The link leads to an example that the filters would hide.
    tab.evaluate("location.hash = '#teacher/root/0'")
    expect(tab.locator('[id="teacher/root/0"]')).to_be_visible()
    assert place(tab) == "4 of 6"
    tab.reload()
    assert shown(tab) == ["teacher/root/0"]
    tab.locator("#index a").first.click()
    assert shown(tab) == ["self/attack/0"]


def test_traces_stay_text_and_formulas_become_mathematics(tab):
    tab.evaluate("location.hash = '#teacher/attack/0'")
    assert tab.title() == "Traces: Real <mathematics>"
    assert "<script>document.title = 'taken'</script>" in tab.inner_text('[id="teacher/attack/0"]')
    tab.evaluate("location.hash = '#teacher/root/0'")
    assert tab.locator('[id="teacher/root/0"] math:visible').count() > 3


def test_nothing_is_wider_than_a_small_screen(tab):
    tab.set_viewport_size({"width": 360, "height": 640})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
