"""Rows of Tables 2 and 7: their references, and differences between two of them."""

from __future__ import annotations

from collections.abc import Sequence

from int_bench.report.paper import paper_values

E3, QWEN, T7 = "table2/models/e3-1.7B", "table2/models/Qwen3-4B-Instruct", "table7/rows"
NAMES2 = [name for name in paper_values()["table2"]["columns"] if name != "hard_test"]
NAMES7 = list(paper_values()["table7"]["columns"])
ROWS2 = [f"{model}/{arm}" for model in (E3, QWEN) for arm in ("base_easier", "distill_easier", "int")]
ROWS7 = [f"{T7}/{row}" for row in ("base", "rl-base", "rl-gold", "rl-self_refine", "rl-int")]
HALF_DIGIT = 0.00005
"""Half the last digit that the tables print, as a share."""


def gains_of(scores: Sequence[float]) -> list[float]:
    """Differences of the second half of the scores less the first."""
    half = len(scores) // 2
    return [after - before for before, after in zip(scores[:half], scores[half:], strict=True)]


def scores_of(row: str, names: Sequence[str]) -> tuple[str, ...]:
    """References to the scores of a row."""
    return tuple(f"{row}/scores/{name}" for name in names)


def row_name(path: str) -> str:
    """The model and the row of a path, for people."""
    return ", ".join(part for part in path.split("/")[1:] if part not in ("models", "rows"))
