"""Tables on disk: one frame, plain numbers as CSV, formatted as Markdown, LaTeX and a piece of HTML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from int_bench.analysis.estimates import Difference, Estimate
from int_bench.records import write_text
from int_bench.report.markup import html, text

NO_ROWS = "no rows"
_LATEX = {character: f"\\{character}" for character in "&%$#_{}"}


def save_table(frame: pd.DataFrame, base_path: str | Path, caption: str) -> list[Path]:
    """Write ``base_path`` + .csv, .md, .tex and .html, each atomically.

    Cells may be strings, numbers, None or Estimate. In the CSV a column of estimates named ``accuracy`` becomes
    ``accuracy``, ``accuracy_low``, ``accuracy_high`` and ``accuracy_n``, as fractions, and if it holds differences also
    ``accuracy_p`` and ``accuracy_p_holm``; in the others it becomes text.
    """
    texts = {".csv": plain(frame).to_csv(index=False), ".md": markdown(frame, caption)}
    texts[".tex"] = latex(frame, caption, f"tab:{Path(base_path).name}")
    texts[".html"] = html(frame, caption, NO_ROWS) + "\n"
    paths = []
    for suffix, written in texts.items():
        paths.append(Path(f"{base_path}{suffix}"))
        write_text(paths[-1], written)
    return paths


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with each column of estimates spread over four columns of numbers, differences over six.

    >>> plain(pd.DataFrame({"accuracy": [Estimate(0.5, 0.4, 0.6, 10)]})).to_dict("records")
    [{'accuracy': 0.5, 'accuracy_low': 0.4, 'accuracy_high': 0.6, 'accuracy_n': 10}]
    """
    columns: dict[str, list[Any]] = {}
    for name in frame.columns:
        cells = list(frame[name])
        if not any(isinstance(cell, Estimate) for cell in cells):
            columns[name] = cells
            continue
        parts = ["value", "low", "high", "n"]
        if any(isinstance(cell, Difference) for cell in cells):
            parts += ["p", "p_holm"]
        for part in parts:
            columns[name if part == "value" else f"{name}_{part}"] = [getattr(cell, part, None) for cell in cells]
    # As objects, or one missing count would write the others as 30.0.
    return pd.DataFrame(columns, dtype=object)


def formatted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame as texts for people; what is undefined prints as a dash."""
    return pd.DataFrame({name: [text(cell) for cell in frame[name]] for name in frame.columns}, dtype=object)


def markdown(frame: pd.DataFrame, caption: str) -> str:
    """Return a Markdown table under its caption."""
    body = formatted(frame).to_markdown(index=False, disable_numparse=True) if len(frame) else NO_ROWS
    return f"{caption}\n\n{body}\n"


def latex(frame: pd.DataFrame, caption: str, label: str) -> str:
    """Return a LaTeX table for the package booktabs, scaled to the line's width; needs graphicx."""
    body = formatted(frame).to_latex(index=False, escape=True) if len(frame) else NO_ROWS + "\n"
    body = body.replace("<", "$<$")  # which pandas leaves as it is, and LaTeX's default fonts do not have
    escaped = "".join(_LATEX.get(character, character) for character in caption)
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped}}}",
        rf"\label{{{label}}}",
        r"\resizebox{\linewidth}{!}{%",
        body.rstrip("\n") + "}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"
