"""The client of a server with an interface like OpenAI's: its key, its models, and what is said of its failures.

The client library retries what may pass (refused and cut connections, time-outs, 408, 409, 429, 5xx) after pauses that
grow up to 8 seconds, shortened at random by up to a quarter, or that the server asks for with ``Retry-After``, up to
two minutes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from openai import OpenAI, OpenAIError, Timeout

from int_bench.config import ServerConfig
from int_bench.errors import UserError

OPEN = ("vllm", "sglang")
"""What these servers say owns their models. Others may refuse a request with a field that they do not know."""
FILLED_IN = {"min_p": 0.0, "repetition_penalty": 1.0}
"""What those servers would take from the model's generation_config.json, were it not said."""
_SLOWEST = 10.0  # tokens a second of one request, on a server with many


def client_of(config: ServerConfig, **options: Any) -> OpenAI:
    """The client of a server.

    Raises UserError if the environment lacks the key.
    """
    return OpenAI(
        base_url=config.url, api_key=_key(config), max_retries=config.retries, timeout=config.seconds, **options
    )


def patience(config: ServerConfig, most: int) -> Timeout:
    """How long a request for at most so many tokens may take: an answer comes whole.

    So it has the configured time and, beyond that, what a slow server needs for all that it may generate: else a long
    answer would time out, and again with its seed.

    >>> patience(ServerConfig(seconds=600.0), 32_000).read
    3800.0
    """
    return Timeout(config.seconds, read=config.seconds + most / _SLOWEST)


def served(client: OpenAI, config: ServerConfig) -> Sequence[Any]:
    """The models that the server has; none is asked for if one is named and the server keeps no list.

    Raises UserError if the server cannot be reached, or serves several models and none is named.
    """
    try:
        models = list(client.models.list().data)
    except OpenAIError as error:
        if config.model and getattr(error, "status_code", None) == 404:
            return []
        failure = failed(config, error)
    except (ValueError, TypeError, AttributeError):  # a page for people, or JSON of another kind
        failure = UserError(f"{config.url}: what answers there is no server of models; engine.server.url may lack /v1")
    else:
        names = [row.id for row in models]
        if config.model or len(names) == 1:
            return models
        failure = UserError(f"{config.url}: name one of its models in engine.server.model: {', '.join(names)}")
    raise failure  # here, where the client's own error, which may repeat the key, is not its context


def failed(config: ServerConfig, error: BaseException) -> UserError:
    """One line about a request that failed for good."""
    status = getattr(error, "status_code", 500)  # there is none where the connection failed
    tried = f" after {config.retries} retries" if status >= 500 or status in (408, 409, 429) else ""
    said = " ".join(hidden(config, str(error)).split())[:300]
    return UserError(f"{config.url}: {type(error).__name__}{tried}: {said}")


def hidden(config: ServerConfig, text: str) -> str:
    """A server's words without the key, which some repeat."""
    key = os.environ.get(config.key or "")
    return text.replace(key, "[key]") if key else text


def _key(config: ServerConfig) -> str:
    """The key that the environment holds; servers without one are given a word that means nothing."""
    if config.key is None:
        return "none"
    if not os.environ.get(config.key):
        raise UserError(f"{config.url}: the environment variable {config.key} holds no key")
    return os.environ[config.key]
