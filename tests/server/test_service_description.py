"""The service description says what the endpoint does, all of it and nothing else: each statement is put to the test."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import requests
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import VOID
from rdflib.query import Result

from kg.media import RDF_FORMATS, RESULT_FORMATS
from kg.settings import Settings
from kg.vocab import DEFAULT_BASE_IRI, GRAPHS
from server.app import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

    from kg.media import Format

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")

SELECT = "SELECT ?title { paper:2306.08543 dcterms:title ?title }"
CONSTRUCT = "CONSTRUCT { paper:2306.08543 dcterms:title ?title } WHERE { paper:2306.08543 dcterms:title ?title }"
TITLE = "MiniLLM: On-Policy Distillation of Large Language Models"

#: What to send for each format that the W3C has an IRI for (https://www.w3.org/ns/formats/), and how rdflib reads the answer:
#: of a graph without a name, TriG is Turtle, and N-Quads are N-Triples.
SERVED = {
    FORMATS.SPARQL_Results_JSON: (SELECT, "application/sparql-results+json", "json"),
    FORMATS.SPARQL_Results_XML: (SELECT, "application/sparql-results+xml", "xml"),
    FORMATS.SPARQL_Results_CSV: (SELECT, "text/csv", "csv"),
    FORMATS.SPARQL_Results_TSV: (SELECT, "text/tab-separated-values", "tsv"),
    FORMATS.Turtle: (CONSTRUCT, "text/turtle", "turtle"),
    FORMATS["N-Triples"]: (CONSTRUCT, "application/n-triples", "nt"),
    FORMATS.RDF_XML: (CONSTRUCT, "application/rdf+xml", "xml"),
    FORMATS["JSON-LD"]: (CONSTRUCT, "application/ld+json", "json-ld"),
    FORMATS.TriG: (CONSTRUCT, "application/trig", "turtle"),
    FORMATS["N-Quads"]: (CONSTRUCT, "application/n-quads", "nt"),
}


@pytest.fixture(scope="module")
def endpoint(address: str) -> str:
    return f"{address}/sparql"


@pytest.fixture(scope="module")
def described(endpoint: str) -> Graph:
    return Graph().parse(data=get(endpoint, "text/turtle").content, format="turtle")


def get(endpoint: str, accept: str, **parameters: str | list[str]) -> requests.Response:
    response = requests.get(endpoint, params=parameters, headers={"Accept": accept}, timeout=30)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].partition(";")[0] == accept
    return response


def ask(endpoint: str, query: str, **parameters: str | list[str]) -> bool:
    found: bool = get(endpoint, "application/sparql-results+json", query=query, **parameters).json()["boolean"]
    return found


def numbers(endpoint: str, query: str, **parameters: str) -> dict[str, int]:
    found = get(endpoint, "application/sparql-results+json", query=query, **parameters).json()
    first, second = found["head"]["vars"]
    return {row[first]["value"]: int(row[second]["value"]) for row in found["results"]["bindings"]}


def default_graph(described: Graph) -> Node | None:
    return described.value(described.value(predicate=RDF.type, object=SD.Dataset), SD.defaultGraph)


@pytest.mark.parametrize("offer", RDF_FORMATS, ids=lambda offer: offer.name)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its own parsers use what it deprecates
def test_it_comes_in_every_rdf_format(endpoint: str, described: Graph, offer: Format) -> None:
    body = get(endpoint, offer.media_type).content
    parser = next(parser for _, media_type, parser in SERVED.values() if media_type == offer.media_type)
    assert set(Graph().parse(data=body, format=parser)) == set(described)


def test_there_is_one_service_and_its_endpoint_is_where_it_was_asked(endpoint: str, described: Graph) -> None:
    (service,) = described.subjects(RDF.type, SD.Service)
    assert set(described.objects(service, SD.endpoint)) == {URIRef(endpoint)}
    assert set(described.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}


def test_the_formats_are_all_that_there_are(described: Graph) -> None:
    assert set(described.objects(None, SD.resultFormat)) == set(SERVED)
    assert len(SERVED) == len(RESULT_FORMATS) + len(RDF_FORMATS)


@pytest.mark.parametrize("iri", SERVED, ids=lambda iri: iri.rpartition("/")[2])
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_a_format_that_is_named_is_served(endpoint: str, iri: URIRef) -> None:
    query, media_type, parser = SERVED[iri]
    body = get(endpoint, media_type, query=query).content
    if query == CONSTRUCT:
        graph = Graph().parse(data=body, format=parser)
        assert [str(title) for title in graph.objects()] == [TITLE]
    else:
        (row,) = Result.parse(BytesIO(body), format=parser)
        assert str(row[0]) == TITLE


def test_the_one_feature_is_that_the_default_graph_is_the_union_of_all(endpoint: str, described: Graph) -> None:
    assert set(described.objects(None, SD.feature)) == {SD.UnionDefaultGraph}
    assert ask(endpoint, "ASK { GRAPH ?g { ?s ?p ?o } }")
    assert not ask(endpoint, "ASK { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }")
    assert not ask(endpoint, "ASK { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }")


def test_what_is_not_named_is_not_there(endpoint: str) -> None:
    """Neither federation nor a dataset from elsewhere: the features for them would be promises."""
    service = "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    assert requests.get(endpoint, params={"query": service}, timeout=30).status_code == 400
    elsewhere = "https://example.org/elsewhere"
    assert not ask(endpoint, "ASK { ?s ?p ?o }", **{"default-graph-uri": elsewhere})


def test_the_named_graphs_are_all_that_there_are_and_have_as_many_triples_as_it_says(
    endpoint: str, described: Graph
) -> None:
    named = list(described.objects(None, SD.namedGraph))
    names = {described.value(node, SD.name): described.value(node, SD.graph) for node in named}
    assert set(names) == {URIRef(f"{DEFAULT_BASE_IRI}graph/{name}") for name in GRAPHS}
    stated = {str(name): int(str(described.value(graph, VOID.triples))) for name, graph in names.items()}
    assert stated == numbers(endpoint, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    for name, graph in names.items():
        assert (graph, RDF.type, SD.Graph) in described
        alone = numbers(
            endpoint, "SELECT ('n' AS ?x) (COUNT(*) AS ?n) { ?s ?p ?o }", **{"default-graph-uri": str(name)}
        )
        assert alone == {"n": stated[str(name)]}


def test_the_default_graph_has_the_size_that_it_says(endpoint: str, described: Graph) -> None:
    union = default_graph(described)
    assert (union, RDF.type, SD.Graph) in described
    assert (union, RDF.type, VOID.Dataset) in described
    counted = numbers(endpoint, "SELECT ('n' AS ?x) (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert int(str(described.value(union, VOID.triples))) == counted["n"]


def test_its_partitions_by_class_and_property_are_what_a_query_counts(endpoint: str, described: Graph) -> None:
    union = default_graph(described)

    def stated(whole: Node | None, link: URIRef, term: URIRef, number: URIRef) -> dict[str, int]:
        parts = described.objects(whole, link)
        return {str(described.value(part, term)): int(str(described.value(part, number))) for part in parts}

    by_class = stated(union, VOID.classPartition, VOID["class"], VOID.entities)
    assert by_class == numbers(endpoint, "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c")
    by_property = stated(union, VOID.propertyPartition, VOID.property, VOID.triples)
    assert by_property == numbers(endpoint, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")
    papers = described.value(predicate=VOID["class"], object=URIRef(f"{DEFAULT_BASE_IRI}ontology#Paper"))
    of_papers = stated(papers, VOID.propertyPartition, VOID.property, VOID.triples)
    assert of_papers == numbers(endpoint, "SELECT ?p (COUNT(*) AS ?n) { ?s a opd:Paper ; ?p ?o } GROUP BY ?p")


def test_the_endpoint_has_the_address_at_which_it_is_seen_from_outside(home: Path) -> None:
    app = create_app(Settings(home=home, query_workers=1, public_url="https://kg.example/opd"))
    try:
        described = app.test_client().get("/sparql", headers={"Accept": "text/turtle"}).data
    finally:
        app.extensions["opdkg"].engine.close()
    graph = Graph().parse(data=described, format="turtle")
    assert set(graph.objects(None, SD.endpoint)) == {URIRef("https://kg.example/opd/sparql")}
