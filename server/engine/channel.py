"""The event loop's side of one worker: requests out, frames in, and the worker left to wait while nobody takes them."""

from __future__ import annotations

import asyncio
import math
import select
from collections import deque
from typing import TYPE_CHECKING, cast

from server.engine.frames import HEADER, FrameType, FrameWriter
from server.proc import read_process

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket

    from server.engine.pool import Asking

#: Bytes that nobody has taken yet, past which nothing more is read.
HIGH = 2 * FrameWriter.CHUNK

#: Bytes that one read takes at most: two frames of an answer, with what stands before them.
READ = 2 * FrameWriter.CHUNK + (1 << 12)


class Channel(asyncio.BufferedProtocol):
    """One worker process and the socket to it. A loop reads one at a time, so all its channels may share a ``buffer``.

    ``on_loss`` is told when the worker is gone.
    """

    def __init__(self, pid: int, connection: socket, buffer: memoryview, on_loss: Callable[[Channel], None]) -> None:
        self.pid = pid
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)
        self._on_loss = on_loss
        self.lost = False
        self.served = 0
        self.retired = False
        self.demoted = False
        #: Whether its last query took no time worth mentioning (pool.py).
        self.is_quick = False
        #: The query that was sent already while the worker is at another one.
        self.next: Asking | None = None
        #: Whether more than the query that the worker is at was sent to it: what it has not read then tells nothing of that one.
        self.is_ahead = False
        #: Seconds of a processor that the worker had had when it answered last.
        self.cpu_s = 0.0
        self._buffer = buffer
        self._rest = bytearray()
        self._frames: deque[tuple[FrameType, bytes]] = deque()
        self._held = 0
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False
        self._unread = False
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        # whoever has read all that was sent to it leaves without an error
        self._unread = isinstance(exc, ConnectionError)
        self._wake()
        self._on_loss(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - one size fits
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = self._buffer[:nbytes]
        if self._rest:
            self._rest += data
            data = memoryview(self._rest)
        at = 0
        while len(data) - at >= HEADER.size:
            kind, length = HEADER.unpack_from(data, at)
            if len(data) - at - HEADER.size < length:
                break
            at += HEADER.size + length
            self._frames.append((FrameType(kind), bytes(data[at - length : at])))
            self._held += length
        self._rest = bytearray(data[at:])
        if self._frames:
            if self._held > HIGH and not self._paused:
                self._paused = True
                self._transport.pause_reading()
            self._wake()

    def is_alive(self) -> bool:
        """Tell whether an idle worker is there. Asks the kernel, which knows before the loop has had its turn."""
        return not self.lost and not self._poll.poll(0)

    def ask(self, message: bytes) -> None:
        """Send a query. A worker that is gone is not told apart here: reading tells."""
        self._transport.write(message)

    async def reads(self) -> bool:
        """Wait for a sign of the worker; False if it died before it had read what was asked."""
        await self._sign()
        return bool(self._frames) or not self._unread or self.is_ahead

    async def frame(self) -> tuple[FrameType, bytes] | None:
        """Return the next frame; None when the worker is gone."""
        await self._sign()
        if not self._frames:
            return None
        kind, payload = self._frames.popleft()
        self._held -= len(payload)
        return kind, payload

    def cpu_seconds(self) -> float:
        """Return the seconds of a processor that the worker has had since; endless where the system does not tell."""
        try:
            return read_process(self.pid).cpu_s - self.cpu_s
        except OSError:
            return math.inf

    def abort(self) -> None:
        """Close the socket at once; what was not taken is dropped."""
        self._frames.clear()
        self.lost = True
        self._transport.abort()
        self._wake()

    async def _sign(self) -> None:
        """Wait until there is a frame or no worker."""
        while not self._frames and not self.lost:
            if self._paused:
                self._paused = False
                self._transport.resume_reading()
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)
