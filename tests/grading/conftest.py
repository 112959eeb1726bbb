"""Watching the child processes that grading starts."""

from collections.abc import Callable

import psutil
import pytest


@pytest.fixture
def worker_processes() -> Callable[[], list[psutil.Process]]:
    """List the children started since the test began, zombies too."""
    before = set(psutil.Process().children())
    return lambda: [child for child in psutil.Process().children() if child not in before]
