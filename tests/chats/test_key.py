"""The key: it is sent, and nothing that is written, printed or raised holds it, whatever the server does with it."""

from __future__ import annotations

import dataclasses
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from int_bench.chats.choose import chats_of
from int_bench.config import ChatConfig, ServerConfig
from int_bench.engines import Ask, Prompt, SamplingSettings
from int_bench.engines.http import HTTPEngine
from int_bench.errors import UserError
from int_bench.manifest import Job
from int_bench.models import save_model
from tests.chats.conftest import Script, queries

KEY = "sk-recognisable-0123456789"
SETTINGS = SamplingSettings(max_new_tokens=20)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it was raised from or beside."""
    while error:
        yield error
        error = error.__cause__ or error.__context__


def shown(error: BaseException) -> str:
    """All that any way of printing an error could show."""
    lines = traceback.TracebackException.from_exception(error, capture_locals=False).format()
    return "".join(lines) + "".join(f"{one!r}{one}" for one in chain(error))


@pytest.mark.parametrize("ill", [None, "echo", 401, 403, 404, 429, 400, 500, "html", "cut", "malformed"])
def test_nothing_holds_the_key(
    config_of: Callable[..., ChatConfig], script: Script, tmp_path, monkeypatch, capfd, caplog, ill
):
    monkeypatch.setenv("THE_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    script.of_query = {"Find 001.": ill} if ill else {}
    config, output, texts = config_of(key="THE_KEY", retries=0), tmp_path / "out" / "judged.json", []
    try:
        with (
            Job("judge", output, {"chats": config}) as job,
            chats_of(config, "", tmp_path / "a.sqlite", "judge") as chats,
        ):
            texts += [reply.text for some in chats.ask(queries(3), SETTINGS) for _, reply in some]
            output.write_text("\n".join(texts))
            job.note(**dataclasses.asdict(chats.costs))
    except UserError as error:
        texts += [shown(error)]
    assert script.keys == {f"Bearer {KEY}"}
    texts += [*capfd.readouterr(), caplog.text, *(str(record.__dict__) for record in caplog.records)]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (tmp_path / "a.sqlite") in written
    for text in texts:
        assert "recognisable" not in text
    for path in written:
        assert b"recognisable" not in path.read_bytes(), path


@pytest.mark.parametrize("ill", [401, 429, 500])
def test_nor_does_an_error_of_the_engine(
    url: str, script: Script, tiny_model, tokenizer, tmp_path: Path, monkeypatch, ill
):
    monkeypatch.setenv("THE_KEY", KEY)
    save_model(tiny_model, tokenizer, tmp_path / "model")
    engine = HTTPEngine(tmp_path / "model", tokenizer, ServerConfig(url=url, key="THE_KEY", retries=0, endpoint="chat"))
    script.ills = [ill]
    with pytest.raises(UserError) as failure:
        list(engine.stream([Ask(Prompt("p", (5, 6), "Find 0."), 0)], SETTINGS))
    assert "[key]" in str(failure.value)
    assert "recognisable" not in shown(failure.value)
