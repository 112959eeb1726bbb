"""Serve the page on this machine until it is interrupted."""

from __future__ import annotations

import contextlib
import errno
import getpass
import re
import socket
import webbrowser
from pathlib import Path

import uvicorn

from int_bench.annotate.app import Desk, app_of
from int_bench.annotate.attempts import shown_attempts
from int_bench.annotate.store import AnswerFile, check_name
from int_bench.config import RunConfig
from int_bench.errors import UserError
from int_bench.layout import Layout


def annotate(config: RunConfig, layout: Layout, annotator: str | None, port: int, browser: bool) -> str:
    """Let a person judge the run's failed attempts in a browser; returns the file of answers when interrupted.

    Without a name the annotator has the user's. Port 0 is any free one. Raises UserError if the port is taken, if the
    name is no plain one or is at work already, and if the run has no failed attempts.
    """
    annotator = annotator or _user()
    check_name(annotator)
    attempts = shown_attempts(config, layout)
    if not attempts:
        raise UserError(f"{layout.rollouts('mining')}: no failed attempt at a problem of the hard training set")
    path = layout.annotations(annotator)
    with _listen(port) as listening, AnswerFile(Path(path)) as file:
        port = listening.getsockname()[1]
        desk = Desk(layout.name, annotator, attempts, file, config.interventions.placement)
        app = app_of(desk, port)
        address = f"http://127.0.0.1:{port}/"
        print(f"{address} waits for {annotator}, who has answered {len(desk.answers)} of {len(attempts)}", flush=True)
        print("Ctrl+C ends it; every answer is on the disk as soon as it is given", flush=True)
        if browser:
            webbrowser.open(address)  # it waits: the socket listens already
        settings = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listening])
    return path


def _user() -> str:
    try:
        return re.sub(r"[^a-z0-9_-]", "-", getpass.getuser().lower())
    except (KeyError, OSError):
        raise UserError("this machine has no name for you: add --as NAME") from None


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise UserError(f"port {port} is taken: add --port N, or --port 0 for any free one") from None
