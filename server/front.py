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
from server.excerpt import EXCERPT
from server.pages import Pages
from server.plan import Planner
from server.problems import PROBLEM, ProblemError
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
        told: dict[str, object] | None = {}
        if scope["path"] == PATH and request.method in {"GET", "HEAD", "POST"}:
            try:
                told = await self._answer(request, body, receive, send)
            except (ProblemError, HTTPException) as error:
                told = {PROBLEM: error}
        if told is not None:
            await self._pages.answer(scope, body or b"", send, told)

    async def _answer(
        self, request: Request, body: bytes | None, receive: Receive, send: Send
    ) -> dict[str, object] | None:
        """Answer a query; else return what Flask is to be told that has to: of no query nothing, of one its first results."""
        address, accept = request.scope["query_string"], request.header(b"accept")
        plan = self._planner.of(address, accept, request.header(b"content-type"), body)
        if plan is None:
            return {}
        with metrics.measured():
            if not plan.for_page:
                await self._results.answer(plan, request, receive, send)
                return None
            excerpt = await self._results.excerpt(plan, request, receive)
        return {EXCERPT: excerpt} if excerpt else None

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
