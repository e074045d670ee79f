"""How a worker answers from its own store, and what is the same wherever it has its answers from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from kg.vocab import Iris
from server.engine.description import describe
from server.engine.policy import Refusal, has_dataset_clause, is_describe, refuse_service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server.engine.base import Kind
    from server.engine.frames import FrameWriter
    from server.engine.worker import WorkerConfig

    Results = QuerySolutions | QueryBoolean | QueryTriples

_EMPTY = Store()


class Evaluation:
    """Answers by evaluating queries over a store."""

    def __init__(self, store: Store, config: WorkerConfig) -> None:
        self._store = store
        self._config = config
        self._parse = parser(config)

    def answer(self, request: dict[str, Any], writer: FrameWriter) -> None:
        """Write head and result of one query (Source in worker.py)."""
        found = self._evaluate(request)
        kind = kind_of(found)
        media_type = media_type_of(kind, request)
        results = self._described(request, found) if isinstance(found, QueryTriples) else found
        write(results, kind, media_type, self._config.prefixes, writer)

    def _evaluate(self, request: dict[str, Any]) -> Results:
        """Pass the dataset explicitly: the protocol's, else the query's own, else all graphs with their union for the default.

        A relative IRI is one of the graph's own.
        """
        query, default, named = request["query"], request["default"], request["named"]
        prefixes = within_reach(query, self._config.prefixes)
        refuse_service(query, prefixes, self._parse)
        evaluate = partial(self._store.query, query, prefixes=prefixes, base_iri=self._config.base)
        if default is not None or named is not None:
            return evaluate(
                default_graph=[NamedNode(iri) for iri in default or ()],
                named_graphs=[NamedNode(iri) for iri in named or ()],
            )
        return evaluate(use_default_graph_as_union=not has_dataset_clause(query, prefixes, self._parse))

    def _described(self, request: dict[str, Any], found: QueryTriples) -> Iterable[Triple]:
        """Describe by documents, which are of the whole release: not where the query names its dataset."""
        query = request["query"]
        prefixes = within_reach(query, self._config.prefixes)
        if self._config.base is None or request["default"] is not None or request["named"] is not None:
            return found
        if not is_describe(query, prefixes, self._parse) or has_dataset_clause(query, prefixes, self._parse):
            return found
        return describe(self._store, found, Iris(self._config.base))


def within_reach(query: str, prefixes: dict[str, str]) -> dict[str, str]:
    """Return the prefixes that the query can mean: Oxigraph reads the IRI of each anew for every query."""
    return {prefix: iri for prefix, iri in prefixes.items() if f"{prefix}:" in query}


def parser(config: WorkerConfig) -> Callable[[str, dict[str, str]], Results]:
    """Oxigraph has no way to parse only, so the query is evaluated as well, over nothing."""
    return lambda query, prefixes: _EMPTY.query(query, prefixes=prefixes, base_iri=config.base)


def kind_of(results: Results) -> Kind:
    """Return the kind of the query that has these results."""
    kinds: dict[type, Kind] = {QuerySolutions: "select", QueryBoolean: "ask", QueryTriples: "graph"}
    return kinds[type(results)]


def media_type_of(kind: Kind, request: dict[str, Any]) -> str:
    """Return the media type that the client takes for a query of this kind; a Refusal if it takes none."""
    media_type: str | None = request["graph" if kind == "graph" else "results"]
    if media_type is None:
        raise Refusal("kind", "the client takes no format that there is for such a query", kind=kind)
    return media_type


def write(
    results: QuerySolutions | QueryBoolean | Iterable[Triple],
    kind: Kind,
    media_type: str,
    prefixes: dict[str, str],
    writer: FrameWriter,
) -> None:
    """Write the head of an answer and the results in Oxigraph's own serialisation."""
    writer.head(kind)
    output = writer.output
    if isinstance(results, QuerySolutions | QueryBoolean):
        results.serialize(output, format=QueryResultsFormat.from_media_type(media_type))
    else:
        serialize(results, output, RdfFormat.from_media_type(media_type), prefixes=prefixes)
