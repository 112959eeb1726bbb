"""The command line: each command parses its arguments, calls one function and prints where the result went.

Stage modules are imported by the command that needs them, so that ``int-bench --help`` answers at once.
"""

from __future__ import annotations

import os
import sys

import typer

from int_bench.cli import ablation, stages, tools
from int_bench.errors import UserError

app = typer.Typer(
    help="Rebuild the tables and figures of Interventional Training (InT).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(tools.app)
app.add_typer(stages.app)
app.add_typer(ablation.app, name="ablation")


def main() -> None:
    """Run the command line; what a user can mend is one line on stderr, and exit code 1."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # The trainer would say in each log that a rollout function of one's own is an experimental feature.
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    try:
        app()
    except UserError as error:
        sys.exit(f"int-bench: {error}")
    except OSError as error:
        # A full disk or a folder without permission: the system's words and the file are all that helps.
        sys.exit(f"int-bench: {error.filename or 'input/output'}: {error.strerror or error}")
