"""Results on their way to clients: from the cache, whole with their length, or in chunks as the worker makes them.

Up to WHOLE bytes a result is collected before anything is sent, so that an error has its own status however late it comes.
A larger one is begun, and broken off if it fails: an answer without its last chunk is none. HTTP/1.0 knows no chunks, and
gets every result whole.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from werkzeug.http import parse_etags

from server.asgi import give, part, start
from server.encodings import ENCODERS, WORTHWHILE, encode, encoding
from server.engine.fairness import client_of
from server.excerpt import MAX_BYTES, Excerpt
from server.flow import Flow
from server.log import tell
from server.presence import Presence
from server.problems import ProblemError
from server.result_cache import Result, ResultCache
from server.spool import Disk

if TYPE_CHECKING:
    from server.asgi import Headers, Message, Receive, Request, Send
    from server.encodings import Encoder
    from server.engine.running import RunningQuery
    from server.engine.worker_engine import WorkerEngine
    from server.plan import Plan

#: Bytes up to which a result is sent with its length.
WHOLE = 1 << 18

#: Bytes up to which a result is compressed on the spot: to hand it to a thread takes as long.
SMALL = 1 << 14

#: Files of results that clients are slow to take may hold so many times the largest result, all together.
DISK_SHARE = 2


class Results:
    """Answers queries. ``headers`` are what every success has."""

    def __init__(self, engine: WorkerEngine, headers: Headers) -> None:
        self._engine = engine
        self._headers = headers
        self._cache = ResultCache()
        self._disk = Disk(DISK_SHARE * engine.limits.result_mb << 20)

    async def answer(self, plan: Plan, request: Request, receive: Receive, send: Send) -> None:
        """Answer a query; what is wrong with it is raised if nothing was sent yet, and else breaks the connection off."""
        if request.method != "POST" and (held := _held(request.header(b"if-none-match"), plan.etag)):
            await send(start(304, [*self._headers, (b"etag", held.encode())]))
            await send(part(b"", more=False))
            return
        wanted = encoding(request.header(b"accept-encoding"))
        result = self._cache.get(plan.etag, wanted) or self._cache.get(plan.etag, None)
        if result:
            await self._send_whole(await self._encoded(plan.etag, result, wanted), plan, request, send)
            return
        running = self._engine.start(plan.query, plan.timeout_s, client_of(request.address))
        try:
            with Presence(receive):
                await running.start()
                await self._deliver(running, plan, request, wanted, send)
        finally:
            running.close()

    async def excerpt(self, plan: Plan, request: Request, receive: Receive) -> Excerpt | None:
        """Return the beginning of the answer, None for a client that has gone away; what is wrong with the query is raised."""
        running = self._engine.start(plan.query, plan.timeout_s, client_of(request.address))
        try:
            with Presence(receive):
                await running.start()
                data = bytearray()
                while len(data) < MAX_BYTES and (chunk := await running.next()):
                    data += chunk
                whole = len(data) < MAX_BYTES
                return Excerpt(plan.query, running.kind, bytes(data[:MAX_BYTES]), whole)
        finally:
            running.close()
        return None

    async def _deliver(
        self, running: RunningQuery, plan: Plan, request: Request, wanted: str | None, send: Send
    ) -> None:
        chunks: list[bytes] = []
        size = 0
        while size <= WHOLE:
            chunk = await running.next()
            if not chunk:
                result = Result(running.format.content_type, chunks)
                self._cache.put(plan.etag, result)
                await self._send_whole(await self._encoded(plan.etag, result, wanted), plan, request, send)
                return
            chunks.append(chunk)
            size += len(chunk)
        record = self._cache.recorder(plan.etag, running.format.content_type)
        flow = Flow(running, b"".join(chunks), record, self._disk)
        chunks.clear()
        try:
            in_chunks = request.scope["http_version"] not in {"1", "1.0"}
            wanted = wanted if in_chunks else None
            headers = self._of(running.format.content_type, plan.etag, request, wanted)
            if not in_chunks:
                headers.append((b"content-length", str(await flow.size()).encode()))
            begin = start(200, headers)
            await self._send_parts(flow, begin, ENCODERS[wanted]() if wanted else None, running, request, send)
        finally:
            flow.close()

    async def _send_parts(
        self, flow: Flow, begin: Message, encoder: Encoder | None, running: RunningQuery, request: Request, send: Send
    ) -> None:
        """Begin when there is something to send: an encoder may collect all of a result that then fails."""
        begun = False
        last = b""
        try:
            while not request.is_head and (block := await flow.next()):
                with flow.passing_on():
                    encoded = await asyncio.to_thread(encoder.add, block) if encoder else block
                    if encoded:  # an empty part would be the last one
                        if not begun:
                            await send(begin)
                            begun = True
                        await give(send, encoded)
            if encoder and not request.is_head:
                last = encoder.end()
        except ProblemError as error:  # and no last part: the server breaks the connection off
            if not begun:
                raise
            _tell_of(running, error.detail)
        except TimeoutError:
            _tell_of(running, "its client takes nothing")
        else:
            if not begun:
                await send(begin)
            await send(part(last, more=False))

    async def _send_whole(self, result: Result, plan: Plan, request: Request, send: Send) -> None:
        headers = self._of(result.content_type, plan.etag, request, result.encoding)
        headers.append((b"content-length", str(result.size).encode()))
        await send(start(200, headers))
        await send(part(b"" if request.is_head else result.body, more=False))

    async def _encoded(self, etag: str, result: Result, wanted: str | None) -> Result:
        if wanted is None or result.encoding or result.size < WORTHWHILE:
            return result
        small = result.size <= SMALL
        body = encode(result.body, wanted) if small else await asyncio.to_thread(encode, result.body, wanted)
        encoded = Result(result.content_type, [body], wanted)
        self._cache.put(etag, encoded)
        return encoded

    def _of(self, content_type: str, etag: str, request: Request, encoded: str | None = None) -> Headers:
        """Return the headers of a result. What was posted is nobody's to hold, so it has no tag."""
        headers = [*self._headers, (b"content-type", content_type.encode())]
        if encoded:
            headers.append((b"content-encoding", encoded.encode()))
        if request.method != "POST":
            tag = f"{etag}:{encoded}" if encoded else etag
            headers.append((b"etag", f'"{tag}"'.encode()))
        return headers


def _tell_of(running: RunningQuery, why: str) -> None:
    tell("broken-off", f"the result of query {running.id} is broken off: {why}", query=running.id)


def _held(if_none_match: str | None, etag: str) -> str | None:
    """Return the client's own tag for the result: a compressed one has the name of its encoding behind a colon."""
    if if_none_match is None:
        return None
    tags = parse_etags(if_none_match)
    if tags.star_tag:
        return f'"{etag}"'
    return next((f'"{tag}"' for tag in tags.as_set(include_weak=True) if tag.partition(":")[0] == etag), None)
