"""Write token ids as texts which a tokenizer takes back to exactly those ids.

The parts of a row are tokenised one by one, and where two of them meet, one text would often give other tokens: many
tokenizers have one for a full stop and a blank line together. There the row is cut into two texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from transformers import PreTrainedTokenizerBase

from int_bench.records import TrainingExample
from int_bench.rollouts.chat import text_tokens
from int_bench.training.examples import IGNORED

_REACH = 32  # tokens around the place where two tokenisations part, among which a cut is looked for


def learned_pieces(tokenizer: PreTrainedTokenizerBase, row: TrainingExample) -> Iterator[tuple[bool, str]]:
    """The texts of a row in their order, each with whether the loss counts it; see :func:`pieces`."""
    marked = zip(row.input_ids, (label != IGNORED for label in row.labels), strict=True)
    for learned, group in groupby(marked, key=lambda pair: pair[1]):
        for text in pieces(tokenizer, [token for token, _ in group]):
            yield learned, text


def pieces(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> list[str]:
    """Texts that give the ids when they are tokenised one by one; one text wherever one does.

    Raises ValueError if no texts do: the ids are another tokenizer's, or their texts are not what they were made from.
    """
    texts = []
    rest = list(ids)
    while rest:
        size = _leading(tokenizer, rest)
        texts.append(_text(tokenizer, rest[:size]))
        rest = rest[size:]
    return texts


def _leading(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> int:
    """How many of the ids, from the first on, one text gives."""
    again = list(text_tokens(tokenizer, _text(tokenizer, ids)))
    if again == ids:
        return len(ids)
    same = next((i for i, pair in enumerate(zip(ids, again, strict=False)) if pair[0] != pair[1]), len(again))
    for size in range(min(same + _REACH, len(ids) - 1), max(same - _REACH, 0), -1):
        if list(text_tokens(tokenizer, _text(tokenizer, ids[:size]))) == ids[:size]:
            return size
    raise ValueError("the tokenizer takes no text to these ids")


def _text(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))
