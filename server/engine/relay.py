"""How a worker answers from a SPARQL server elsewhere: of the release's graphs, and of nothing else that is there.

The server is asked for JSON and N-Triples, which every one has, and what comes is read and written anew: all formats are
there, each as from the release's own store, and an answer that is none is noticed wherever it stops.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any, cast

from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse, parse_query_results

from kg.media import JSON, N_TRIPLES
from kg.vocab import Iris
from server.engine.description import describe
from server.engine.evaluation import kind_of, media_type_of, parser, write
from server.engine.policy import has_dataset_clause, is_describe, refuse_service
from server.engine.portable import Portable, ambiguous
from server.engine.sparql_client import SparqlClient, failure
from server.engine.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store, Triple

    from server.engine.base import Kind
    from server.engine.frames import FrameWriter
    from server.engine.worker import WorkerConfig

    Dataset = tuple[list[str], list[str]]


class Relay:
    """Answers by asking a server. ``store`` holds what the server holds, and tells what the release's graphs are."""

    def __init__(self, store: Store, config: WorkerConfig) -> None:
        self._store = store
        self._config = config
        self._parse = parser(config)
        self._client = SparqlClient(config.endpoint)
        self._graphs = [graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode)]

    def answer(self, request: dict[str, Any], writer: FrameWriter) -> None:
        """Write head and result of one query (Source in worker.py)."""
        query, prefixes = request["query"], self._config.prefixes
        refuse_service(query, prefixes, self._parse)
        kind = kind_of(self._parse(query, prefixes))
        media_type = media_type_of(kind, request)
        describes = kind == "graph" and is_describe(query, prefixes, self._parse)
        portable = Portable.of(query, prefixes, self._config.base, describes=describes)
        asked: Kind = "select" if describes else kind
        self._agree(query, portable, asked)
        dataset = self._dataset(request, portable)
        default, named = dataset or (self._graphs, self._graphs)
        with self._client.asking(portable.text, default, named, _media_type(asked)) as pieces, _readable():
            found = _read(pieces, asked)
            results = self._described(cast("QuerySolutions", found), dataset) if describes else found
            write(results, kind, media_type, prefixes, writer)

    def _agree(self, query: str, portable: Portable, kind: Kind) -> None:
        """Refuse a query in which Oxigraph's parser sees something else once it is written for every server."""
        refuse_service(portable.text, {}, self._parse)
        try:
            found = kind_of(self._parse(portable.text, {}))
        except SyntaxError:
            raise ambiguous() from None
        seen = has_dataset_clause(query, self._config.prefixes, self._parse)
        left = has_dataset_clause(portable.text, {}, self._parse)
        if found != kind or left or seen != bool(portable.default or portable.named):
            raise ambiguous()

    def _dataset(self, request: dict[str, Any], portable: Portable) -> Dataset | None:
        """Return the protocol's dataset, else the query's own, of both the release's graphs only; None for all of them."""
        if request["default"] is not None or request["named"] is not None:
            default, named = request["default"] or (), request["named"] or ()
        elif portable.default or portable.named:
            default, named = self._iris(portable, portable.default), self._iris(portable, portable.named)
        else:
            return None
        return [iri for iri in default if iri in self._graphs], [iri for iri in named if iri in self._graphs]

    def _iris(self, portable: Portable, terms: Sequence[str]) -> list[str]:
        """Return the IRIs that terms of the query stand for, as its parser resolves them."""
        if not terms:
            return []
        items = " ".join(f"({term} AS ?graph{number})" for number, term in enumerate(terms))
        found = cast("QuerySolutions", self._parse(f"{portable.prologue} SELECT {items} {{}}", {}))
        return [cast("NamedNode", term).value for term in next(found)]

    def _described(self, solutions: QuerySolutions, dataset: Dataset | None) -> Iterable[Triple]:
        """Describe the things in the solutions as the embedded engine does; the server would do it in a way of its own."""
        things = dict.fromkeys(term for solution in solutions for term in solution if isinstance(term, NamedNode))
        if dataset is None:
            ask = partial(self._store.query, use_default_graph_as_union=True)
        else:
            ask = partial(self._store.query, default_graph=[NamedNode(iri) for iri in dataset[0]])
        found = (triple for thing in things for triple in cast("QueryTriples", ask(f"DESCRIBE {thing}")))
        base = self._config.base
        return found if dataset is not None or base is None else describe(self._store, found, Iris(base))


def _media_type(kind: Kind) -> str:
    return (N_TRIPLES if kind == "graph" else JSON).media_type


def _read(pieces: Iterator[bytes], kind: Kind) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
    stream = cast("IO[bytes]", Stream(pieces))
    if kind == "graph":
        return (quad.triple for quad in parse(stream, RdfFormat.N_TRIPLES))
    found = parse_query_results(stream, QueryResultsFormat.JSON)
    if kind_of(found) != kind:
        raise failure("its answer is one to another kind of query", f"{kind_of(found)} came for {kind}")
    return found


@contextmanager
def _readable() -> Iterator[None]:
    """An answer that cannot be read is the server's failure, not the client's."""
    try:
        yield
    except (SyntaxError, ValueError) as error:
        raise failure("its answer cannot be read", str(error)) from None
