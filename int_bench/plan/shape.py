"""The shape of a model: how many parameters it has, and what a token costs in work and in cached keys and values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from huggingface_hub import try_to_load_from_cache

from int_bench.config import RunConfig
from int_bench.errors import UserError

# Rows of the embedding of a model that is made here: its tokenizer has at most 320 tokens, or Qwen3's layout.
VOCABULARIES = {"small": 320, "qwen3": 151936}


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder like Qwen3's: grouped-query attention, a gated MLP, norms on queries and keys.

    ``tied`` says that the embedding is also the last layer. ``context`` is the number of tokens it attends to at most.
    """

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_width: int
    intermediate: int
    vocabulary: int
    context: int
    tied: bool = True

    @property
    def layer(self) -> int:
        """Parameters of a layer."""
        attention = self.hidden * self.head_width * (2 * self.heads + 2 * self.kv_heads)
        return attention + 3 * self.hidden * self.intermediate + 2 * self.hidden + 2 * self.head_width

    @property
    def embedding(self) -> int:
        """Parameters of the embedding."""
        return self.vocabulary * self.hidden

    @property
    def parameters(self) -> int:
        """All parameters."""
        return self.layers * self.layer + self.embedding * (1 if self.tied else 2) + self.hidden

    @property
    def multiplied(self) -> int:
        """Parameters that each token is multiplied with: all but an embedding that is only looked up."""
        return self.parameters - (0 if self.tied else self.embedding)

    @property
    def cached(self) -> int:
        """Numbers that the cache of keys and values holds for a token."""
        return 2 * self.layers * self.kv_heads * self.head_width


def shape_of(config: RunConfig) -> tuple[Shape, str]:
    """The shape of a run's model, and where it is known from.

    Raises UserError for a model of the hub that is neither in the cache nor in ``shapes.yaml``.
    """
    model = config.model
    if model.kind != "pretrained":
        own = model.architecture
        shape = Shape(
            layers=own.layers,
            hidden=own.hidden,
            heads=own.heads,
            kv_heads=own.kv_heads,
            head_width=own.head_dim or own.hidden // own.heads,
            intermediate=own.intermediate,
            vocabulary=VOCABULARIES[model.layout if model.kind == "random" else "small"],
            context=own.context,
        )
        return shape, "model.architecture"
    if found := config_file(model.source, model.revision):
        return _read(found), str(found)
    known = yaml.safe_load((files("int_bench.plan") / "shapes.yaml").read_text(encoding="utf-8"))
    if model.source not in known:
        raise UserError(
            f"{model.source}: its shape is not known; `hf download {model.source} config.json`, or name a local folder"
        )
    return Shape(**known[model.source]), "known shape; the model is not here"


def config_file(source: str, revision: str | None = None) -> Path | None:
    """The ``config.json`` of a local folder or of a model in the hub's cache; None if it is in neither."""
    if Path(source).is_dir():
        path = Path(source) / "config.json"
        return path if path.is_file() else None
    found = try_to_load_from_cache(source, "config.json", revision=revision)
    return Path(found) if isinstance(found, str) else None


def _read(path: Path) -> Shape:
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    try:
        heads = given["num_attention_heads"]
        return Shape(
            layers=given["num_hidden_layers"],
            hidden=given["hidden_size"],
            heads=heads,
            kv_heads=given.get("num_key_value_heads") or heads,
            head_width=given.get("head_dim") or given["hidden_size"] // heads,
            intermediate=given["intermediate_size"],
            vocabulary=given["vocab_size"],
            context=given["max_position_embeddings"],
            tied=given.get("tie_word_embeddings", False),
        )
    except KeyError as error:
        raise UserError(f"{path}: {error.args[0]!r} is missing, so the model's shape is not known") from None
