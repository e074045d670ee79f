"""Who gets a worker of an engine, and when: there are so many at most, lent to one query at a time, replaced in doubt.

One event loop owns a pool. A client holds all workers but one at most, and of those that wait the one goes first whose
client holds the fewest: whoever sends many queries waits behind its own. A query that is not brief makes room for others:
its worker goes to the background (background.py), and another one takes its place.

Look-ups take hardly longer than a process takes to wake up. So a worker that is quick finds the next query already there when
it has answered one, if nobody but this client waits. And while one quick worker for each processor, the event loop's aside,
has just begun, a query rather waits for these than wakes up another worker, which would take turns with them.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.engine.background import BRIEF_S, Background
from server.engine.channel import Channel
from server.engine.errors import ClientLimitError, EngineBusyError, EngineFailureError
from server.engine.fairness import SERVER
from server.engine.line import Line, Waiting
from server.engine.worker import GROWING_S
from server.engine.workers import Workers

if TYPE_CHECKING:
    from server.engine.base import Limits
    from server.engine.processes import Zygote
    from server.problems import ProblemError

#: Seconds within which a worker is quick: for so long a query has just begun. No less than worker.py's GROWING_S: a worker that
#: leaves after a query was not quick at it, and so is sent nothing ahead.
QUICK_S = GROWING_S

#: Seconds for which a query waits for the worker that it was sent to ahead. Whatever keeps that, another one answers then.
PROMISED_S = 0.02

#: Bytes of a request that is sent ahead at most: it must be with the worker, and not on its way, when that may leave.
AHEAD = 1 << 14

#: Queries that may wait for a worker, altogether and of one client.
QUEUE = 128
QUEUE_OF_CLIENT = 32


@dataclass(eq=False, slots=True)
class Asking(Waiting[Channel]):
    """A query that waits for a worker, as it is sent to one; ``promised`` until when to the one to which it was sent ahead."""

    request: bytes
    promised: float = 0.0


class Pool:
    """Whoever took a worker gives it back or discards it, in the name of the same client."""

    def __init__(self, zygote: Zygote, limits: Limits) -> None:
        self._workers = Workers(zygote, self._miss)
        self._limits = limits
        self._share = max(1, limits.workers - 1)
        self._idle: list[Channel] = []
        self._line: Line[Channel, Asking] = Line(limits.queue_s)
        self._held: Counter[str] = Counter()
        self._background = Background(limits.workers, limits.queue_s, self._held)
        #: Workers that are idle, at a brief query or about to be forked.
        self._size = 0
        #: Those at a brief query, and when it began, by the loop's clock.
        self._begun: dict[Channel, float] = {}
        self._processors = max(1, (os.cpu_count() or 1) - 1)
        self._served_later: asyncio.TimerHandle | None = None

    async def take(self, client: str, request: bytes) -> Channel:
        """Return a worker that was sent the request; if none comes free in time, an EngineBusyError.

        A ClientLimitError if it is the client's own doing.
        """
        if self._workers.closed:
            raise EngineFailureError("the engine is closed")
        if self._is_its_turn(client) and (channel := self._idle_channel()):
            channel.ask(request)
            self._begin(channel, client)
            return channel
        own = self._line.of(client)
        if own >= QUEUE_OF_CLIENT or len(self._line) >= QUEUE:
            raise self._busy(client, own)
        waiting = Asking(client, asyncio.get_running_loop().create_future(), request)
        if self._may_take(client):  # else it is one of its own queries that makes room
            asyncio.get_running_loop().call_soon(self._serve)
        try:
            return await self._line.wait(waiting, lambda channel: self.discard(channel, client))
        except TimeoutError:
            raise self._busy(client) from None

    async def demote(self, channel: Channel, client: str) -> None:
        """Send a worker to the background with its query, which is stopped until there is room: EngineBusyError without."""
        channel.demoted = True
        self._begun.pop(channel, None)
        self._unpromise(channel)
        if not channel.retired:  # or its successor is there
            self._workers.run(self._grow())
        try:
            await self._background.enter(channel, client)
        except TimeoutError:
            after = self._after()
            detail = (
                f"{self._limits.workers} queries that take longer than {BRIEF_S:g} s are worked on already; "
                f"try again in {after} s"
            )
            raise EngineBusyError(detail, headers={"Retry-After": str(after)}) from None

    def give_back(self, channel: Channel, client: str) -> None:
        """Lend the worker to the next query; one that has served its time works on until its successor is there."""
        if channel.demoted:
            self.discard(channel, client)
            return
        waiting = channel.next
        if waiting and waiting.place.done():  # its client has gone away: the worker is at a query of nobody
            self.discard(channel, client)
            return
        self._release(client)
        channel.served += 1
        channel.is_quick = asyncio.get_running_loop().time() - self._begun.pop(channel) < QUICK_S
        if channel.retired:
            self._retire(channel)
        else:
            if channel.served % self._limits.queries_per_worker == 0:
                self._workers.run(self._succeed(channel))
            if waiting:
                channel.next = None
                self._lend(channel, waiting)
            else:
                self._idle.append(channel)
        self._serve()

    def discard(self, channel: Channel, client: str) -> asyncio.Task[int | None]:
        """End the worker, whatever it does, and put a new one in its place; the task returns its wait status where known."""
        self._release(client)
        self._begun.pop(channel, None)
        self._unpromise(channel)
        self._background.leave(channel)
        if channel.demoted or channel.retired:  # their successors are there
            asyncio.get_running_loop().call_soon(self._serve)
        else:
            self._workers.run(self._grow())
        return self._workers.end(channel)

    async def close(self) -> None:
        """Take no more queries, and end what runs."""
        self._line.disappoint(lambda: EngineFailureError("the engine is closed"))
        await self._workers.close()

    def _is_its_turn(self, client: str) -> bool:
        """Tell whether a client that comes now need not wait, be it for others that came before."""
        waits = self._is_soon_free() or self._line.first(self._held, self._is_ready)
        return self._may_take(client) and not waits

    def _may_take(self, client: str) -> bool:
        return client == SERVER or self._held[client] < self._share

    def _is_soon_free(self) -> bool:
        """Tell whether a quick worker for each processor has just begun."""
        now = asyncio.get_running_loop().time()
        begun = (each.is_quick and now - since < QUICK_S for each, since in self._begun.items())
        return sum(begun) >= self._processors

    def _has_room(self, client: str) -> bool:
        """Tell whether one more of the client's queries would get a worker now, be it a fresh one."""
        another = bool(self._idle) or self._size < self._limits.workers
        return another and self._may_take(client) and not self._is_soon_free()

    def _is_ready(self, waiting: Asking) -> bool:
        return not _is_promised(waiting) and self._may_take(waiting.client)

    def _release(self, client: str) -> None:
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]

    def _serve(self) -> None:
        """Give idle workers to those who wait, and have one forked if there may be more."""
        while waiting := self._line.first(self._held, self._is_ready):
            if self._is_soon_free():
                self._serve_later(QUICK_S)
                return
            channel = self._idle_channel()
            if channel is None:
                if self._size < self._limits.workers:
                    self._size += 1
                    self._workers.run(self._grow())
                return
            channel.ask(waiting.request)
            self._lend(channel, waiting)

    def _lend(self, channel: Channel, waiting: Asking) -> None:
        """Give a worker to a query that it was sent, and send it the one that is to be its next."""
        client = waiting.client
        self._begin(channel, client)
        self._line.serve(waiting, channel)
        others_wait = self._line.of(client) < len(self._line)
        if others_wait or not channel.is_quick or self._has_room(client):
            return
        following = self._line.first(self._held, lambda each: not each.promised)
        if following and len(following.request) <= AHEAD:
            following.promised = asyncio.get_running_loop().time() + PROMISED_S
            self._serve_later(PROMISED_S)
            channel.next = following
            channel.is_ahead = True
            channel.ask(following.request)

    def _begin(self, channel: Channel, client: str) -> None:
        self._held[client] += 1
        self._begun[channel] = asyncio.get_running_loop().time()
        channel.is_ahead = False

    def _serve_later(self, seconds: float) -> None:
        """See again when what was expected to end soon has ended, or was not so quick."""
        at = asyncio.get_running_loop().time() + seconds
        if self._served_later and self._served_later.when() <= at:
            return
        if self._served_later:
            self._served_later.cancel()
        self._served_later = asyncio.get_running_loop().call_at(at, self._serve_again)

    def _serve_again(self) -> None:
        self._served_later = None
        self._serve()

    def _unpromise(self, channel: Channel) -> None:
        """Let the query that was to be the worker's next wait for another worker: this one will not come to it."""
        if channel.next:
            channel.next.promised = 0.0
            channel.next = None
            asyncio.get_running_loop().call_soon(self._serve)

    def _idle_channel(self) -> Channel | None:
        while self._idle:
            channel = self._idle.pop()
            if channel.is_alive():
                return channel
            self._bury(channel)
        return None

    def _miss(self, channel: Channel) -> None:
        """Do without a worker that died while it was idle; one with a query is missed by the query."""
        if channel in self._idle:
            self._idle.remove(channel)
            self._bury(channel)

    def _bury(self, channel: Channel) -> None:
        self._size -= 1
        self._retire(channel)

    async def _grow(self) -> None:
        """Fork a worker for which a place is taken already."""
        try:
            channel = await self._workers.fork()
        except EngineFailureError as error:
            self._size -= 1
            detail = error.detail
            self._line.disappoint(lambda: EngineFailureError(detail), lambda each: not _is_promised(each))
            return
        self._idle.append(channel)
        self._serve()

    async def _succeed(self, channel: Channel) -> None:
        """Fork a successor, and only then let the old worker go: at once if it is idle, else when it is given back."""
        with suppress(EngineFailureError):  # it stays then, and this is tried again in due time
            successor = await self._workers.fork()
            if channel.demoted or channel.lost or channel.retired:  # another one has taken its place meanwhile
                self._retire(successor)
                return
            self._idle.append(successor)
            channel.retired = True
            if channel in self._idle:
                self._idle.remove(channel)
                self._retire(channel)
            self._serve()

    def _retire(self, channel: Channel) -> None:
        self._unpromise(channel)
        self._workers.end(channel)

    def _busy(self, client: str, waiting: int = 0) -> ProblemError:
        after = self._after()
        headers = {"Retry-After": str(after)}
        if not self._may_take(client) or waiting >= QUEUE_OF_CLIENT:
            detail = (
                f"one client may run {self._share} queries at a time; let some of yours end, or try again in {after} s"
            )
            return ClientLimitError(detail, headers=headers, limitQueries=self._share)
        who = f"all {self._limits.workers} workers are busy" if self._begun else "no worker is ready"
        detail = f"{who}; try again in {after} s"
        return EngineBusyError(detail, headers=headers)

    def _after(self) -> int:
        """Return in how many seconds all that runs now has ended, one way or the other."""
        return math.ceil(self._limits.timeout_s)


def _is_promised(waiting: Asking) -> bool:
    return waiting.promised > asyncio.get_running_loop().time()
