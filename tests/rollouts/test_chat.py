"""Prompts: the chat template with the assistant's turn left open."""

import pytest

from int_bench.rollouts.chat import open_turn, text_tokens

TEXT = "a=3\nb=a-6\nFind a,b mod 10."
OPENED = f"<|im_start|>user\n{TEXT}<|im_end|>\n<|im_start|>assistant\n"


@pytest.mark.parametrize("prefix", ["", "b=3-6=7\n\n", "b=3-6=7"])
def test_a_prefix_stands_at_the_beginning_of_the_open_turn_and_nothing_after_it(tokenizer, prefix: str):
    ids = open_turn(tokenizer, TEXT, prefix)
    assert tokenizer.decode(ids) == OPENED + prefix
    assert isinstance(ids, tuple)
    assert all(isinstance(i, int) for i in ids)


def test_the_prompt_is_the_same_whatever_the_prefix(tokenizer):
    bare = open_turn(tokenizer, TEXT)
    assert open_turn(tokenizer, TEXT, "b=3-6=7\n\n") == (*bare, *text_tokens(tokenizer, "b=3-6=7\n\n"))


def test_bare_text_gets_no_special_tokens(tokenizer):
    assert text_tokens(tokenizer, "") == ()
    assert set(text_tokens(tokenizer, "b=3\n\n")).isdisjoint(tokenizer.all_special_ids)
