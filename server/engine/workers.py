"""The worker processes of an engine, from their fork to their end, whoever has one in between (pool.py)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from typing import TYPE_CHECKING

from server.engine.channel import READ, Channel
from server.engine.errors import EngineFailureError
from server.engine.frames import FrameType
from server.engine.zygote import DYING
from server.log import warn
from server.metrics import WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from server.engine.processes import Zygote

#: Seconds that a worker may take to open the store.
OPENING_S = 60.0

#: So many that die as they open it, and none that does not in between, are not a chance any more.
DEATHS = 10

#: Seconds after which it is asked again whether a worker that was killed is gone.
DYING_S = 0.01

NOT_STARTED = "no worker can be started; the operator's log says more"


class Workers:
    """One event loop has them. ``on_loss`` is told when one is gone that nobody has ended."""

    def __init__(self, zygote: Zygote, on_loss: Callable[[Channel], None]) -> None:
        self.closed = False
        self._deaths = 0
        self._zygote = zygote
        self._on_loss = on_loss
        self._channels: set[Channel] = set()
        self._tasks: set[asyncio.Task[int | None]] = set()
        self._buffer = memoryview(bytearray(READ))

    async def fork(self) -> Channel:
        """Return a worker that has opened the store, for which no query has to wait then; an EngineFailureError if none has."""
        while not self.closed:
            channel = await self._begin()
            try:
                async with asyncio.timeout(OPENING_S):
                    first = await channel.frame()
            except TimeoutError:
                warn("worker-failed", f"a worker has not opened the store within {OPENING_S:g} s")
                first = None
            if first and first[0] is FrameType.READY:
                self._deaths = 0
                return channel
            status = await self.end(channel)
            if first:
                content = json.loads(first[1])
                warn("worker-failed", f"a worker cannot begin: {content['log']}")
                raise EngineFailureError(content["detail"])
            self._deaths += 1
            if self._deaths >= DEATHS and not self.closed:
                warn(
                    "worker-failed",
                    f"{self._deaths} workers have ended as they opened the store, now by {ending(status)}",
                )
                raise EngineFailureError(NOT_STARTED)
        raise EngineFailureError("the engine is closed")

    def end(self, channel: Channel) -> asyncio.Task[int | None]:
        """End a worker, whatever it does; the task returns its wait status where known."""
        channel.abort()
        return self.run(self._reap(channel))

    def run(self, work: Coroutine[Any, Any, int | None]) -> asyncio.Task[int | None]:
        """Work on the workers beside the queries; who closes them waits for that."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End all of them."""
        self.closed = True
        for channel in self._channels:
            channel.abort()
        await asyncio.sleep(0)  # those who read from them discard them in the loop's next turn
        while self._tasks:
            await asyncio.wait(self._tasks)
        await asyncio.sleep(0)  # and the transports close in the one after that

    async def _begin(self) -> Channel:
        loop = asyncio.get_running_loop()
        try:
            pid, connection = await loop.run_in_executor(None, self._zygote.fork)
            connection.settimeout(0)
            _, channel = await loop.create_unix_connection(
                lambda: Channel(pid, connection, self._buffer, self._on_loss), sock=connection
            )
        except OSError as error:
            warn("worker-failed", f"a worker cannot be forked: {error}")
            raise EngineFailureError(NOT_STARTED) from None
        self._channels.add(channel)
        WORKERS.inc()
        if self.closed:
            channel.abort()
        return channel

    async def _reap(self, channel: Channel) -> int | None:
        if channel in self._channels:
            self._channels.remove(channel)
            WORKERS.dec()
        loop = asyncio.get_running_loop()
        while (status := await loop.run_in_executor(None, self._zygote.end, channel.pid)) == DYING:  # noqa: ASYNC110 - it answers, and tells nothing by itself
            await asyncio.sleep(DYING_S)
        return status


def ending(status: int | None) -> str:
    """Return the name of the signal that ended a process with this wait status, or that none did."""
    ended_by = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0
    try:
        return signal.Signals(ended_by).name if ended_by else "no signal"
    except ValueError:  # the signals for whatever one likes have no names
        return f"signal {ended_by}"
