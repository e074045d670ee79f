"""ASGI as the front speaks it: the types of its callables, and a request's parts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

#: Seconds in which a client must have taken what was sent to it, or it is not waited for any more.
STALLED_S = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request as ASGI describes it."""

    scope: Scope

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def is_head(self) -> bool:
        return self.method == "HEAD"

    @property
    def address(self) -> str:
        """The client's address."""
        return str((self.scope.get("client") or ("",))[0])

    def header(self, name: bytes) -> str | None:
        """Return a header's value, of one that is sent several times all values; None if it is not sent."""
        values = [value for each, value in self.scope["headers"] if each == name]
        return b",".join(values).decode("latin-1") if values else None


def start(status: int, headers: Headers) -> Message:
    """Return the message that begins an answer."""
    return {"type": "http.response.start", "status": status, "headers": headers}


def part(body: bytes, *, more: bool = True) -> Message:
    """Return the message that holds some of the body, or the last of it."""
    return {"type": "http.response.body", "body": body, "more_body": more}


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """Return the body, cut off behind ``limit`` bytes and one; None if the client has gone away."""
    body = bytearray()
    while len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body[: limit + 1])


async def give(send: Send, body: bytes, *, more: bool = True) -> None:
    """Send some of the body, or the last of it; a TimeoutError if the client takes nothing."""
    async with asyncio.timeout(STALLED_S):
        await send(part(body, more=more))


async def live(receive: Receive, send: Send, begin: Callable[[], object], end: Callable[[], Awaitable[None]]) -> None:
    """Begin with the server's event loop and end with it (ASGI's lifespan)."""
    await receive()
    begin()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await end()
    await send({"type": "lifespan.shutdown.complete"})
