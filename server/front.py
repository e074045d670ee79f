"""What the server runs: queries are answered from the event loop (results.py), everything else by Flask (pages.py).

Also whatever is wrong with a query is Flask's to answer: there is one way in which errors are told.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.exceptions import HTTPException

from server import metrics
from server.asgi import Request, live, read_body
from server.context import EXTENSION
from server.pages import Pages
from server.plan import Planner
from server.problems import ProblemError
from server.results import Results
from server.sparql_request import MAX_BODY

if TYPE_CHECKING:
    from flask import Flask

    from server.asgi import Headers, Receive, Scope, Send

PATH = "/sparql"

#: A proxy may keep an answer and asks each time whether it still holds: it does until the next release.
CACHE_CONTROL = "public, no-cache"

#: What is each result's own among its headers.
OWN = frozenset({"content-type", "content-length", "etag", "date"})


class Front:
    """The ASGI application around a Flask application that has an engine (context.py)."""

    def __init__(self, app: Flask) -> None:
        here = app.extensions[EXTENSION]
        self.release_id = here.release_id
        self._engine = here.engine
        self._hold = here.hold
        self._pages = Pages(app)
        self._planner = Planner(here.release_id)
        self._headers = _headers(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send, self.open, self.close)
            return
        request = Request(scope)
        body = None if request.method in {"GET", "HEAD"} else await read_body(receive, MAX_BODY)
        if body is None and request.method not in {"GET", "HEAD"}:
            return
        problem: Exception | None = None
        if scope["path"] == PATH and request.method in {"GET", "HEAD", "POST"}:
            try:
                if await self._answer(request, body, receive, send):
                    return
            except (ProblemError, HTTPException) as error:
                problem = error
        await self._pages.answer(scope, body or b"", send, problem)

    async def _answer(self, request: Request, body: bytes | None, receive: Receive, send: Send) -> bool:
        """Answer a query; False for a request that asks none."""
        address, accept = request.scope["query_string"], request.header(b"accept")
        plan = self._planner.of(address, accept, request.header(b"content-type"), body)
        if plan:
            with metrics.measured():
                await self._results.answer(plan, request, receive, send)
        return plan is not None

    def open(self) -> None:
        """Begin to work in the running event loop."""
        self._engine.join(asyncio.get_running_loop())
        self._results = Results(self._engine, self._headers)

    async def close(self) -> None:
        """End all that still works on an answer."""
        await self._engine.shut()
        self._pages.close()
        self._hold.close()

    def end(self) -> None:
        """End the engine from outside of the loop."""
        self._engine.close()
        self._hold.close()


def _headers(app: Flask) -> Headers:
    """Return what Flask's hooks would add to a result, the same for all."""
    with app.test_request_context(PATH):
        response = Response(headers={"Cache-Control": CACHE_CONTROL})
        response.vary.update(["Accept", "Accept-Encoding"])
        done = app.process_response(response)
    return [(name.lower().encode(), value.encode()) for name, value in done.headers if name.lower() not in OWN]
