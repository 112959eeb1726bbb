"""Prompts: the model's own chat template with the assistant's turn left open."""

from __future__ import annotations

from collections.abc import Iterable

from transformers import PreTrainedTokenizerBase


def open_turn(tokenizer: PreTrainedTokenizerBase, problem: str, prefix: str = "") -> tuple[int, ...]:
    """Tokens of the problem as the user's turn and of the prefix as the beginning of the assistant's."""
    return (*open_chat(tokenizer, [("user", problem)]), *text_tokens(tokenizer, prefix))


def open_chat(tokenizer: PreTrainedTokenizerBase, turns: Iterable[tuple[str, str]]) -> tuple[int, ...]:
    """Tokens of a conversation, each turn a role and what it says, and of the header of the assistant's next turn."""
    messages = [{"role": role, "content": content} for role, content in turns]
    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=True, return_dict=False)
    return tuple(ids)


def text_tokens(tokenizer: PreTrainedTokenizerBase, text: str) -> tuple[int, ...]:
    """Tokens of bare text: nothing is put before or after it."""
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"]) if text else ()
