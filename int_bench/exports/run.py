"""What is exported of a run: the rows of its arms, its hard problems, and where its base model lies.

The rows are checked before anything is written, since nobody would notice elsewhere. Each begins with its problem as
the base model's chat template writes it. After that a whole solution has one end-of-sequence token, at its end, and a
row that ends with an intervention has none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from int_bench.config import RLConfig, RunConfig, SFTConfig, load
from int_bench.errors import UserError
from int_bench.layout import Layout
from int_bench.models import load_tokenizer
from int_bench.records import Problem, TrainingExample, read_records
from int_bench.rollouts.chat import open_turn
from int_bench.training.examples import IGNORED
from int_bench.training.schedule import epochs_of, updates_of


@dataclass(frozen=True, slots=True)
class Arm:
    """The rows of one SFT arm; ``whole`` says that each has an end, as whole solutions do."""

    name: str
    sft: SFTConfig
    whole: bool
    rows: list[TrainingExample]

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return max(len(row.input_ids) for row in self.rows)

    @property
    def micro_batch(self) -> int:
        """Rows of one forward pass."""
        return self.sft.micro_batch or self.sft.batch

    @property
    def warmup_steps(self) -> int:
        """Updates until the learning rate is at its peak."""
        return math.ceil(updates_of(self.sft, self.rows) * self.sft.warmup_ratio)

    @property
    def epochs(self) -> int:
        """Passes over the rows: begun ones count where the run's setting is a number of tokens."""
        return math.ceil(epochs_of(self.sft, self.rows))

    def __str__(self) -> str:
        learned = sum(label != IGNORED for row in self.rows for label in row.labels)
        tokens = sum(len(row.input_ids) for row in self.rows)
        ends = "each ends" if self.whole else "none ends"
        return (
            f"{self.name}: {len(self.rows)} rows, loss on {learned} of {tokens} tokens, {ends} with an end-of-sequence "
            "token"
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is exported, under a name that may differ from its own.

    ``arms`` are those with rows, ``empty`` the names of those without. ``model`` is a hub id or a local folder.
    ``train`` and ``test`` are the two parts of the hard set.
    """

    name: str
    config: RunConfig
    model: str
    revision: str | None
    tokenizer: PreTrainedTokenizerBase
    arms: list[Arm]
    empty: list[str]
    train: list[Problem]
    test: list[Problem]

    @property
    def rl(self) -> RLConfig:
        """The settings of RL. Raises UserError for stop texts, which no trainer's configuration has a place for."""
        if self.config.rl.sampling.stop:
            raise UserError("rl.sampling.stop: the trainers' configurations cannot say at which texts to stop")
        return self.config.rl

    @property
    def longest_prompt(self) -> int:
        """Tokens of the longest problem in the model's chat template."""
        return max(len(open_turn(self.tokenizer, problem.text)) for problem in [*self.train, *self.test])


def read_run(source: str, *, arms: bool, arm: str | None = None, name: str | None = None) -> Run:
    """Read the run whose files lie in ``results/SOURCE``; with ``arms``, the one named or all whose rows were made.

    Raises UserError for a missing file, an unknown arm, an arm without rows that was asked for, and for rows that are
    not what they should be.
    """
    layout = Layout(source)
    config = load(layout.config)
    tokenizer = load_tokenizer(layout.model("base"))
    train = read_records(layout.problems("hard_train"), Problem)
    known = {problem.problem_id: problem for problem in train}
    made = [found for found in config.arms if Path(layout.examples(found)).is_file()]
    rows = {found: _rows(layout, config, found, known, tokenizer) for found in ([arm] if arm else made) if arms}
    if arm and not rows[arm]:
        raise UserError(f"{layout.examples(arm)}: the arm has no rows to export")
    model, revision = _model(config, layout)
    return Run(
        name=name or source,
        config=config,
        model=model,
        revision=revision,
        tokenizer=tokenizer,
        arms=[Arm(found, config.arm(found).sft, _whole(config, found), kept) for found, kept in rows.items() if kept],
        empty=[found for found, kept in rows.items() if not kept],
        train=train,
        test=read_records(layout.problems("hard_test"), Problem),
    )


def _rows(
    layout: Layout, config: RunConfig, arm: str, problems: Mapping[str, Problem], tokenizer: PreTrainedTokenizerBase
) -> list[TrainingExample]:
    whole = _whole(config, arm)
    rows = read_records(layout.examples(arm), TrainingExample)
    for row in rows:
        if wrong := _fault(row, whole, problems, tokenizer):
            raise UserError(f"{layout.examples(arm)}: row {row.example_id} {wrong}")
    return rows


def _fault(
    row: TrainingExample, whole: bool, problems: Mapping[str, Problem], tokenizer: PreTrainedTokenizerBase
) -> str | None:
    """What is wrong with a row, in words."""
    if row.problem_id not in problems:
        return f"is of the problem {row.problem_id!r}, which is not in the hard training set"
    prompt = list(open_turn(tokenizer, problems[row.problem_id].text))
    if row.input_ids[: len(prompt)] != prompt or set(row.labels[: len(prompt)]) != {IGNORED}:
        return "does not begin with its problem in the base model's chat template; has one of them changed since?"
    response = row.input_ids[len(prompt) :]
    if row.labels[-1] == IGNORED:
        return "ends with a token that the loss does not count"
    ends = [place for place, token in enumerate(response) if token == tokenizer.eos_token_id]
    if ends != ([len(response) - 1] if whole else []):
        return f"has {len(ends)} end-of-sequence tokens; {'one at its very end' if whole else 'none'} was expected"
    return None


def _whole(config: RunConfig, arm: str) -> bool:
    """Whether the rows of an arm have an end of the sequence."""
    settings = config.arm(arm)
    return settings.solutions is not None or settings.suffix or settings.end


def _model(config: RunConfig, layout: Layout) -> tuple[str, str | None]:
    """The base model as a trainer on another machine finds it, if it is on the hub."""
    wanted = config.model
    if wanted.kind == "pretrained" and not Path(wanted.source).is_dir():
        return wanted.source, wanted.revision
    return str(Path(layout.model("base")).resolve()), None
