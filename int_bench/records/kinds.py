"""The records that pass between stages: frozen dataclasses, a row each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Mode = Literal["naive", "from_intervention", "with_intervention"]
Status = Literal["correct", "wrong", "no_answer", "truncated", "unparsable", "timed_out"]
Part = Literal["prefix", "intervention", "continuation", "solution", "end"]


@dataclass(frozen=True, slots=True)
class Record:
    """Base of all records; ``KIND`` is stored in the file and checked on reading."""

    KIND: ClassVar[str] = "record"


@dataclass(frozen=True, slots=True)
class Problem(Record):
    """A problem with its gold answer and, where there is one, a reference solution."""

    KIND: ClassVar[str] = "problem"
    problem_id: str
    source: str
    text: str
    answer: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Sampled(Record):
    """One continuation as an engine gave it: the ``sample``-th of the prompt called ``key``."""

    KIND: ClassVar[str] = "sampled"
    key: str
    sample: int
    text: str
    token_ids: list[int]
    logprobs: list[float]
    finish_reason: Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Rollout(Record):
    """One graded continuation.

    ``problem_set`` names the pool, split or benchmark that the problem was taken from. ``prefix`` is the text handed
    over before sampling began (empty for a naive rollout), ``text`` the continuation, ``logprobs`` the log-probability
    of each of its tokens under the model. ``all_steps_right`` is null where no exact verifier exists.
    """

    KIND: ClassVar[str] = "rollout"
    rollout_id: str
    problem_id: str
    problem_set: str
    intervention_id: str | None
    mode: Mode
    sample: int
    prefix: str
    text: str
    token_ids: list[int]
    logprobs: list[float]
    finish_reason: Literal["stop", "length"]
    status: Status
    extracted: str | None
    method: str
    correct: bool
    all_steps_right: bool | None


@dataclass(frozen=True, slots=True)
class Intervention(Record):
    """An oracle's answer for one failed attempt: either a corrective step, or the reason why there is none.

    ``location`` is the index, from 0, of the step at fault among ``steps`` steps of the attempt; ``before`` and
    ``prefix`` are the attempt up to there and what is handed to the model before the corrective step; ``truth_*`` is
    the verifier's own finding in a world that has one, and ``content_right`` what it says of the corrective step.
    ``leak`` says whether the step gives the answer away (``interventions/leakage.py``).
    """

    KIND: ClassVar[str] = "intervention"
    intervention_id: str
    problem_id: str
    rollout_id: str
    status: str
    location: int | None
    steps: int
    category: str | None
    before: str
    prefix: str
    content: str
    leak: str
    truth_location: int | None
    truth_category: str | None
    content_right: bool | None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from others: one with the same problem, prefix and content is a duplicate."""
        return self.problem_id, self.prefix, self.content


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """What a judge says of the error that an intervention corrects: HIGH or EXECUTION, or why it says neither."""

    KIND: ClassVar[str] = "verdict"
    intervention_id: str
    problem_id: str
    category: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Selection(Record):
    """What became of an intervention: how many of its guided rollouts were correct, and why it was kept or dropped."""

    KIND: ClassVar[str] = "selection"
    intervention_id: str
    problem_id: str
    samples: int
    correct: int
    kept: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Solution(Record):
    """A whole solution of a problem, and whether it is cloned: ``reason`` says why not.

    ``correct`` is null where nobody graded it, as with the reference solutions that come with the problems.
    """

    KIND: ClassVar[str] = "solution"
    solution_id: str
    problem_id: str
    text: str
    correct: bool | None
    kept: bool
    reason: str


@dataclass(frozen=True, slots=True)
class TrainingExample(Record):
    """Tokens of one training row; ``labels`` repeats the token where the loss counts and is -100 elsewhere.

    The row begins with ``prompt_tokens`` of the problem, then ``prefix_tokens`` of the model's own attempt and
    ``intervention_tokens`` of the corrective step; what follows is a continuation, or a whole solution.
    """

    KIND: ClassVar[str] = "training_example"
    example_id: str
    problem_id: str
    input_ids: list[int]
    labels: list[int]
    prompt_tokens: int
    prefix_tokens: int
    intervention_tokens: int


@dataclass(frozen=True, slots=True)
class TrainingStep(Record):
    """What was logged at one step of training; a quantity that the kind of training does not have is NaN."""

    KIND: ClassVar[str] = "training_step"
    step: int
    loss: float
    learning_rate: float
    grad_norm: float
    reward: float
    all_wrong: float
    all_right: float
    entropy: float
    kl: float
    clipped: float
    length: float
    truncated: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TraceLikelihood(Record):
    """How likely the base model finds a part of a training row, given all that stands before it.

    ``nll`` is the negative log-likelihood in nats, summed over the ``tokens`` of the part; a part without tokens has no
    record. The end-of-sequence token is a part of its own.
    """

    KIND: ClassVar[str] = "trace_likelihood"
    example_id: str
    problem_id: str
    part: Part
    tokens: int
    nll: float


@dataclass(frozen=True, slots=True)
class Drift(Record):
    """How far an arm's model is from the base model on one of the base model's rollouts.

    ``kl`` is KL(base, arm) of the next token, ``entropy`` and ``base_entropy`` are the entropies of the arm's and the
    base model's next token, in nats and summed over the ``tokens`` of the rollout.
    """

    KIND: ClassVar[str] = "drift"
    rollout_id: str
    problem_id: str
    tokens: int
    kl: float
    entropy: float
    base_entropy: float
