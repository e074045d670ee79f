"""The front, asked in this process as Werkzeug's test client asks a WSGI application."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from server.engine.bridge import LoopThread
from server.front import Front

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask


class OverAsgi:
    """A WSGI application that hands each request to the front of a Flask application. ``close`` it."""

    def __init__(self, app: Flask) -> None:
        self._front = Front(app)
        self._thread = LoopThread()
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._lifespan = asyncio.run_coroutine_threadsafe(self._live(), self._thread.loop)
        self._tell("startup")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        sent = asyncio.run_coroutine_threadsafe(self._ask(environ), self._thread.loop).result()
        status = HTTPStatus(sent[0]["status"])
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        start_response(f"{status.value} {status.phrase}", headers)
        assert sent[-1]["more_body"] is False
        return [message["body"] for message in sent[1:]]

    def close(self) -> None:
        self._tell("shutdown")
        self._lifespan.result()
        self._thread.close()

    async def _ask(self, environ: dict[str, Any]) -> list[dict[str, Any]]:
        headers = [
            (name.removeprefix("HTTP_").lower().replace("_", "-").encode(), value.encode("latin-1"))
            for name, value in environ.items()
            if name.startswith("HTTP_") or (name == "CONTENT_TYPE" and value)
        ]
        scope = {
            "type": "http",
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"].encode("latin-1").decode(),
            "query_string": environ["QUERY_STRING"].encode("latin-1"),
            "headers": headers,
            "http_version": "1.1",
            "scheme": environ["wsgi.url_scheme"],
            "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
            "client": (environ.get("REMOTE_ADDR", "127.0.0.1"), 1),
        }
        length = int(environ.get("CONTENT_LENGTH") or 0)
        requests = [{"type": "http.request", "body": environ["wsgi.input"].read(length), "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return requests.pop() if requests else await asyncio.Future()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._front(scope, receive, send)
        return sent

    async def _live(self) -> None:
        async def send(message: dict[str, Any]) -> None:
            assert message["type"].endswith(".complete")

        await self._front({"type": "lifespan"}, self._events.get, send)

    def _tell(self, event: str) -> None:
        put = self._events.put({"type": f"lifespan.{event}"})
        asyncio.run_coroutine_threadsafe(put, self._thread.loop).result()
