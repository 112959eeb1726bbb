"""How templates of pages are read: everything is escaped, and a missing value is an error."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from int_bench.pages.text import html_of


def environment(package: str) -> Environment:
    """The templates in the folder ``templates`` of a package, with the filter ``html_of`` for text with mathematics."""
    made = Environment(
        loader=PackageLoader(package), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["html_of"] = html_of
    return made
