"""Watching the child processes that grading starts."""

from collections.abc import Callable

import psutil
import pytest


@pytest.fixture(scope="module")
def worker_processes() -> Callable[[], list[psutil.Process]]:
    """List the children started since, zombies too, without the tracker that Python keeps for spawned processes."""
    before = set(psutil.Process().children())

    def started() -> list[psutil.Process]:
        children = [child for child in psutil.Process().children() if child not in before]
        return [c for c in children if c.status() == psutil.STATUS_ZOMBIE or "resource_tracker" not in str(c.cmdline())]

    return started
