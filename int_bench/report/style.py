"""One look for every figure: colours, markers and labels by name, sizes for print, and saving without dates."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from int_bench.records import atomic_path

COLUMN = 3.4
"""Width of one column, in inches."""
PAGE = 7.0
"""Width of both columns, in inches."""

RC: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.titlelocation": "left",
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
    # The identifiers inside an SVG are random unless salted; the same figure must give the same bytes.
    "svg.hashsalt": "int-bench",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one thing is drawn, in every figure; ``hollow`` markers and bars are filled with white."""

    label: str
    colour: str
    marker: str
    hollow: bool = False

    @property
    def fill(self) -> str:
        """The colour inside markers and bars."""
        return "white" if self.hollow else self.colour


# Okabe and Ito's colour-blind-safe palette and shades of it: interventions are blue, solutions of others orange or red,
# the model's own green or purple, and RL without fine-tuning black or grey. Markers tell apart what shares a hue.
LOOKS = {
    "base": Look("base model", "#000000", "o"),
    "base_easier": Look("base model, enlarged set", "#7F7F7F", "o"),
    "base_budget": Look("base model, InT's budget", "#555555", "8"),
    "hinted": Look("hint-guided", "#CC79A7", "d"),
    "naive": Look("naive", "#000000", "o"),
    "null": Look("naive, second pass", "#7F7F7F", "o"),
    "from_intervention": Look("from intervention", "#56B4E9", "<"),
    "with_intervention": Look("with intervention", "#CC79A7", ">"),
    "int": Look("InT", "#0072B2", "s"),
    "no_filter": Look("InT, no filter", "#56B4E9", "D"),
    "no_prefix": Look("InT, no prefix", "#00456B", "v"),
    "suffix": Look("InT, + suffix", "#7FA7C9", "P"),
    "noisy": Look("InT, noisy oracle", "#2E8BC0", "d"),
    "distill": Look("distillation", "#D55E00", "^"),
    "distill_easier": Look("distillation, enlarged set", "#F0A070", "^"),
    "gold": Look("gold solutions", "#E69F00", "h"),
    "r1_think": Look("R1, think", "#8C2D04", "*"),
    "r1_summary": Look("R1, summary", "#EF8A62", "p"),
    "self": Look("InT, self-proposed", "#785EF0", "<"),
    "self_refine": Look("self-refinement", "#009E73", "X"),
    "rejection": Look("rejection sampling", "#66C2A4", ">"),
    "interventions": Look("interventions", "#0072B2", "s"),
    "references": Look("reference solutions", "#D55E00", "^"),
    "failed": Look("failed traces", "#000000", "o"),
    "HIGH": Look("HIGH (rule or plan)", "#CC79A7", "o"),
    "EXECUTION": Look("EXECUTION (slip)", "#009E73", "s"),
    "unlabelled": Look("no category", "#7F7F7F", "X"),
}
FIGURE11 = ("int", "gold", "self_refine", "r1_think", "r1_summary")
"""The arms of Figure 11, in the paper's order."""
MATCHED = "_matched"
"""End of the name of an arm that is another one with the learning rate and tokens of all."""
ORACLES = {
    "exact": Look("exact", "#0072B2", "o"),
    "noisy": Look("noisy", "#56B4E9", "D"),
    "random": Look("random place", "#7F7F7F", "X"),
    "self": Look("base model, with the solution", "#D55E00", "s"),
    "self_answer": Look("base model, with the answer", "#E69F00", "v"),
    "self_nothing": Look("base model, with neither", "#CC79A7", "<"),
    "paper": Look("paper (another model and problems)", "#B0B0B0", "."),
}
"""Oracles may have the names of arms, so they are looked up on their own."""
_RESERVE = (("#E69F00", "X"), ("#CC79A7", "*"), ("#009E73", "p"), ("#56B4E9", "h"))


def look(name: str) -> Look:
    """Return the look of an arm, initialisation, configuration or category; unknown names get one from a reserve.

    >>> look("int").label, look("int_matched").label, look("my_arm").label
    ('InT', 'InT, matched', 'my_arm')
    """
    if name in LOOKS:
        return LOOKS[name]
    if name.endswith(MATCHED):
        paired = look(name.removesuffix(MATCHED))
        return Look(f"{paired.label}, matched", paired.colour, paired.marker, hollow=True)
    return Look(name, *_RESERVE[zlib.crc32(name.encode()) % len(_RESERVE)])


def oracle_look(name: str) -> Look:
    """Return the look of an oracle.

    >>> oracle_look("self").label, look("self").label
    ('base model, with the solution', 'InT, self-proposed')
    """
    return ORACLES.get(name) or look(name)


def model_label(model: str) -> str:
    """Return the label of an evaluated model, RL checkpoints included.

    >>> model_label("int"), model_label("rl-int@40")
    ('InT', 'InT + RL, step 40')
    """
    if model.startswith("rl-") and "@" in model:
        initialisation, step = model.removeprefix("rl-").rsplit("@", 1)
        return f"{look(initialisation).label} + RL, step {step}"
    return look(model).label


def shade(colour: str, strength: float) -> str:
    """Return a colour mixed with white: strength 0 is pale, but still visible on paper, 1 is the colour itself.

    >>> shade("#000000", 1.0), shade("#000000", 0.0)
    ('#000000', '#b8b8b8')
    """
    weight = 0.28 + 0.72 * strength
    red, green, blue = (1.0 - weight * (1.0 - part) for part in to_rgb(colour))
    return to_hex((red, green, blue))


def styled():
    """Return the decorator and context under which figures are drawn and saved."""
    return matplotlib.rc_context(RC)


def say_no_rows(axes: Axes, unscaled: Literal["x", "y"]) -> None:
    """Write into a panel that there was nothing to show, and hide the ticks of the axis that has no scale then."""
    # Not set_ticks: panels that share an axis share its ticks too.
    sides = ("bottom", "labelbottom") if unscaled == "x" else ("left", "labelleft")
    axes.tick_params(axis=unscaled, which="both", **dict.fromkeys(sides, False))
    axes.text(0.5, 0.5, "no rows", transform=axes.transAxes, ha="center", va="center", color="#7F7F7F")


def save_figure(figure: Figure, base_path: str | Path) -> list[Path]:
    """Write ``base_path`` + .png (200 dpi), .pdf and .svg, each atomically and the same bytes for the same figure."""
    no_dates = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
    paths = []
    with styled():
        for kind, metadata in no_dates.items():
            path = Path(f"{base_path}.{kind}")
            with atomic_path(path) as temporary:
                figure.savefig(temporary, format=kind, dpi=200, metadata=metadata)
            paths.append(path)
    return paths
