"""A worker process: one release's store, opened read-only, and one query at a time.

Runs in a fork of zygote.py and imports nothing of the server: what is not here cannot be reached by a query.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from pyoxigraph import Store

from server.engine.evaluation import Evaluation
from server.engine.frames import FrameType, FrameWriter, frame, message, read_frame
from server.engine.isolation import isolate, limit_memory, peak_memory
from server.engine.policy import Refusal, explain

if TYPE_CHECKING:
    from collections.abc import Callable
    from socket import socket


#: Seconds of a processor below which a query cannot have taken so much memory that it is worth asking the kernel how much.
GROWING_S = 0.005


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What every worker of an engine is told. ``prefixes`` are those that a query need not declare; sizes are in MiB.

    ``endpoint`` is the address of a SPARQL server that answers instead of the store, empty for none.
    """

    store: str
    prefixes: dict[str, str]
    memory_mb: int
    result_mb: int
    endpoint: str = ""

    @property
    def base(self) -> str | None:
        """What the graph's own IRIs begin with, which its terms' prefix tells; None for a store that is no release's."""
        terms = self.prefixes.get("opd")
        return terms.removesuffix("ontology#") if terms else None


class Source(Protocol):
    """Where a worker has its answers from."""

    def answer(self, request: dict[str, Any], writer: FrameWriter) -> None:
        """Write head and result of one query; what is wrong with it, or with the source, is raised."""
        ...


def source_of(config: WorkerConfig) -> Callable[[Store, WorkerConfig], Source]:
    """Return what makes a worker's source: called before any is forked, so that none of them has to import it."""
    if config.endpoint:
        from server.engine.relay import Relay  # noqa: PLC0415 - an HTTP client, of which a worker without network has no use

        return Relay
    return Evaluation


def run(
    connection: socket, config: WorkerConfig, parent: int, make_source: Callable[[Store, WorkerConfig], Source]
) -> None:
    """Answer queries until the server closes the connection or the worker has grown."""
    isolate(parent, network=bool(config.endpoint))
    try:
        store = Store.read_only(config.store)
    except (OSError, RuntimeError) as error:  # RocksDB calls a damaged database either
        connection.sendall(message(FrameType.ERROR, {"last": True, "cpu": 0, **_unreadable(str(error)).content()}))
        return
    limit_memory(config.memory_mb)
    source = make_source(store, config)
    fresh = peak_memory()
    connection.sendall(frame(FrameType.READY, b""))
    stream = connection.makefile("rb")
    detail = f"the result is larger than the {config.result_mb} MiB that one query may return"
    overflow = partial(Refusal, "too-large", detail)
    used = time.process_time()
    while request := read_frame(stream):
        writer = FrameWriter(connection, config.result_mb << 20, overflow)
        refusal = _answer(source, json.loads(request[1]), writer)
        before, used = used, time.process_time()
        # a quarter of the limit: the next query wants its own
        last = used - before > GROWING_S and peak_memory() - fresh > config.memory_mb << 18
        if refusal is None:
            writer.end(last=last, cpu_s=used)
        else:
            writer.error({"last": last, "cpu": used, **refusal.content()})
        if last:
            return


def _answer(source: Source, request: dict[str, Any], writer: FrameWriter) -> Refusal | None:
    """Write the answer to one query, or return why there is none."""
    try:
        source.answer(request, writer)
    except Refusal as refusal:
        return refusal
    except SyntaxError as error:
        return explain(request["query"], error)
    except (RuntimeError, ValueError) as error:
        return Refusal("evaluation", f"the query cannot be evaluated: {error}")
    except ConnectionError:
        os._exit(0)  # the server is not interested any more
    except OSError as error:
        return _unreadable(f"the store cannot be read: {error}")
    except MemoryError:
        os.abort()  # as Oxigraph itself does where it cannot allocate
    return None


def _unreadable(log: str) -> Refusal:
    return Refusal("store", "the store of this release cannot be read; the operator's log says why", log=log)
