"""Decoding settings by model: Appendix E's, or those the model itself recommends, or a default."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Decoding:
    """How tokens are drawn, and where these settings come from."""

    temperature: float
    top_p: float
    top_k: int
    origin: str

    def override(self, **given: float | None) -> Decoding:
        """The same settings with those that are given (not None) laid over them.

        >>> Decoding(0.6, 0.95, 20, "Appendix E").override(temperature=1.0, top_p=None)
        Decoding(temperature=1.0, top_p=0.95, top_k=20, origin='Appendix E; given: temperature')
        """
        changed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        origin = f"{self.origin}; given: {', '.join(changed)}" if changed else self.origin
        return replace(self, **changed, origin=origin)


# Appendix E names two models. Their names are looked for in the folder's name and in that which the model's own
# configuration keeps.
_APPENDIX_E = (
    (re.compile(r"(?:^|cmu-aire[_/-]+)e3(?![a-z0-9])"), Decoding(0.6, 0.95, 20, "Appendix E, e3-1.7B")),
    (re.compile(r"qwen3.*instruct"), Decoding(0.7, 0.8, 20, "Appendix E, Qwen3-4B-Instruct")),
)
_DEFAULT = Decoding(0.6, 0.95, 20, "default, as e3-1.7B")


def decoding_of(folder: str | Path) -> Decoding:
    """The settings for the model in a folder.

    Appendix E's if the model is called like one of its two, else what ``generation_config.json`` recommends if that
    samples at all, else those of e3-1.7B.
    """
    folder = Path(folder)
    for name in _names(folder):
        for pattern, decoding in _APPENDIX_E:
            if pattern.search(name.lower()):
                return decoding
    recommended = _json(folder / "generation_config.json")
    if recommended.get("do_sample"):
        # What it leaves out is what transformers would take.
        return Decoding(
            float(recommended.get("temperature") or 1.0),
            float(recommended.get("top_p") or 1.0),
            int(recommended.get("top_k", 50) or 0),
            "generation_config.json",
        )
    return _DEFAULT


def _names(folder: Path) -> list[str]:
    resolved = folder.absolute()
    # In the hub's cache a folder is called by its commit, and the model by one above it.
    cached = [parent.name for parent in resolved.parents if parent.name.startswith("models--")]
    return [resolved.name, *cached, str(_json(folder / "config.json").get("_name_or_path", ""))]


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
