"""The world's tokenizer: byte-level, single digits, the blank line as one token, a ChatML template."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
QWEN3_WORDS, QWEN3_ROWS = 151_643, 151_936
"""Qwen3's tokens before the first special one, and the rows of its embedding, some of which belong to no token."""

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# The frame of an intervention, a blank line, a word with its space, or one character: frames and words may be merged,
# digits and operators never.
_PIECES = Regex(r'</?intervention>|\{"location": |, "content": "|"\}|\n\n| ?[A-Za-z]{2,}|.|\n')


def train_tokenizer(texts: Iterable[str], vocabulary: int = 400) -> PreTrainedTokenizerFast:
    """Train the tokenizer on sample texts; the 256 bytes are always in, so any text can be encoded.

    The names of the roles are words of their own, since every prompt holds them.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(_PIECES, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((f"user\n{text}\nassistant" for text in texts), trainer)
    return _fast(tokenizer)


def with_qwen3_layout(small: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """The same tokenizer with the vocabulary's size and the special tokens' ids of Qwen3.

    The ids between are words that no text is cut into, but that a model may say.
    """
    made = json.loads(small.backend_tokenizer.to_str())
    known = [token for token in made["model"]["vocab"] if token not in SPECIAL]
    letters = [token for token in known if token.isalpha() and len(token) == 1]
    words = ("".join(word) for length in (3, 4) for word in itertools.product(letters, repeat=length))
    added = itertools.islice((word for word in words if word not in made["model"]["vocab"]), QWEN3_WORDS - len(known))
    made["model"]["vocab"] = {token: i for i, token in enumerate([*known, *added, *SPECIAL])}
    for token in made["added_tokens"]:
        token["id"] = made["model"]["vocab"][token["content"]]
    return _fast(Tokenizer.from_str(json.dumps(made)))


def _fast(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", padding_side="left"
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
