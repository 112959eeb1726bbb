"""Answers on disk: nothing that was given is lost, whenever the process dies."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.annotate.store import Answer, AnswerFile, answer_of, check_name, read_answers, read_lines
from int_bench.errors import UserError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "annotations" / "ann.jsonl"


def test_the_last_line_on_an_attempt_holds_and_retractions_remove(path: Path, make_answer):
    first, second = make_answer(), make_answer("roots/0", "no_error")
    with AnswerFile(path) as file:
        file.append(first)
        file.append(second)
        file.append(make_answer(location=0))
        assert read_answers(path) == file.answers == {"roots/0": second, "sum/0": make_answer(location=0)}
        assert file.undo() == make_answer(location=0)
        assert read_answers(path) == {"roots/0": second}
        assert file.undo() == second
        assert file.undo() is None
        assert read_answers(path) == {}
    assert [line.status for line in read_lines(path)] == ["proposed", "no_error", "proposed", "retracted", "retracted"]


def test_lines_have_the_documented_form(path: Path, make_answer):
    with AnswerFile(path) as file:
        file.append(make_answer())
    assert json.loads(path.read_text()) == {
        "rollout_id": "sum/0",
        "problem_id": "sum",
        "attempt": "0123456789ab",
        "status": "proposed",
        "location": 2,
        "content": make_answer().content,
        "category": "EXECUTION",
        "annotator": "ann",
        "seconds": 12.5,
    }


def test_a_file_cut_at_any_byte_of_its_last_line_is_read_and_repaired(path: Path, make_answer):
    kept, last = make_answer(), make_answer("roots/0", content="x² ≠ 4, “so”")
    with AnswerFile(path) as file:
        file.append(kept)
        whole = path.stat().st_size
        file.append(last)
    written = path.read_bytes()
    for end in range(whole, len(written)):
        path.write_bytes(written[:end])
        assert read_answers(path) == {"sum/0": kept}
        with AnswerFile(path) as file:
            assert path.stat().st_size == whole
            file.append(last)
        assert path.read_bytes() == written


def test_what_was_saved_outlives_a_kill(path: Path, make_answer):
    """Killed without warning right after an answer was saved, and again and again."""
    script = (
        "import os, signal, sys\n"
        "from int_bench.annotate.store import AnswerFile, Answer\n"
        "from pathlib import Path\n"
        "with AnswerFile(Path(sys.argv[1])) as file:\n"
        "    file.append(Answer(sys.argv[2], 'p', 'a', 'no_error', None, '', None, 'ann', 0.0))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for number in range(3):
        done = subprocess.run([sys.executable, "-c", script, path, f"p/{number}"], check=False)
        assert done.returncode == -signal.SIGKILL
    assert list(read_answers(path)) == ["p/0", "p/1", "p/2"]


def test_a_full_disk_leaves_no_half_line(path: Path, make_answer):
    with AnswerFile(path) as file:
        file.append(make_answer())
        before = path.read_bytes()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, hard))
        try:
            with pytest.raises(OSError, match=r"space|large"):
                file.append(make_answer("roots/0"))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, old)
        assert path.read_bytes() == before
        assert list(file.answers) == ["sum/0"]
        file.append(make_answer("roots/0"))
    assert list(read_answers(path)) == ["sum/0", "roots/0"]


def test_two_annotators_have_files_of_their_own_and_one_name_one_process(tmp_path: Path, make_answer):
    with AnswerFile(tmp_path / "ann.jsonl") as ann, AnswerFile(tmp_path / "bob.jsonl") as bob:
        ann.append(make_answer())
        assert bob.answers == {}
        with pytest.raises(UserError, match="ann is annotating in another process"), AnswerFile(tmp_path / "ann.jsonl"):
            pass
        assert bob.undo() is None
    assert list(read_answers(tmp_path / "ann.jsonl")) == ["sum/0"]


def test_a_damaged_line_is_named(path: Path, make_answer):
    with AnswerFile(path) as file:
        file.append(make_answer())
    path.write_bytes(b'{"rollout_id": 3}\n' + path.read_bytes())
    with pytest.raises(UserError, match=r"ann\.jsonl, line 1: "):
        read_answers(path)
    with pytest.raises(UserError, match=r"none\.jsonl: no such file"):
        read_answers(path.with_name("none.jsonl"))


GOOD = {
    "rollout_id": "p/0",
    "problem_id": "p",
    "attempt": "a",
    "status": "proposed",
    "location": 0,
    "content": "c",
    "category": "HIGH",
    "annotator": "ann",
    "seconds": 1,
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"attempt": None}, "attempt"),
        ({"location": None}, "no step is marked"),
        ({"location": -1}, "no step is marked"),
        ({"location": "1"}, "location"),
        ({"location": True}, "location"),
        ({"content": " \n"}, "the replacement is empty"),
        ({"content": "\ud800"}, "Invalid JSON"),
        ({"category": None}, "neither HIGH nor EXECUTION"),
        ({"category": "high"}, "category"),
        ({"status": "fine"}, "status"),
        ({"status": "no_error"}, "no_error goes without"),
        ({"status": "skipped", "location": None, "content": "", "category": "HIGH"}, "skipped goes without"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": float("inf")}, "seconds"),
        ({"seconds": float("nan")}, "seconds"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(change: dict[str, object], said: str):
    assert answer_of(GOOD).seconds == 1
    with pytest.raises(UserError, match=said):
        answer_of({**GOOD, **change})


@pytest.mark.parametrize("name", ["", "../x", "a/b", "Ann", "a b", "a.b", "ä", "a\n", "."])
def test_names_are_plain(name: str):
    check_name("ann_b-2")
    with pytest.raises(UserError, match="add --as NAME"):
        check_name(name)


answers = st.builds(
    lambda rollout, status, content: Answer(
        rollout, "p", "a", status, *((0, content, "HIGH") if status == "proposed" else (None, "", None)), "ann", 0.0
    ),
    st.sampled_from("abc"),
    st.sampled_from(["proposed", "no_error", "skipped"]),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
)


@given(st.lists(st.one_of(answers, st.none()), max_size=12))
def test_any_history_reads_back_as_it_was_kept(tmp_path_factory: pytest.TempPathFactory, history: list[Answer | None]):
    """None is an undo."""
    path = tmp_path_factory.mktemp("history") / "ann.jsonl"
    kept: list[Answer] = []
    with AnswerFile(path) as file:
        for answer in history:
            if answer is None:
                assert file.undo() == (kept.pop() if kept else None)
            else:
                file.append(answer)
                kept = [one for one in kept if one.rollout_id != answer.rollout_id] + [answer]
    assert list(read_answers(path).values()) == kept
    assert os.stat(path).st_size == sum(len(line) + 1 for line in path.read_bytes().split(b"\n")[:-1])
