"""The sections of trainings: how they use the machine, supervised fine-tuning, and its arms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from int_bench.config.section import Fraction, Name, Positive, Section


class TrainingConfig(Section):
    """How trainings use the machine: in several ``processes``, each on a GPU, they are started by accelerate.

    ``accelerate`` is the file with its settings. ``liger`` takes Liger's kernels for fine-tuning, ``checkpointing``
    computes activations twice rather than keep them; both only on GPUs.
    """

    processes: Positive = 1
    accelerate: str = "configs/accelerate/fsdp.yaml"
    liger: bool = False
    checkpointing: bool = True


class SFTConfig(Section):
    """Supervised fine-tuning (Tables 4 and 5), for a number of ``epochs`` or of ``trained_tokens``.

    Of tokens only those count that the loss does, so arms with rows of any length can be given equal ones. With
    ``packing`` the rows of a micro-batch are laid end to end instead of being padded; none sees another.
    """

    epochs: Positive | None = None
    trained_tokens: Positive | None = None
    batch: Positive
    micro_batch: Positive | None = None
    packing: bool = False
    learning_rate: Annotated[float, Field(gt=0.0)]
    min_lr_rate: Fraction = 0.1
    warmup_ratio: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1

    @model_validator(mode="after")
    def _divides(self) -> SFTConfig:
        if self.micro_batch and self.batch % self.micro_batch:
            raise ValueError(f"micro_batch {self.micro_batch} does not divide batch {self.batch}")
        if (self.epochs is None) == (self.trained_tokens is None):
            raise ValueError("give either epochs or trained_tokens")
        return self


class ArmConfig(Section):
    """One SFT arm: what is cloned from an oracle's interventions, or whole solutions (section 4.2, Table 1).

    ``oracle`` is by default the one in ``interventions``; ``solutions`` names whose whole solutions are cloned instead.
    Its rows are those of all problems, or of so many ``problems`` drawn at random, the fewer among the more. The
    ``filter`` takes what the selection kept, or as many at "random". The loss counts the ``prefix`` and the
    ``intervention`` if they are true; a ``suffix`` is there and counts, or is not there; an ``end`` of the sequence may
    follow the intervention (see ``training/examples.py``). An arm is evaluated on the hard sets and the held-out
    benchmark, with ``benchmarks`` on all the others as well; without ``pass_at_k`` hard problems have no more samples
    than others, which is enough for pass@1. A ``rule`` of its own, a file of ``rules/ablations/``, makes its model in
    another way.
    """

    oracle: Name | None = None
    solutions: Name | None = None
    problems: Positive | None = None
    filter: bool | Literal["random"] = True
    prefix: bool = True
    intervention: bool = True
    suffix: bool = False
    end: bool = False
    benchmarks: bool = False
    pass_at_k: bool = True
    rule: Name | None = None
    sft: SFTConfig

    @model_validator(mode="after")
    def _rows_can_be_made(self) -> ArmConfig:
        of_interventions: dict[str, Any] = {
            "oracle": None,
            "filter": True,
            "prefix": True,
            "intervention": True,
            "suffix": False,
            "end": False,
        }
        if self.solutions and any(getattr(self, name) != usual for name, usual in of_interventions.items()):
            *names, last = of_interventions
            raise ValueError(f"{', '.join(names)} and {last} are for interventions; solutions are cloned whole")
        if not (self.prefix or self.intervention or self.suffix):
            raise ValueError("the loss counts nothing: neither prefix, intervention nor suffix")
        if self.end and (self.suffix or not self.intervention):
            raise ValueError("an end follows an intervention that the loss counts; a suffix has its own")
        return self
