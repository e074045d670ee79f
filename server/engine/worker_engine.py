"""An engine whose queries run in worker processes, which can be killed, wherever those have their answers from."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from kg.errors import DataError
from kg.media import JSON
from server.engine.bridge import BridgedAnswer, LoopThread
from server.engine.errors import EngineFailureError
from server.engine.fairness import SERVER, Budgets
from server.engine.frames import FrameType, message, read_frame
from server.engine.pool import Pool
from server.engine.processes import Zygote
from server.engine.running import RunningQuery
from server.engine.workers import DYING_S, OPENING_S
from server.engine.zygote import DYING

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import TypeVar

    from server.engine.base import Limits, Query
    from server.engine.worker import WorkerConfig

    T = TypeVar("T")


class WorkerEngine:
    """Answers queries over one release (Engine in base.py). ``close`` it: its processes are not Python's to collect.

    One event loop works it: that which calls ``join`` first, else one in a thread of its own. In the loop a query is begun
    with ``start``; any other thread calls ``execute``.
    """

    def __init__(self, config: WorkerConfig, limits: Limits) -> None:
        self.limits = limits
        self.budgets = Budgets()
        self.running: dict[str, RunningQuery] = {}
        self.closed = False
        self._zygote = Zygote(config)
        self.pool = Pool(self._zygote, limits)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: LoopThread | None = None
        self._lock = threading.Lock()

    def join(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the server's own event loop work the engine."""
        self._loop = loop

    def start(self, query: Query, timeout_s: float | None, client: str) -> RunningQuery:
        """Return a query that is yet to start, in the name of a client; ``timeout_s`` may shorten the limit."""
        limit = self.limits.timeout_s if timeout_s is None else min(timeout_s, self.limits.timeout_s)
        return RunningQuery(self, query, limit, client)

    def execute(self, query: Query, timeout_s: float | None = None) -> BridgedAnswer:
        """Start a query of the server's own (see base.py)."""
        return self.wait(self._execute(query, timeout_s))

    def end(self, query: str) -> bool:
        """End a running query by its id, for the operator; False if there is none."""
        return self.wait(self._end(query))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work in the engine's loop and return what it returns, to any other thread."""
        with self._lock:
            if self.closed:
                work.close()
                raise EngineFailureError("the engine is closed")
            if self._loop is None:
                self._thread = LoopThread()
                self._loop = self._thread.loop
            doing = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return doing.result()
        except CancelledError:
            raise EngineFailureError("the engine is closed") from None

    async def shut(self) -> None:
        """End all workers, from within the engine's loop; a query that runs ends in an error."""
        self.closed = True
        await self.pool.close()
        await asyncio.get_running_loop().run_in_executor(None, self._zygote.close)

    def close(self) -> None:
        """End all workers, from any other thread; once more does nothing."""
        with self._lock:
            thread, self._thread = self._thread, None
            already, self.closed = self.closed, True
        if thread:
            asyncio.run_coroutine_threadsafe(self.shut(), thread.loop).result()
            thread.close()
        elif not already:
            self._zygote.close()

    async def _end(self, query: str) -> bool:
        running = self.running.get(query)
        if running:
            running.end()
        return running is not None

    async def _execute(self, query: Query, timeout_s: float | None) -> BridgedAnswer:
        running = self.start(query, timeout_s, SERVER)
        try:
            await running.start()
        except BaseException:
            running.close()
            raise
        return BridgedAnswer(self, running)

    def _try(self, text: str) -> bool:
        """Put a first ASK to a worker; if there is no answer, close the engine and say why in a DataError."""
        try:
            return self._first_answer(text)
        except BaseException:
            self.close()
            raise

    def _first_answer(self, text: str) -> bool:
        """Ask a worker of which there is no other use."""
        query = {"query": text, "results": JSON.media_type, "graph": None, "default": None, "named": None}
        answer = b""
        pid, connection = self._zygote.fork()
        with connection, connection.makefile("rb") as stream:
            connection.settimeout(OPENING_S)
            try:
                connection.sendall(message(FrameType.REQUEST, query))
                while (received := read_frame(stream)) and received[0] not in {FrameType.END, FrameType.ERROR}:
                    answer += received[1] if received[0] is FrameType.DATA else b""
            except OSError as error:
                raise DataError(str(error)) from None
            finally:
                while self._zygote.end(pid) == DYING:
                    time.sleep(DYING_S)
        if received is None:
            raise DataError("the worker ended")
        if received[0] is FrameType.ERROR:
            refusal = json.loads(received[1])
            raise DataError(refusal.get("log") or refusal["detail"])
        return bool(json.loads(answer)["boolean"])
