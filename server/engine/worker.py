"""A worker process: one release's store, opened read-only, and one query at a time.

Runs in a fork of zygote.py and imports nothing of the server: what is not here cannot be reached by a query.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from kg.vocab import Iris
from server.engine.description import describe
from server.engine.frames import FrameType, FrameWriter, message, read_frame
from server.engine.isolation import isolate, limit_memory, peak_memory
from server.engine.policy import Refusal, explain, has_dataset_clause, is_describe, refuse_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socket import socket

    from pyoxigraph import Triple

    from server.engine.policy import Parse


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What every worker of an engine is told. ``prefixes`` are those that a query need not declare; sizes are in MiB."""

    store: str
    prefixes: dict[str, str]
    memory_mb: int
    result_mb: int

    @property
    def base(self) -> str | None:
        """What the graph's own IRIs begin with, which its terms' prefix tells; None for a store that is no release's."""
        terms = self.prefixes.get("opd")
        return terms.removesuffix("ontology#") if terms else None


def run(connection: socket, config: WorkerConfig, parent: int) -> None:
    """Answer queries until the server closes the connection or the worker has grown."""
    isolate(parent)
    try:
        store = Store.read_only(config.store)
    except (OSError, RuntimeError) as error:  # RocksDB calls a damaged database either
        connection.sendall(message(FrameType.ERROR, {"last": True, "error": "store", "detail": str(error)}))
        return
    limit_memory(config.memory_mb)
    fresh = peak_memory()
    stream = connection.makefile("rb")
    while request := read_frame(stream):
        overflow = Refusal(
            "too-large", f"the result is larger than the {config.result_mb} MiB that one query may return"
        )
        writer = FrameWriter(connection, config.result_mb << 20, overflow)
        refusal = _answer(store, config, json.loads(request[1]), writer)
        last = peak_memory() - fresh > config.memory_mb << 18  # a quarter of the limit: the next query wants its own
        if refusal is None:
            writer.end({"last": last})
        else:
            writer.error({"last": last, "error": refusal.error, "detail": refusal.detail, **refusal.members})
        if last:
            return


def _answer(store: Store, config: WorkerConfig, request: dict[str, Any], writer: FrameWriter) -> Refusal | None:
    """Evaluate one query and write its result, or return why there is none."""
    try:
        results = _evaluate(store, config, request)
        kind, media_type = _kind(results, request)
        writer.head({"kind": kind})
        output = cast("IO[bytes]", writer)
        if isinstance(results, QueryTriples):
            triples = _triples(store, config, request, results)
            serialize(triples, output, RdfFormat.from_media_type(media_type), prefixes=config.prefixes)
        else:
            results.serialize(output, format=QueryResultsFormat.from_media_type(media_type))
    except Refusal as refusal:
        return refusal
    except SyntaxError as error:
        return explain(request["query"], error)
    except (RuntimeError, ValueError) as error:
        return Refusal("evaluation", f"the query cannot be evaluated: {error}")
    except ConnectionError:
        os._exit(0)  # the server is not interested any more
    except OSError as error:
        return Refusal("store", f"the store cannot be read: {error}")
    except MemoryError:
        os.abort()  # as Oxigraph itself does where it cannot allocate
    return None


def _evaluate(
    store: Store, config: WorkerConfig, request: dict[str, Any]
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Pass the dataset explicitly: the protocol's, else the query's own, else all graphs with their union for the default.

    A relative IRI is one of the graph's own.
    """
    query, default, named = request["query"], request["default"], request["named"]
    refuse_service(query, config.prefixes, _parser(config))
    evaluate = partial(store.query, query, prefixes=config.prefixes, base_iri=config.base)
    if default is not None or named is not None:
        return evaluate(
            default_graph=[NamedNode(iri) for iri in default or ()],
            named_graphs=[NamedNode(iri) for iri in named or ()],
        )
    return evaluate(use_default_graph_as_union=not has_dataset_clause(query, config.prefixes, _parser(config)))


def _triples(
    store: Store, config: WorkerConfig, request: dict[str, Any], found: QueryTriples
) -> QueryTriples | Iterator[Triple]:
    """Describe by documents, which are of the whole release: not where the query names its dataset."""
    query, parse = request["query"], _parser(config)
    if config.base is None or request["default"] is not None or request["named"] is not None:
        return found
    if not is_describe(query, config.prefixes, parse) or has_dataset_clause(query, config.prefixes, parse):
        return found
    return describe(store, found, Iris(config.base))


def _parser(config: WorkerConfig) -> Parse:
    """Oxigraph has no way to parse only, so the query is evaluated as well, over nothing."""
    return lambda query, prefixes: _EMPTY.query(query, prefixes=prefixes, base_iri=config.base)


_EMPTY = Store()


def _kind(results: QuerySolutions | QueryBoolean | QueryTriples, request: dict[str, Any]) -> tuple[str, str]:
    """Return the kind of the query and the media type that the client takes for it."""
    kind = {QuerySolutions: "select", QueryBoolean: "ask", QueryTriples: "graph"}[type(results)]
    media_type = request["graph" if kind == "graph" else "results"]
    if media_type is None:
        raise Refusal("kind", "the client takes no format that there is for such a query", kind=kind)
    return kind, media_type
