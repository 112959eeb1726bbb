"""The real page in a real browser: a person's whole session, with the mouse, with the keyboard, and through a kill."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from int_bench.annotate.store import read_answers, read_lines
from int_bench.layout import Layout
from tests.annotate.conftest import ATTEMPTS
from tests.smoke.conftest import ROOT

expect.set_options(timeout=20_000)  # the machine may be busy with other tests

SCRIPT = "from int_bench.cli import main; main()"


class Server:
    """`int-bench annotate` as a process of its own, in the working folder."""

    def __init__(self, annotator: str = "ann", port: int = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "annotate", "maths", "--as", annotator, "--port", str(port), "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdout
        self.said = self._process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", self.said)
        assert found, self.said
        self.address, self.port = found[0], int(found[1])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def interrupt(self) -> tuple[int, str]:
        self._process.send_signal(signal.SIGINT)
        output, _ = self._process.communicate(timeout=20)
        return self._process.returncode, output


@pytest.fixture
def server(run: Layout) -> Iterator[Server]:
    server = Server()
    yield server
    server.kill()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page that has nothing to complain about and asks only the server."""
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.accept()))
    page.on(
        "request", lambda request: request.url.startswith((server.address, "data:")) or complaints.append(request.url)
    )
    page.goto(server.address)
    yield page
    page.close()
    assert complaints == []


@pytest.fixture
def path(run: Layout) -> Path:
    return Path(run.annotations("ann"))


def heading(page: Page, number: int) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Attempt {number} of 3")
    page.wait_for_load_state()  # keys count once the page's script has run


def finished(page: Page) -> None:
    expect(page.get_by_text("Every attempt has an answer.")).to_be_visible()
    page.wait_for_load_state()


def write(page: Page, text: str) -> None:
    page.get_by_label("The right step in its place").fill(text)


def test_a_session_with_the_mouse(page: Page, path: Path):
    heading(page, 1)
    expect(page.locator(".steps li")).to_have_count(6)
    page.locator(".steps li").nth(2).click()
    expect(page.get_by_text("first wrong step", exact=True).locator("visible=true")).to_have_count(1)
    write(page, r"So $S = 10 - \left(1 - \frac{1}{1024}\right)$.")
    expect(page.locator("#preview math mfrac")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.get_by_role("button", name="Save").click()

    heading(page, 2)
    answer = read_answers(path)["sum/0"]
    assert (answer.status, answer.location, answer.category, answer.annotator) == ("proposed", 2, "EXECUTION", "ann")
    assert answer.content == r"So $S = 10 - \left(1 - \frac{1}{1024}\right)$."
    assert 0.0 <= answer.seconds < 60.0
    page.reload()
    heading(page, 2)
    expect(page.get_by_text("1 of 3 answered")).to_be_visible()

    page.get_by_role("button", name="Undo").click()
    heading(page, 1)
    expect(page.get_by_label("The right step in its place")).to_have_value(answer.content)
    expect(page.get_by_role("radio", name=re.compile("EXECUTION"))).to_be_checked()
    page.get_by_role("radio", name=re.compile("HIGH")).check()
    page.get_by_role("button", name="Save").click()
    heading(page, 2)
    page.get_by_role("button", name="Skip").click()
    heading(page, 3)
    page.get_by_role("button", name="No error found").click()
    finished(page)
    page.get_by_role("link", name="Attempt 2").click()
    heading(page, 2)
    assert [(row.status, row.category) for row in read_answers(path).values()] == [
        ("proposed", "HIGH"),
        ("skipped", None),
        ("no_error", None),
    ]
    assert [row.status for row in read_lines(path)] == ["proposed", "retracted", "proposed", "skipped", "no_error"]


def test_a_session_with_keys_alone(page: Page, path: Path):
    for key in ("j", "j", "j", "k", "h", "w"):
        page.keyboard.press(key)
    page.keyboard.type("So $n = s$, she said: jump. ")  # letters that are keys outside the text
    page.keyboard.press("Control+Enter")
    heading(page, 2)
    page.keyboard.press("s")
    heading(page, 3)
    page.keyboard.press("u")
    heading(page, 2)
    page.keyboard.press("n")
    heading(page, 3)
    page.keyboard.press("n")
    finished(page)
    page.keyboard.press("u")
    heading(page, 3)
    answers = read_answers(path)
    assert {name: row.status for name, row in answers.items()} == {"sum/0": "proposed", "roots/0": "no_error"}
    proposed = answers["sum/0"]
    assert (proposed.location, proposed.content, proposed.category) == (1, "So $n = s$, she said: jump.", "HIGH")


def test_keys_that_belong_to_the_browser_do_nothing_here(page: Page, path: Path):
    for key in ("Control+s", "Alt+n", "Control+u", "Escape", "Enter", "x"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)
    heading(page, 1)
    assert read_answers(path) == {}


def test_a_kill_loses_nothing(browser: Browser, run: Layout, path: Path):
    """Killed after an answer was saved, and while another is being written; begun again on the same port."""
    server = Server()
    page = browser.new_page()
    page.goto(server.address)
    page.keyboard.press("n")
    heading(page, 2)
    page.keyboard.press("j")
    page.keyboard.press("h")
    write(page, "Both signs count: $y = 1$ gives $x = \\pm 1$.")
    server.kill()
    with path.open("ab") as file:
        file.write(b'{"rollout_id": "tiles/0", "problem_id": "til')  # as a kill in the middle of writing leaves it
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved: the server does not answer.")

    server = Server(port=server.port)
    assert "answered 1 of 3" in server.said
    page.get_by_role("button", name="Save").click()
    heading(page, 3)
    assert {name: row.status for name, row in read_answers(path).items()} == {
        "sum/0": "no_error",
        "roots/0": "proposed",
    }
    code, output = server.interrupt()
    assert (code, output.splitlines()[-1]) == (0, str(path))
    assert [row.status for row in read_lines(path)] == ["no_error", "proposed"]
    page.close()


def test_what_is_missing_is_said_and_nothing_typed_is_lost(browser: Browser, server: Server, path: Path):
    page = browser.new_page()
    page.goto(server.address)
    write(page, "So $x = 1$.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_have_text("no step is marked as the first wrong one")
    expect(page.get_by_label("The right step in its place")).to_have_value("So $x = 1$.")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    assert read_answers(path) == {}
    page.close()


def test_nothing_of_a_trace_runs(page: Page):
    expect(page.locator(".steps li").nth(4)).to_contain_text("<script>alert(1)</script>")
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0


def test_another_page_of_the_browser_cannot_answer(browser: Browser, server: Server, path: Path):
    """A page of another site sends what would be an answer, in all the ways that need no permission."""
    page = browser.new_page()
    page.route("http://example.org/", lambda route: route.fulfill(body="<p>other</p>", content_type="text/html"))
    page.goto("http://example.org/")
    said = {"status": "no_error", "location": None, "content": "", "category": None, "seconds": 1}
    body = json.dumps({"rollout_id": "sum/0", "attempt": ATTEMPTS["sum/0"], **said})
    send = """async ([url, body]) => {
        for (const type of ["text/plain", "application/json"])
            await fetch(url, {method: "POST", mode: "no-cors", body, headers: {"Content-Type": type}}).catch(() => {});
        return fetch(url).then(() => "read", () => "refused");
    }"""
    assert page.evaluate(send, [f"{server.address}answers", body]) == "refused"
    page.wait_for_timeout(300)
    assert read_answers(path) == {}
    page.close()


def test_wide_and_narrow_windows_do_not_scroll_sideways(page: Page):
    for width, height in ((1400, 900), (800, 900), (380, 700)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
