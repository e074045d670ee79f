"""The release's own Oxigraph store, asked by worker processes that can be killed."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from typing import TYPE_CHECKING, Any, Self, cast

from kg.errors import DataError
from kg.media import JSON, RDF_FORMATS, RESULT_FORMATS
from server.engine.base import Query
from server.engine.errors import (
    EngineFailureError,
    QueryCrashError,
    QueryMemoryError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    ServiceRefusedError,
    UpdateRefusedError,
)
from server.engine.frames import FrameType
from server.engine.pool import Pool
from server.engine.processes import Zygote
from server.engine.worker import WorkerConfig
from server.problems import BadRequestError, NotAcceptableError, ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kg.media import Format
    from server.engine.base import Kind, Limits
    from server.engine.processes import Worker

logger = logging.getLogger(__name__)

#: How long the first worker may take to open the store and answer, whatever the limits for queries are.
OPENING_S = 60.0

REFUSALS: dict[str, type[ProblemError]] = {
    "syntax": QuerySyntaxError,
    "evaluation": BadRequestError,
    "service": ServiceRefusedError,
    "update": UpdateRefusedError,
}


class EmbeddedEngine:
    """Answers queries over one store that nobody writes to. ``close`` it: its processes are not Python's to collect."""

    def __init__(self, store: Path, prefixes: Mapping[str, str], limits: Limits) -> None:
        """Start a first worker and wait until it answers; a store that cannot be opened is a DataError."""
        self.limits = limits
        config = WorkerConfig(str(store.resolve()), dict(prefixes), limits.memory_mb, limits.result_mb)
        self._pool = Pool(Zygote(config), limits)
        try:
            list(RunningQuery(self._pool, limits, OPENING_S).start(Query("ASK {}", JSON, None)))
        except ProblemError as error:
            self.close()
            raise DataError(f"{store}: the store cannot be opened: {error.__cause__ or error}") from None

    def execute(self, query: Query, timeout_s: float | None = None) -> RunningQuery:
        """Start a query (see base.py)."""
        limit = self.limits.timeout_s if timeout_s is None else min(timeout_s, self.limits.timeout_s)
        return RunningQuery(self._pool, self.limits, limit).start(query)

    def close(self) -> None:
        """End all workers; a query that runs ends in an error."""
        self._pool.close()


class RunningQuery:
    """One query in one worker. The worker is given back at the end of the answer and discarded at any other end."""

    kind: Kind
    format: Format

    def __init__(self, pool: Pool, limits: Limits, timeout_s: float) -> None:
        self._pool = pool
        self._limits = limits
        self._timeout_s = timeout_s
        self._worker: Worker | None = pool.take()
        self._begun = time.monotonic()

    def start(self, query: Query) -> Self:
        """Send the query and wait until its first result is there, so that what is wrong with it is known early."""
        results = query.results_format and query.results_format.oxigraph_results
        graph = query.graph_format and query.graph_format.oxigraph
        request = {
            "query": query.text,
            "results": results and results.media_type,
            "graph": graph and graph.media_type,
            "default": query.default_graphs,
            "named": query.named_graphs,
        }
        try:
            _, head = self._read(request)
        except BaseException:
            self.close()
            raise
        self.kind = json.loads(head)["kind"]
        self.format = cast("Format", query.graph_format if self.kind == "graph" else query.results_format)
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._worker is None:
            raise StopIteration
        kind, payload = self._read()
        if kind is FrameType.DATA:
            return payload
        self._settle(last=json.loads(payload)["last"])
        raise StopIteration

    def close(self) -> None:
        """End the query if it still runs: nobody wants the rest."""
        self._discard()

    def _read(self, request: dict[str, Any] | None = None) -> tuple[FrameType, bytes]:
        """Return the next frame of the answer; raise what ended it instead."""
        if self._worker is None:
            raise EngineFailureError("the query has ended")
        deadline = self._begun + self._timeout_s
        try:
            if request is not None:
                self._worker.ask(request, deadline)
            received = self._worker.read(deadline)
        except TimeoutError:
            self._discard()
            raise self._timeout() from None
        if received is None:
            raise self._death(self._discard())
        kind, payload = received
        if kind is FrameType.ERROR:
            content = json.loads(payload)
            self._settle(last=content.pop("last"))
            raise self._refusal(content)
        return kind, payload

    def _settle(self, *, last: bool) -> None:
        """Part with the worker, whose query is over; ``last`` if it says that it will take no other."""
        if last:
            self._discard()
        elif self._worker:
            self._pool.give_back(self._worker)
            self._worker = None

    def _discard(self) -> int | None:
        worker, self._worker = self._worker, None
        return self._pool.discard(worker) if worker else None

    def _elapsed(self) -> float:
        return round(time.monotonic() - self._begun, 3)

    def _timeout(self) -> ProblemError:
        detail = f"the query was ended after {self._timeout_s:g} s, the time that one query may take"
        return QueryTimeoutError(detail, limitSeconds=self._timeout_s, elapsedSeconds=self._elapsed())

    def _death(self, status: int | None) -> ProblemError:
        """Return what the end of the worker means; Oxigraph aborts where it cannot allocate."""
        ended_by = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else 0
        name = signal.Signals(ended_by).name if ended_by else "no signal"
        logger.warning("a worker ended by %s after %s s of a query", name, self._elapsed())
        if ended_by == signal.SIGABRT:
            limit = self._limits.memory_mb
            detail = f"the query needed more than the {limit} MiB of memory that one query may take"
            return QueryMemoryError(detail, limitMiB=limit, elapsedSeconds=self._elapsed())
        detail = f"the worker that ran the query ended by {name}"
        if ended_by == signal.SIGSEGV:
            detail = f"{detail}, as it does where a query is nested too deeply"
        return QueryCrashError(detail, signal=name, elapsedSeconds=self._elapsed())

    def _refusal(self, content: dict[str, Any]) -> ProblemError:
        """Return what a worker's ERROR frame says, in the server's terms."""
        error, detail = content.pop("error"), content.pop("detail")
        if error == "store":
            logger.error("%s", detail)
            failure = EngineFailureError("the store of this release cannot be read; the operator's log says why")
            failure.__cause__ = OSError(detail)
            return failure
        if error == "kind":
            kind = content["kind"]
            offers = RDF_FORMATS if kind == "graph" else RESULT_FORMATS
            return NotAcceptableError.of(offers, f"a query of kind {kind} has no answer in a format that you take")
        if error == "too-large":
            return ResultTooLargeError(detail, limitMiB=self._limits.result_mb, elapsedSeconds=self._elapsed())
        return REFUSALS[error](detail, **content)
