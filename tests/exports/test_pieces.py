"""Texts for token ids: whatever a row's parts are, the tokenizer takes the texts back to the same ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from int_bench.exports.pieces import learned_pieces, pieces
from int_bench.records import TrainingExample
from int_bench.rollouts.chat import text_tokens

# The pieces into which the tokenizers of the Qwen family divide a text: a full stop takes the blank line with it, and a
# word the space before it.
_WORDS = Regex(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEXTS = st.lists(
    st.sampled_from(
        ["So ", "x", " = 3", ".", "\n\n", "\n", " ", "Wait", ",", "\\boxed{", "}", "12", "<|end|>", "é", "🎲"]
    )
).map("".join) | st.text(max_size=30)


@pytest.fixture(scope="module")
def merging() -> PreTrainedTokenizerBase:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(_WORDS, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["So x = 3.\n\nWait, that is 12.\n\nSo \\boxed{12}.\n\n" * 20], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>")
    assert len(text_tokens(fast, ".\n\n")) == 1  # or there would be nothing to cut
    return fast


def ids_of(tokenizer, texts: list[str]) -> list[int]:
    return [token for text in texts for token in text_tokens(tokenizer, text)]


@given(parts=st.lists(TEXTS, max_size=4))
def test_texts_tokenise_to_the_ids_they_were_made_from(merging, parts: list[str]):
    ids = ids_of(merging, parts)
    assert ids_of(merging, pieces(merging, ids)) == ids


def test_one_text_is_enough_where_nothing_merges(merging):
    text = "So x = 3.\n\nWait, that is 12.<|end|>"
    assert pieces(merging, ids_of(merging, [text])) == [text]
    assert pieces(merging, []) == []


def test_a_row_is_cut_where_its_parts_would_merge(merging):
    content, suffix = "So x = 3.", "\n\nWait, that is 12."
    ids = ids_of(merging, [content, suffix])
    assert ids != ids_of(merging, [content + suffix])
    assert pieces(merging, ids) == [content, suffix]


def test_pieces_are_learned_or_not_as_their_tokens_are(merging):
    parts = [("So x", False), (" = 3.", True), ("\n\nWait", True), (" that", False), ("<|end|>", True)]
    marked = [(token, learned) for text, learned in parts for token in text_tokens(merging, text)]
    labels = [token if learned else -100 for token, learned in marked]
    row = TrainingExample("e", "p", [token for token, _ in marked], labels, 0, 0, 0)
    assert list(learned_pieces(merging, row)) == [(learned, text) for text, learned in parts]


def test_ids_that_no_text_gives_are_refused(merging):
    half = text_tokens(merging, "🎲")[:2]  # half of a character's four bytes
    with pytest.raises(ValueError, match="takes no text to these ids"):
        pieces(merging, [*ids_of(merging, ["So"]), *half])
