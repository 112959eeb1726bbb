"""Chats over an engine: the model's own template, draws of each query's own, and nothing loaded that is not needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from int_bench.chats import Message, Query, Reply
from int_bench.chats.choose import chats_of
from int_bench.chats.local import LocalChats
from int_bench.config import ChatConfig
from int_bench.engines import SamplingSettings
from int_bench.engines.transformers import TransformersEngine
from int_bench.errors import UserError
from int_bench.models import save_model
from tests.chats.conftest import queries

SETTINGS = SamplingSettings(max_new_tokens=12, seed=1)


@pytest.fixture
def chats(tiny_model, tokenizer) -> LocalChats:
    return LocalChats(TransformersEngine(tiny_model, tokenizer), tokenizer, "tiny")


def ask(chats, asked: list[Query]) -> dict[str, Reply]:
    return {query.key: reply for some in chats.ask(asked, SETTINGS) for query, reply in some}


def test_a_reply_depends_on_its_query_alone(chats: LocalChats):
    together = ask(chats, queries(6))
    assert ask(chats, queries(1, first=3))["q3"] == together["q3"]
    assert len({reply.text for reply in together.values()}) == 6
    again = replace(queries(1)[0], sample=1)
    assert ask(chats, [again])["q0"].text != together["q0"].text
    for query in queries(6):
        reply = together[query.key]
        assert reply.input_tokens == chats.count(query.messages)
        assert reply.status == "answered"
        assert 0 < reply.output_tokens <= 12
        assert (reply.finish_reason == "length") == (reply.output_tokens == 12)


def test_a_conversation_of_several_turns_is_rendered_with_the_header_of_the_answer(chats, tokenizer, monkeypatch):
    turns = (Message("system", "a=1"), Message("user", "b=2"), Message("assistant", "b=3"), Message("user", "Find b."))
    text = "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns) + "<|im_start|>assistant\n"
    assert chats.count(turns) == len(tokenizer(text, add_special_tokens=False)["input_ids"])


def test_what_does_not_fit_is_a_status_and_the_others_are_answered(chats: LocalChats):
    long = Query("long", (Message("user", "7" * 300),))
    found = ask(chats, [long, *queries(2)])
    assert found["long"] == Reply("", "length", 0, 0, "too_long")
    assert {found["q0"].status, found["q1"].status} == {"answered"}


def test_a_template_without_a_system_is_one_line(chats: LocalChats, tokenizer, monkeypatch):
    refuses = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
    monkeypatch.setattr(tokenizer, "chat_template", refuses)
    with pytest.raises(UserError, match=r"^the model's chat template refuses a conversation \(no system here\)$"):
        ask(chats, queries(1))


def test_a_second_run_loads_no_model(tiny_model, tokenizer, tmp_path: Path, monkeypatch):
    save_model(tiny_model, tokenizer, tmp_path / "model")
    answers, found = tmp_path / "answers.sqlite", []
    for config in (ChatConfig(engine="transformers"), ChatConfig(engine="transformers", model=str(tmp_path / "model"))):
        with chats_of(config, tmp_path / "model", answers, "job") as chats:
            found.append(ask(chats, queries(5)))
        monkeypatch.setattr("int_bench.models.load_model", lambda folder: 1 / 0)
    assert found[0] == found[1]
    assert chats.costs.cached == chats.costs.answered == 5
    assert chats.costs.output_tokens == sum(reply.output_tokens for reply in found[0].values())


def test_what_decides_an_answer_is_in_the_name_and_what_does_not_is_not(tiny_model, tokenizer, tmp_path, monkeypatch):
    for name in ("model", "other"):
        save_model(tiny_model, tokenizer, tmp_path / name)
    (tmp_path / "other" / "more.txt").write_text("another file")

    def name_of(folder: str = "model", **engine: object) -> str:
        with chats_of(ChatConfig.model_validate({"engine": engine}), tmp_path / folder, tmp_path / "a", "job") as chats:
            return chats.name

    name = name_of(name="transformers")
    vllm = name_of(name="vllm")
    assert name_of(name="transformers", vllm={"context": 64}) == name
    others = [
        name_of("other", name="transformers"),
        name_of(name="transformers", rows=3),
        vllm,
        name_of(name="vllm", vllm={"context": 64}),
    ]
    assert len({name, *others}) == 5
    assert name_of(name="vllm", rows=3) == vllm
    monkeypatch.setattr("int_bench.engines.choose.version", lambda *names: "0.0.1")
    assert name_of(name="vllm") != vllm
