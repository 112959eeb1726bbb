"""What generates text, and how its tokens are drawn."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from int_bench.config.section import Count, Positive, Section


class SamplingConfig(Section):
    """Decoding settings (Appendix E)."""

    temperature: Annotated[float, Field(ge=0.0)] = 1.0
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    top_k: Count = 0
    max_new_tokens: Positive = 128
    stop: tuple[str, ...] = ()


class VLLMConfig(Section):
    """vLLM: sequences in progress at most, the context to make room for, and the memory for keys and values.

    ``context`` is by default the model's own. ``memory`` is the share of a GPU's memory, ``cpu_memory`` that on a CPU
    in GiB.
    """

    sequences: Positive = 256
    context: Positive | None = None
    memory: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9
    cpu_memory: Positive = 1


class ServerConfig(Section):
    """A server with an interface like OpenAI's: ``vllm serve``, SGLang, a hosted one.

    ``model`` is by default the only one that it has. "completions" hands over tokens and needs the model's tokenizer
    here; "chat" hands over the conversation. ``key`` names the environment variable that holds a key.
    """

    url: str = "http://127.0.0.1:8000/v1"
    model: str | None = None
    endpoint: Literal["completions", "chat"] = "completions"
    concurrency: Positive = 64
    retries: Count = 8
    seconds: Annotated[float, Field(gt=0.0)] = 600.0
    key: str | None = None


class EngineConfig(Section):
    """What generates text, and in how many jobs.

    "auto" is vLLM on a GPU and transformers on a CPU. A sampling stage is divided into ``shards`` jobs, each on
    ``gpus`` GPUs. ``rows`` sequences are decoded together by transformers.
    """

    name: Literal["auto", "transformers", "vllm", "http"] = "auto"
    shards: Positive = 1
    gpus: Positive = 1
    rows: Positive = 512
    vllm: VLLMConfig = VLLMConfig()
    server: ServerConfig = ServerConfig()

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, given: Any) -> Any:
        """``engine: vllm`` is short for ``engine: {name: vllm}``."""
        return {"name": given} if isinstance(given, str) else given
