"""The workers of an engine: forked on demand up to a number, lent to one query at a time, replaced when there is doubt."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from server.engine.errors import EngineBusyError, EngineFailureError

if TYPE_CHECKING:
    from server.engine.base import Limits
    from server.engine.processes import Worker, Zygote


class Pool:
    """Any thread may take a worker; whoever took it gives it back or discards it."""

    def __init__(self, zygote: Zygote, limits: Limits) -> None:
        self._zygote = zygote
        self._limits = limits
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._size = 0
        self._closed = False

    def take(self) -> Worker:
        """Return a worker; if none comes free in time, an EngineBusyError."""
        deadline = time.monotonic() + self._limits.queue_s
        with self._changed:
            while True:
                if self._closed:
                    raise EngineFailureError("the engine is closed")
                worker = self._idle_or_new()
                if worker:
                    return worker
                if not self._changed.wait(deadline - time.monotonic()):
                    raise self._busy()

    def give_back(self, worker: Worker) -> None:
        """Lend the worker to the next query."""
        with self._changed:
            if not self._closed:
                self._idle.append(worker)
                self._changed.notify()
                return
        worker.close()

    def discard(self, worker: Worker) -> int | None:
        """End the worker, whatever it does, and put a new one in its place; return its wait status where known."""
        status = self._zygote.end(worker)
        with self._changed:
            self._size -= 1
            if not self._closed:
                with suppress(OSError):  # the next to take one tries again, and is told
                    self._idle.append(self._fork())
                self._changed.notify()
        return status

    def close(self) -> None:
        """End all workers, the busy ones too."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for worker in idle:
            worker.close()
        self._zygote.close()

    def _idle_or_new(self) -> Worker | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_idle():
                return worker
            self._zygote.end(worker)
            self._size -= 1
        return self._fork() if self._size < self._limits.workers else None

    def _fork(self) -> Worker:
        worker = self._zygote.fork()
        self._size += 1
        return worker

    def _busy(self) -> EngineBusyError:
        after = math.ceil(self._limits.timeout_s)  # by then what runs now has ended, one way or the other
        detail = f"all {self._limits.workers} workers are busy; try again in {after} s"
        return EngineBusyError(detail, headers={"Retry-After": str(after)})
