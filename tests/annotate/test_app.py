"""The pages as a browser asks for them: what is shown, what is refused, what is saved."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from int_bench.annotate.app import Desk, app_of
from int_bench.annotate.attempts import shown_attempts
from int_bench.annotate.serve import annotate
from int_bench.annotate.store import AnswerFile, read_answers
from int_bench.config import load
from int_bench.errors import UserError
from int_bench.interventions.propose import chosen_attempts, failed_attempts
from int_bench.layout import Layout
from int_bench.records import Rollout, write_records
from tests.annotate.conftest import ATTEMPTS, PROBLEMS, TRACES
from tests.smoke.conftest import ROOT

ORIGIN = "http://127.0.0.1:8765"


def client_of(layout: Layout, file: AnswerFile, placement: str = "replace") -> TestClient:
    attempts = shown_attempts(load(layout.config), layout)
    desk = Desk(layout.name, file.path.stem, attempts, file, placement)
    return TestClient(app_of(desk, 8765), base_url=ORIGIN, headers={"Origin": ORIGIN})


@pytest.fixture
def path(run: Layout) -> Path:
    return Path(run.annotations("ann"))


@pytest.fixture
def client(run: Layout, path: Path) -> Iterator[TestClient]:
    with AnswerFile(path) as file:
        yield client_of(run, file)


def proposal(rollout_id: str = "sum/0", **fields: object) -> dict[str, object]:
    answer = {
        "rollout_id": rollout_id,
        "attempt": ATTEMPTS.get(str(rollout_id), ATTEMPTS["sum/0"]),
        "status": "proposed",
        "location": 1,
        "content": "So $x = 1$.",
        "category": "HIGH",
    }
    return {**answer, "seconds": 3.5, **fields}


def verdict(rollout_id: str, status: str) -> dict[str, object]:
    return proposal(rollout_id, status=status, location=None, content="", category=None)


def test_what_is_shown_is_what_oracles_are_shown(run: Layout):
    config = load(run.config)
    attempts = failed_attempts(run.rollouts("mining"), {problem.problem_id for problem in PROBLEMS})
    chosen = chosen_attempts(PROBLEMS, attempts, config.interventions.per_problem, config.seed)
    shown = shown_attempts(config, run)
    assert [(row.problem, row.rollout_id) for row in shown] == [
        (problem, tried.rollout_id) for problem, _, tried in chosen
    ]
    assert ["".join(row.steps) for row in shown] == list(TRACES.values())


def test_a_page_shows_problem_reference_and_steps_and_runs_nothing_of_theirs(client: TestClient):
    page = client.get("/").text
    assert "Attempt 1 of 3" in page
    assert page.count('name="location"') == 6
    assert "<math" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert page.count("<script") == 1
    assert "<img" not in page
    assert '<script src="/static/annotate.js" defer>' in page
    assert "There is none." in client.get("/attempts/3").text


def test_every_response_has_a_strict_policy(client: TestClient):
    for path in ("/", "/attempts/1", "/agreement", "/end", "/style.css", "/static/annotate.js", "/nowhere"):
        reply = client.get(path)
        assert reply.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';"), path
        assert "unsafe" not in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:8765", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8765.x", ""]
)
def test_a_request_for_another_host_is_refused(client: TestClient, host: str):
    assert client.get("/", headers={"Host": host}).status_code == 403
    assert client.get("/", headers={"Host": "localhost:8765"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://example.org", "null", "http://localhost:8765", "https://127.0.0.1:8765", ""]
)
@pytest.mark.parametrize("action", ["/answers", "/undo", "/preview"])
def test_a_post_from_another_site_is_refused(client: TestClient, path: Path, origin: str, action: str):
    assert client.post(action, json=proposal(), headers={"Origin": origin}).status_code == 403
    assert read_answers(path) == {}


def test_a_form_cannot_post(client: TestClient, path: Path):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post("/answers", content="{}", headers={"Content-Type": kind}).status_code == 403
    client.headers.pop("Origin")
    assert client.post("/answers", json=proposal()).status_code == 403
    assert read_answers(path) == {}


def test_answers_are_saved_and_lead_to_the_next_attempt(client: TestClient, path: Path):
    assert client.post("/answers", json=proposal()).json() == {"next": "/attempts/2"}
    answer = read_answers(path)["sum/0"]
    assert (answer.problem_id, answer.location, answer.content) == ("sum", 1, "So $x = 1$.")
    assert answer.attempt == ATTEMPTS["sum/0"]
    assert (answer.category, answer.annotator, answer.seconds) == ("HIGH", "ann", 3.5)
    assert client.get("/").url.path == "/attempts/2"
    assert client.post("/answers", json=verdict("tiles/0", "no_error")).json() == {"next": "/attempts/2"}
    assert client.post("/answers", json=verdict("roots/0", "skipped")).json() == {"next": "/end"}
    assert "Every attempt has an answer." in client.get("/").text
    assert "1 of them skipped" in client.get("/end").text


def test_undo_goes_back_to_the_attempt_with_what_was_written(client: TestClient, path: Path):
    assert client.post("/undo", json={}).json() == {"error": "there is nothing to undo"}
    client.post("/answers", json=proposal())
    client.post("/answers", json=verdict("roots/0", "skipped"))
    assert client.post("/undo", json={}).json() == {"next": "/attempts/2"}
    assert client.post("/undo", json={}).json() == {"next": "/attempts/1"}
    assert read_answers(path) == {}
    page = client.get("/").text
    assert "So $x = 1$." in page
    assert page.count(" checked") == 2
    assert "0 of 3 answered" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rollout_id": "other/0"}, "no such attempt"),
        ({"rollout_id": ["sum/0"]}, "no such attempt"),
        ({"attempt": "0123456789ab"}, "no such attempt"),
        ({"attempt": None}, "no such attempt"),
        ({"location": 6}, "the attempt has 6 steps"),
        ({"location": None}, "no step is marked"),
        ({"content": ""}, "the replacement is empty"),
        ({"content": r"So $\boxed{4}$."}, "leave it out"),
        ({"category": None}, "neither HIGH nor EXECUTION"),
        ({"status": "retracted", "location": None, "content": "", "category": None}, "taken back with undo"),
        ({"annotator": "bob"}, None),
        ({"problem_id": "roots"}, None),
    ],
)
def test_what_is_incomplete_is_refused_and_what_is_known_is_not_asked(client, path, change, said):
    reply = client.post("/answers", json=proposal(**change))
    if said is None:
        assert (read_answers(path)["sum/0"].annotator, read_answers(path)["sum/0"].problem_id) == ("ann", "sum")
    else:
        assert reply.status_code == 422
        assert said in reply.json()["error"]
        assert read_answers(path) == {}


@pytest.mark.parametrize("body", ["", "[]", "nonsense", '"x"', "{"])
def test_no_json_object_is_refused(client: TestClient, body: str):
    reply = client.post("/answers", content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()) == (422, {"error": "the request holds no JSON object"})


def test_a_preview_is_rendered_and_harmless(client: TestClient):
    page = client.post("/preview", json={"text": "$x^2$ <script>alert(1)</script>"}).json()["html"]
    assert page.startswith("<math")
    assert "<script" not in page


def test_there_are_no_other_pages(client: TestClient):
    for path in ("/attempts/0", "/attempts/4", "/attempts/x", "/static/../app.py", "/static/%2e%2e/app.py", "/docs"):
        assert client.get(path).status_code == 404, path


def test_annotators_see_their_own_answers_and_how_far_they_agree(run: Layout, client: TestClient):
    client.post("/answers", json=proposal(content="written by ann"))
    client.post("/answers", json=proposal("roots/0"))
    assert "No attempt has been judged by two" in client.get("/agreement").text
    with AnswerFile(Path(run.annotations("bob"))) as file:
        bob = client_of(run, file)
        assert "0 of 3 answered" in bob.get("/").text
        assert "written by ann" not in bob.get("/attempts/1").text
        bob.post("/answers", json=proposal(location=2))
        bob.post("/answers", json=verdict("roots/0", "skipped"))
        bob.post("/answers", json=verdict("tiles/0", "no_error"))
        for page in (bob.get("/agreement").text, client.get("/agreement").text):
            assert "attempts that both judged</th><td>1</td>" in page
            assert "same step</th><td>0.00% [0.00, 97.50]</td>" in page
            assert "at most one step apart</th><td>100.0% [2.5, 100.0]</td>" in page
            assert "written by" not in page


def test_an_answer_about_another_text_of_the_same_id_does_not_count(run: Layout, path: Path, make_rollout):
    """Mined anew, two of the attempts have another text; the pages of before are still open."""
    bobs = Path(run.annotations("bob"))
    for name in (path, bobs):
        with AnswerFile(name) as file:
            client = client_of(run, file)
            for rollout_id in ATTEMPTS:
                client.post("/answers", json=proposal(rollout_id, content="written before"))
            assert client.get("/").url.path == "/end"
    texts = {**TRACES, "sum": TRACES["sum"] + " So it is.", "tiles": TRACES["tiles"].replace("\n\n", "\n", 1)}
    write_records(run.rollouts("mining"), [make_rollout(name, text) for name, text in texts.items()], Rollout)
    with AnswerFile(path) as file:
        client = client_of(run, file)
        page = client.get("/")
        assert page.url.path == "/attempts/1"
        assert "1 of 3 answered" in page.text
        assert "written before" not in page.text
        assert "written before" in client.get("/attempts/2").text
        assert "attempts that both judged</th><td>1</td>" in client.get("/agreement").text
        assert client.post("/answers", json=proposal()).status_code == 422
        (now,) = re.findall('data-attempt="(.*?)"', page.text)
        assert client.post("/answers", json=proposal(attempt=now)).json() == {"next": "/attempts/3"}
        assert "attempts that both judged</th><td>1</td>" in client.get("/agreement").text
        assert "So $x = 1$." in client.get("/attempts/1").text


def test_a_step_that_repairs_is_asked_for_where_the_run_wants_one(run: Layout, path: Path):
    with AnswerFile(path) as file:
        assert "The right step in its place" in client_of(run, file).get("/").text
        assert "The step to insert after it" in client_of(run, file, "repair").get("/").text


def test_a_taken_port_a_bad_name_and_an_empty_run_are_said(run: Layout, path: Path, unused_port_holder: int):
    config = load(run.config)
    with pytest.raises(UserError, match=f"port {unused_port_holder} is taken: add --port N"):
        annotate(config, run, "ann", unused_port_holder, False)
    with pytest.raises(UserError, match="no name of an annotator"):
        annotate(config, run, "../ann", 0, False)
    with AnswerFile(path), pytest.raises(UserError, match="in another process"):
        annotate(config, run, "ann", 0, False)


@pytest.fixture
def unused_port_holder() -> Iterator[int]:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held.getsockname()[1]


def test_files_are_read_without_the_web():
    """The oracle that hands over people's answers needs no web server."""
    script = (
        "import sys, int_bench.annotate.store; sys.exit(bool({'starlette', 'uvicorn', 'jinja2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
