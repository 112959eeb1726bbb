"""A language model that is asked in chats, and what asking it may cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from int_bench.config.engines import EngineConfig, SamplingConfig
from int_bench.config.section import Positive, Section

Dollars = Annotated[float, Field(ge=0.0)]


class RateConfig(Section):
    """What a server admits in a minute; by default there is no limit.

    A request counts with its prompt and all that it may be answered with, until it is known what it was answered with.
    """

    requests_per_minute: Positive | None = None
    tokens_per_minute: Positive | None = None


class PricesConfig(Section):
    """Dollars for a million tokens of prompts (``input``) and of answers (``output``)."""

    input: Dollars = 0.0
    output: Dollars = 0.0


class BudgetConfig(Section):
    """What may be spent in all, over all starts of a job; by default there is no limit."""

    tokens: Positive | None = None
    dollars: Annotated[float, Field(gt=0.0)] | None = None


class ChatConfig(Section):
    """A language model that is asked in chats.

    ``model`` is "base" for the run's base model, or a folder or hub id; of the engine "http" it is ``engine.server``
    that names the model.
    """

    model: str = "base"
    engine: EngineConfig = EngineConfig()
    sampling: SamplingConfig = SamplingConfig()
    rate: RateConfig = RateConfig()
    prices: PricesConfig = PricesConfig()
    budget: BudgetConfig = BudgetConfig()

    @model_validator(mode="after")
    def _priced(self) -> ChatConfig:
        if self.budget.dollars is not None and not (self.prices.input or self.prices.output):
            raise ValueError("budget.dollars says nothing without prices: give prices.input and prices.output")
        return self


def is_base(chat: ChatConfig) -> bool:
    """Whether it is the run's base model that is asked."""
    return chat.model == "base" and chat.engine.name != "http"
