"""The SPARQL 1.1 Service Description: what this endpoint is and takes, made from the tables that it works by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple, serialize

from kg.media import RDF_FORMATS, RESULT_FORMATS
from kg.vocab import RDF, Namespace

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


def service_description(endpoint: str, serving: Serving, chosen: Format) -> bytes:
    """Return the description of the endpoint at this address, in one of the RDF formats."""
    prefixes = serving.iris.prefixes() | {SD.prefix: SD.iri}
    return serialize(_triples(endpoint, serving), format=chosen.oxigraph, prefixes=prefixes) or b""


def _triples(endpoint: str, serving: Serving) -> Iterator[Triple]:
    service, dataset, union = (NamedNode(f"{endpoint}#{part}") for part in ("service", "dataset", "default-graph"))
    yield Triple(service, RDF.type, SD.Service)
    yield Triple(service, SD.endpoint, NamedNode(endpoint))
    yield Triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    yield Triple(service, SD.feature, SD.UnionDefaultGraph)
    for offer in (*RESULT_FORMATS, *RDF_FORMATS):
        serialiser = offer.oxigraph_results or offer.oxigraph
        if serialiser:
            yield Triple(service, SD.resultFormat, NamedNode(serialiser.iri))
    yield Triple(service, SD.defaultDataset, dataset)
    yield Triple(dataset, RDF.type, SD.Dataset)
    yield Triple(dataset, SD.defaultGraph, union)
    yield Triple(union, RDF.type, SD.Graph)
    for number, name in enumerate(serving.graph_names, start=1):
        named = NamedNode(f"{endpoint}#graph-{number}")
        yield Triple(dataset, SD.namedGraph, named)
        yield Triple(named, RDF.type, SD.NamedGraph)
        yield Triple(named, SD.name, NamedNode(name))
        yield Triple(named, SD.graph, NamedNode(name))
        yield Triple(NamedNode(name), RDF.type, SD.Graph)
