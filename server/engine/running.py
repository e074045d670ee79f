"""One query in one worker, from the event loop's side: what it answers, and what ends it early."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from kg.media import RDF_FORMATS, RESULT_FORMATS
from server.engine.background import BRIEF_S
from server.engine.errors import (
    EngineBusyError,
    EngineFailureError,
    QueryCrashError,
    QueryEndedError,
    QueryMemoryError,
    QuerySyntaxError,
    QueryTimeoutError,
    RemoteFailureError,
    RemoteUnreachableError,
    ResultTooLargeError,
    ServiceRefusedError,
    UpdateRefusedError,
)
from server.engine.frames import STATE, FrameType, message
from server.engine.workers import ending
from server.log import tell, warn
from server.problems import BadRequestError, NotAcceptableError, ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.media import Format
    from server.engine.base import Kind, Query
    from server.engine.channel import Channel
    from server.engine.worker_engine import WorkerEngine

#: Seconds after which a query is not brief, even if it waits for something else than a processor.
PATIENCE_S = 1.0

#: A query that takes longer than so many seconds is told to the operator.
SLOW_S = 1.0

#: Characters of a slow query that are told.
TOLD = 500

#: What a worker's refusal is called in the server.
REFUSALS: dict[str, type[ProblemError]] = {
    "syntax": QuerySyntaxError,
    "evaluation": BadRequestError,
    "service": ServiceRefusedError,
    "update": UpdateRefusedError,
    "store": EngineFailureError,
    "remote": RemoteFailureError,
    "remote-unreachable": RemoteUnreachableError,
    "remote-busy": EngineBusyError,
    "remote-timeout": QueryTimeoutError,
}

#: What an ERROR frame holds beside the members of a problem document.
NO_MEMBERS = {"error", "detail", "last", "cpu", "log"}


class RunningQuery:
    """``start`` it, take its bytes with ``next`` until there are none, and ``close`` it in any case.

    The worker is given back at the end of the answer and discarded at any other end. The deadline runs while a worker does.
    """

    kind: Kind
    format: Format

    def __init__(self, engine: WorkerEngine, query: Query, timeout_s: float, client: str) -> None:
        self.id = secrets.token_hex(6)
        self.query = query
        self.client = client
        self.started = datetime.now(UTC)
        self._engine = engine
        self._timeout_s = timeout_s
        self._channel: Channel | None = None
        self._ended_by: ProblemError | None = None
        self._status: asyncio.Task[int | None] | None = None
        self._demotion: asyncio.Task[None] | None = None
        self._stopped_s = 0.0

    async def start(self) -> None:
        """Send the query and wait until its first result is there, so that what is wrong with it is known early."""
        self._engine.budgets.check(self.client)
        results = self.query.results_format and self.query.results_format.oxigraph_results
        graph = self.query.graph_format and self.query.graph_format.oxigraph
        request = {
            "query": self.query.text,
            "results": results and results.media_type,
            "graph": graph and graph.media_type,
            "default": self.query.default_graphs,
            "named": self.query.named_graphs,
        }
        await self._ask(message(FrameType.REQUEST, request))
        _, head = await self._frame()
        self.kind = cast("Kind", head.decode())
        self.format = cast("Format", self.query.graph_format if self.kind == "graph" else self.query.results_format)

    async def next(self) -> bytes:
        """Return more of the answer, nothing at its end; raise what ended it early."""
        if self._channel is None and self._ended_by is None:
            return b""
        kind, payload = await self._frame()
        if kind is FrameType.DATA:
            return payload
        self._settle(*STATE.unpack(payload))
        return b""

    def elapsed(self) -> float:
        """Return for how many seconds a worker has been at it, without those for which it was stopped."""
        return round(time.monotonic() - self._begun - self._stopped_s, 3)

    def end(self, cause: ProblemError | None = None) -> None:
        """End the query for whoever reads it: by default because the operator says so."""
        if self._channel:
            self._ended_by = cause or QueryEndedError("the operator has ended the query")
            self._discard()

    def close(self) -> None:
        """End the query if it still runs: nobody wants the rest."""
        self._discard()

    async def _ask(self, request: bytes) -> None:
        """Have a worker read the query: not the query's fault is it where one was dead already, as all that wait may be."""
        for _ in range(self._engine.limits.workers + 1):
            self._channel = channel = await self._engine.pool.take(self.client, request)
            self._begun, self._stopped_s = time.monotonic(), 0.0
            self._deadline = self._after(self._timeout_s, self._expire)
            self._watch = self._after(BRIEF_S, self._look)
            self._engine.running[self.id] = self
            if await channel.reads():
                return
            self._discard()

    async def _frame(self) -> tuple[FrameType, bytes]:
        channel = self._channel
        received = await channel.frame() if channel else None
        if self._ended_by or received is None:
            raise self._named(self._ended_by or self._death(await self._wait_status()))
        kind, payload = received
        if kind is FrameType.ERROR:
            content = json.loads(payload)
            refusal = self._refusal(content)
            self._settle(content["last"], content["cpu"])
            raise self._named(refusal)
        return received

    def _after(self, seconds: float, what: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, what)

    def _look(self) -> None:
        """Leave a query among the brief ones that has not had its time there: on a busy machine everything takes long."""
        if channel := self._channel:
            left = BRIEF_S - channel.cpu_seconds()
            if left > 0 and self.elapsed() < PATIENCE_S:
                self._watch = self._after(left, self._look)
            else:
                self._demotion = asyncio.get_running_loop().create_task(self._demote(channel))

    async def _demote(self, channel: Channel) -> None:
        """Go on in the background, with what is left of the time from the moment at which there is room."""
        self._deadline.cancel()
        left, stopped = self._timeout_s - self.elapsed(), time.monotonic()
        try:
            await self._engine.pool.demote(channel, self.client)
        except EngineBusyError as error:
            self.end(error)
            return
        finally:
            self._stopped_s = time.monotonic() - stopped
        self._deadline = self._after(left, self._expire)

    def _expire(self) -> None:
        detail = f"the query was ended after {self._timeout_s:g} s, the time that one query may take"
        self.end(QueryTimeoutError(detail, limitSeconds=self._timeout_s))

    def _settle(self, last: bool, cpu_s: float) -> None:  # noqa: FBT001 - as a frame holds them
        """Part with the worker, whose query is over, by what it has said of itself."""
        if last:
            self._discard()
        elif channel := self._part():
            channel.cpu_s = cpu_s
            self._engine.pool.give_back(channel, self.client)

    def _discard(self) -> None:
        if channel := self._part():
            self._status = self._engine.pool.discard(channel, self.client)

    def _part(self) -> Channel | None:
        """Take the query off the books: the one place that every query passes that has had a worker."""
        channel, self._channel = self._channel, None
        if channel:
            self._deadline.cancel()
            self._watch.cancel()
            if self._demotion:
                self._demotion.cancel()
            del self._engine.running[self.id]
            self._seconds = self.elapsed()
            self._engine.budgets.charge(self.client, self._seconds)
            if self._seconds > SLOW_S:
                asked, client = self.query.text[:TOLD], self.client or "this server"
                sentence = f"slow query {self.id} of {client}: {self._seconds} s: {asked!r}"
                tell("slow-query", sentence, query=self.id, client=client, seconds=self._seconds, text=asked)
        return channel

    async def _wait_status(self) -> int | None:
        self._discard()
        return await asyncio.shield(self._status) if self._status else None

    def _named(self, error: ProblemError) -> ProblemError:
        error.members = {"elapsedSeconds": self._seconds, "queryId": self.id, **error.members}
        return error

    def _death(self, status: int | None) -> ProblemError:
        """Return what the end of the worker means; Oxigraph aborts where it cannot allocate."""
        if self._engine.closed:
            return EngineFailureError("the engine is closed")
        name = ending(status)
        sentence = f"a worker ended by {name} after {self._seconds} s of query {self.id}"
        warn("worker-ended", sentence, query=self.id, signal=name, seconds=self._seconds)
        if name == "SIGABRT":
            limit = self._engine.limits.memory_mb
            detail = f"the query needed more than the {limit} MiB of memory that one query may take"
            return QueryMemoryError(detail, limitMiB=limit)
        detail = f"the worker that ran the query ended by {name}"
        if name == "SIGSEGV":
            detail = f"{detail}, as it does where a query is nested too deeply"
        return QueryCrashError(detail, signal=name)

    def _refusal(self, content: dict[str, Any]) -> ProblemError:
        """Return what a worker's ERROR frame says, in the server's terms."""
        error, detail = content["error"], content["detail"]
        if log := content.get("log"):
            warn("query-failed", f"query {self.id}: {log}", query=self.id)
        if error == "kind":
            kind = content["kind"]
            offers = RDF_FORMATS if kind == "graph" else RESULT_FORMATS
            return NotAcceptableError.of(offers, f"a query of kind {kind} has no answer in a format that you take")
        if error == "too-large":
            return ResultTooLargeError(detail, limitMiB=self._engine.limits.result_mb)
        members = {name: value for name, value in content.items() if name not in NO_MEMBERS}
        return REFUSALS[error](detail, **members)
