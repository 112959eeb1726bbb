"""The prompts of oracles, a template file each; those whose names begin with ``compact_`` are for the taught model."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from int_bench.errors import UserError


def render(name: str, **parts: str) -> str:
    r"""The prompt of that name, without its final newline, with the parts put in; parts that it lacks are ignored.

    >>> render("compact_category", step="c=7-9=8", guidance="c=9-7=2")
    'c=7-9=8\nc=9-7=2\nLevel?'

    Raises UserError for a name without a template, or a template with a part that is not given.
    """
    source = files(__name__) / f"{name}.md"
    if not source.is_file():
        raise UserError(f"no prompt {name!r} in int_bench/prompts")
    template = Template(source.read_text(encoding="utf-8").removesuffix("\n"))
    try:
        return template.substitute(parts)
    except KeyError as error:
        raise UserError(f"prompt {name}: nothing given for ${{{error.args[0]}}}") from None
