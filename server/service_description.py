"""The SPARQL 1.1 Service Description: what this endpoint is and takes, made from the tables that it works by.

The statistics inside are the release's own, counted when it was built: the default graph is the union of all graphs, and
that is what a release's VoID counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from kg.media import N_TRIPLES, RDF_FORMATS, RESULT_FORMATS
from kg.vocab import RDF, VOID, Namespace
from server.engine.base import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.media import Format
    from server.context import Serving

SD = Namespace(
    "sd",
    "http://www.w3.org/ns/sparql-service-description#",
    "Service Dataset Graph NamedGraph endpoint supportedLanguage SPARQL11Query resultFormat feature UnionDefaultGraph "
    "defaultDataset defaultGraph namedGraph name graph",
)


#: What graph/description says of the release, its graphs and its partitions by class and property.
STATISTICS = """
CONSTRUCT {{ ?part ?property ?value }} WHERE {{
  GRAPH <{graph}> {{
    <{release}> void:subset?/void:classPartition?/void:propertyPartition? ?part .
    ?part ?property ?value .
  }}
}}
"""


def service_description(endpoint: str, serving: Serving, chosen: Format) -> bytes:
    """Return the description of the endpoint at this address, in one of the RDF formats. Raises what a query raises."""
    prefixes = serving.iris.prefixes() | {SD.prefix: SD.iri}
    triples = dict.fromkeys([*_service(endpoint, serving), *_statistics(serving)])
    return serialize(triples, format=chosen.oxigraph, prefixes=prefixes) or b""


def _service(endpoint: str, serving: Serving) -> Iterator[Triple]:
    service, dataset = NamedNode(f"{endpoint}#service"), NamedNode(f"{endpoint}#dataset")
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, SD.endpoint, NamedNode(endpoint))
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    yield Triple(service, SD.feature, SD.UnionDefaultGraph)
    for offer in (*RESULT_FORMATS, *RDF_FORMATS):
        yield Triple(service, SD.resultFormat, NamedNode(offer.iri))
    yield Triple(service, SD.defaultDataset, dataset)
    yield Triple(dataset, RDF.type, SD.Dataset)
    yield from _graph(dataset, SD.defaultGraph, serving.iris.release(serving.release_id))
    for number, name in enumerate(serving.graph_names, start=1):
        named, graph = NamedNode(f"{endpoint}#graph-{number}"), NamedNode(name)
        yield Triple(dataset, SD.namedGraph, named)
        yield Triple(named, RDF.type, SD.NamedGraph)
        yield Triple(named, SD.name, graph)
        yield from _graph(named, SD.graph, graph)


def _graph(whole: NamedNode, link: NamedNode, graph: NamedNode) -> Iterator[Triple]:
    yield Triple(whole, link, graph)
    yield Triple(graph, RDF.type, SD.Graph)


def _statistics(serving: Serving) -> Iterator[Triple]:
    """Ask the engine, as a client would: it reads the release wherever that is. In order, so that the bytes are the same."""
    iris = serving.iris
    prologue = f"PREFIX {VOID.prefix}: <{VOID.iri}>"
    query = STATISTICS.format(graph=iris.graph("description").value, release=iris.release(serving.release_id).value)
    answer = serving.engine.execute(Query(prologue + query, None, N_TRIPLES))
    return iter(sorted((quad.triple for quad in parse(b"".join(answer), RdfFormat.N_TRIPLES)), key=str))
