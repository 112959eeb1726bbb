"""The world's tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.rollouts.chat import text_tokens


@pytest.fixture(scope="module")
def encode(tokenizer):
    return lambda text: [tokenizer.decode([i]) for i in text_tokens(tokenizer, text)]


def test_digits_and_operators_are_tokens_of_their_own(encode):
    assert encode("b=3-6=7") == ["b", "=", "3", "-", "6", "=", "7"]
    assert encode("1234567890") == list("1234567890")


def test_a_blank_line_is_one_token(encode):
    assert encode("b=7\n\nc=2\nd") == ["b", "=", "7", "\n\n", "c", "=", "2", "\n", "d"]


def test_steps_are_tokenised_alike_alone_and_in_a_trace(tokenizer):
    whole = text_tokens(tokenizer, "b=3-6=7\n\nWait, b=3-6=8\n\n\\boxed{7,2,4}")
    parts = [text_tokens(tokenizer, part) for part in ("b=3-6=7\n\n", "Wait, b=3-6=8\n\n", "\\boxed{7,2,4}")]
    assert whole == sum(parts, ())


def test_a_step_is_tokenised_alike_inside_an_intervention(encode):
    step = ["c", "=", "9", "-", "7", "=", "2"]
    said = encode('<intervention>{"location": 12, "content": "c=9-7=2"}</intervention>')
    start = next(i for i in range(len(said)) if said[i : i + len(step)] == step)
    assert "".join(said[:start]) == '<intervention>{"location": 12, "content": "'
    assert "".join(said[start + len(step) :]) == '"}</intervention>'


@given(text=st.text(max_size=60))
def test_any_text_comes_back(tokenizer, text: str):
    # The tokens that open and close turns are written as text by nobody.
    if not any(special in text for special in tokenizer.all_special_tokens):
        assert tokenizer.decode(text_tokens(tokenizer, text)) == text


def test_the_chat_template(tokenizer):
    messages = [{"role": "user", "content": "a=3"}, {"role": "assistant", "content": "b=4"}]
    assert tokenizer.apply_chat_template(messages, tokenize=False) == (
        "<|im_start|>user\na=3<|im_end|>\n<|im_start|>assistant\nb=4<|im_end|>\n"
    )
    assert tokenizer.apply_chat_template(messages[:1], tokenize=False, add_generation_prompt=True) == (
        "<|im_start|>user\na=3<|im_end|>\n<|im_start|>assistant\n"
    )


def test_it_pads_on_the_left_and_ends_with_the_turn(tokenizer):
    assert tokenizer.eos_token == "<|im_end|>"
    assert tokenizer.pad_token != tokenizer.eos_token
    assert tokenizer.padding_side == "left"
