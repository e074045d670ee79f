"""The engine for threads: its event loop where there is no server's, and an answer that a thread may wait for."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.media import Format
    from server.engine.base import Kind
    from server.engine.running import RunningQuery
    from server.engine.worker_engine import WorkerEngine


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        started: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=asyncio.run, args=(self._main(started),), name="queries", daemon=True)
        self._thread.start()
        self.loop = started.result()

    def close(self) -> None:
        """Cancel what runs in the loop, and end it."""
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _main(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        self._stop = asyncio.Event()
        started.set_result(asyncio.get_running_loop())
        await self._stop.wait()


class BridgedAnswer:
    """A running query as a thread reads it (Answer in base.py)."""

    kind: Kind
    format: Format

    def __init__(self, engine: WorkerEngine, running: RunningQuery) -> None:
        self._engine = engine
        self._running = running
        self.kind = running.kind
        self.format = running.format

    def __iter__(self) -> BridgedAnswer:
        return self

    def __next__(self) -> bytes:
        chunk = self._engine.wait(self._running.next())
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        self._engine.wait(self._close())

    async def _close(self) -> None:
        self._running.close()
