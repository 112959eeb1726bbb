"""Keep other sites away from a server on this machine: any page that a browser shows can send it requests.

A page of another site cannot read what comes back, but it could write answers (cross-site request forgery), and with a
name of its own that it points to 127.0.0.1 it could read them, too (DNS rebinding). So a request must name this server
as its host, and one that writes must come from a page of this server and hold JSON.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # Going back in the browser shows what was answered since.
    "Cache-Control": "no-store",
}


class Guard:
    """Middleware that refuses what does not come from a page of the server on ``port``, and that sends ``HEADERS``."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with status 403."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self._refusal(scope["method"], Headers(scope=scope))
        answer = JSONResponse({"error": refusal}, status_code=403) if refusal else self._app
        await answer(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get("host")
        if host not in self._hosts:
            return "the host of the address is not this server"
        if method not in ("GET", "HEAD"):
            if headers.get("origin") != f"http://{host}":
                return "the request does not come from a page of this server"
            if headers.get("content-type") != "application/json":
                return "the request does not hold JSON"
        return None
