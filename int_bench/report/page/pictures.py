"""Figures inside the page: as data, so that nothing is fetched and no name in one drawing meets that in another."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import fromstring

LARGEST = 200_000
"""Bytes of a drawing (SVG) above which its picture (PNG) is shown instead."""
_POINT = 96 / 72  # in pixels of CSS


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as the address of its own data; ``width`` and ``height`` in pixels of CSS."""

    data: str
    width: int
    height: int


def picture(base_path: str | Path) -> Picture:
    """Return the figure saved as ``base_path`` + .svg and .png: the drawing, unless it is too large."""
    drawing = Path(f"{base_path}.svg").read_bytes()
    size = fromstring(drawing).attrib
    width, height = (round(float(size[side].removesuffix("pt")) * _POINT) for side in ("width", "height"))
    if len(drawing) > LARGEST:
        return Picture(_address("image/png", Path(f"{base_path}.png").read_bytes()), width, height)
    return Picture(_address("image/svg+xml", drawing), width, height)


def _address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
