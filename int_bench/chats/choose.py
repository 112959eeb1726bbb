"""The chats that a configuration asks for: local or served, kept, and within a budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from int_bench.chats.base import Chats
from int_bench.chats.budget import Budgeted, budget_of
from int_bench.chats.cache import Cached, Store
from int_bench.chats.tally import Tallied
from int_bench.config import ChatConfig, digest
from int_bench.reads import engine_parts


@contextmanager
def chats_of(config: ChatConfig, base_model: str | Path, answers: str | Path, job: str) -> Iterator[Tallied]:
    """Chats with the model of a configuration; what they hold is given back at the end.

    ``answers`` is the file in which answers are kept. ``job`` names who asks: the budget is the job's, over all its
    starts, and its progress is shown under that name.

    Raises UserError, at first use, where a model, an engine or a server is missing.
    """
    budget = budget_of(config.budget, config.prices)
    with ExitStack() as stack:
        store = stack.enter_context(closing(Store(answers)))
        chats = stack.enter_context(_asked(config, base_model))
        yield Tallied(Cached(Budgeted(chats, budget, store, job), store), budget, job)


@contextmanager
def _asked(config: ChatConfig, base_model: str | Path) -> Iterator[Chats]:
    """Who is asked; each library is imported only when it is used."""
    if config.engine.name == "http":
        from int_bench.chats.server import ServerChats

        with closing(ServerChats(config.engine.server, config.rate)) as server:
            yield server
        return
    from int_bench.chats.local import LocalChats
    from int_bench.engines.choose import engine_of, identity
    from int_bench.manifest import fingerprint
    from int_bench.models import load_tokenizer

    folder = _folder(config.model, base_model)
    tokenizer = load_tokenizer(folder)
    with engine_of(config.engine, folder, tokenizer) as engine:
        engine_name = f"{identity(config.engine)}/{digest(engine_parts(config.engine))}"
        yield LocalChats(engine, tokenizer, f"{fingerprint(folder)}/{engine_name}")


def _folder(model: str, base_model: str | Path) -> Path:
    """The folder of a model: the run's base model, a local folder, or the hub's snapshot."""
    if model == "base":
        return Path(base_model)
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(model))
