"""The Flask application behind ASGI: each request in a thread, its body sent at the client's pace."""

from __future__ import annotations

import asyncio
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.asgi import Headers, give, part, start
from server.log import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeVar

    from flask import Flask

    from server.asgi import Message, Scope, Send

    T = TypeVar("T")

#: Requests that are worked on at a time. Far more than cores, for a page may wait for a query.
THREADS = 32

#: Bytes of a body that are sent at once.
BLOCK = 1 << 18


@dataclass(slots=True)
class Begun:
    """An answer whose first blocks are there: the second is nothing where the first is all."""

    head: Message
    first: bytes
    second: bytes
    rest: Iterator[bytes]
    close: Callable[[], object]


class Pages:
    """Answers requests with what Flask says."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._threads = ThreadPoolExecutor(THREADS, "page")

    async def answer(self, scope: Scope, body: bytes, send: Send, told: Mapping[str, object]) -> None:
        """Answer a request whose body has been read; ``told`` is what is known of it already, for its environment."""
        environ = {**_environ(scope, body), **told}
        begun = await self._in_thread(self._begin, environ)
        await send(begun.head)
        if not begun.second:
            await send(part(begun.first, more=False))
            return
        try:
            await self._send_all(begun, send)
        except TimeoutError:  # and no last part: the server breaks the connection off
            path = scope["path"]
            tell("broken-off", f"the answer to {path!r} is broken off: its client takes nothing", path=path)
        finally:
            await self._in_thread(begun.close)

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _send_all(self, begun: Begun, send: Send) -> None:
        """Send block after block, each when the client has room for it: it is not a thread that waits for that."""
        unsent, following = begun.first, begun.second
        while following:
            await give(send, unsent)
            unsent, following = following, await self._in_thread(next, begun.rest, b"")
        await give(send, unsent, more=False)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _begin(self, environ: dict[str, Any]) -> Begun:
        begun: list[Message] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[[bytes], object]:
            encoded: Headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            begun[:] = [start(int(status[:3]), encoded)]
            return lambda _: None

        chunks = self._app.wsgi_app(environ, start_response)
        close = getattr(chunks, "close", lambda: None)
        try:
            blocks = _blocks(chunks)
            first, second = next(blocks, b""), next(blocks, b"")
        except BaseException:
            close()
            raise
        if not second:
            close()
        return Begun(begun[0], first, second, blocks, close)


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small chunks: each message crosses from a thread to the event loop."""
    block, size = [], 0
    for chunk in chunks:
        block.append(chunk)
        size += len(chunk)
        if size >= BLOCK:
            yield b"".join(block)
            block, size = [], 0
    if block:
        yield b"".join(block)


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Return the request as WSGI has it (PEP 3333)."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if name == "CONTENT_TYPE":
            environ[name] = value
        elif name not in {"CONTENT_LENGTH", "TRANSFER_ENCODING"}:
            name = f"HTTP_{name}"
            environ[name] = f"{environ[name]},{value}" if name in environ else value
    return environ
