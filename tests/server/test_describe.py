"""DESCRIBE over a release: the document of what is described, and no more than the query's dataset holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg.entity import Documents
from kg.vocab import DCTERMS, RDFS, SKOS, Iris

if TYPE_CHECKING:
    from tests.server.conftest import Site

IRIS = Iris()
OPD = IRIS.opd
PAPER = IRIS.paper("2306.08543")
REVERSE_KL = IRIS.concept("objective", "reverse-kl")


def asked(site: Site, query: str, **parameters: str) -> set[Triple]:
    response = site.client.get("/sparql", query_string={"query": query, "format": "nt", **parameters})
    assert response.status_code == 200, response.text
    triples = [quad.triple for quad in parse(response.data, RdfFormat.N_TRIPLES)]
    assert len(set(triples)) == len(triples)
    return set(triples)


def document(site: Site, node: NamedNode) -> set[Triple]:
    found = Documents(site.store, IRIS).read(node)
    assert found
    return set(found.triples)


def own(site: Site, node: NamedNode, graph: NamedNode | None = None) -> set[Triple]:
    return {quad.triple for quad in site.store.quads_for_pattern(node, None, None, graph)}


def test_a_paper_comes_with_its_statements_its_classifications_and_the_names_of_what_it_points_to(site: Site) -> None:
    found = asked(site, f"DESCRIBE <{PAPER.value}>")
    assert own(site, PAPER) <= found
    claims = {
        triple.subject
        for triple in found
        if triple.predicate.value.endswith("#type") and triple.object == OPD.Classification
    }
    about = "SELECT ?claim { ?claim a opd:Classification ; rdf:subject paper:2306.08543 }"
    asked_for = site.store.query(about, prefixes=IRIS.prefixes(), use_default_graph_as_union=True)
    assert claims == {solution["claim"] for solution in asked_for}
    assert claims
    assert Triple(REVERSE_KL, SKOS.prefLabel, Literal("Reverse KL", language="en")) in found
    assert found == document(site, PAPER)


@pytest.mark.parametrize(
    "query",
    [
        "DESCRIBE <paper/2306.08543>",
        "describe paper:2306.08543",
        "PREFIX describe: <https://w3id.org/opdkg/paper/> DESCRIBE describe:2306.08543",
        "DESCRIBE ?paper WHERE { ?paper fabio:hasArXivId '2306.08543' } # CONSTRUCT {} FROM <x>",
    ],
)
def test_however_it_is_written(site: Site, query: str) -> None:
    assert asked(site, query) == document(site, PAPER)


def test_several_things_are_described_at_once_and_each_statement_is_there_once(site: Site) -> None:
    found = asked(
        site, "DESCRIBE ?it WHERE { VALUES ?it { paper:2306.08543 paper:2306.13649 concept:objective\\/reverse-kl } }"
    )
    others = (IRIS.paper("2306.13649"), REVERSE_KL)
    assert found == document(site, PAPER).union(*(document(site, node) for node in others))


@pytest.mark.parametrize("where", ["FROM <graph/papers>", "FROM NAMED <graph/papers> FROM <graph/papers>"])
def test_a_query_that_names_its_dataset_is_told_nothing_else(site: Site, where: str) -> None:
    papers = IRIS.graph("papers")
    assert asked(site, f"DESCRIBE <{PAPER.value}> {where}") == own(site, PAPER, papers)


def test_so_is_one_whose_request_names_it(site: Site) -> None:
    papers = IRIS.graph("papers")
    found = asked(site, f"DESCRIBE <{PAPER.value}>", **{"default-graph-uri": papers.value})
    assert found == own(site, PAPER, papers)


def test_a_construct_that_speaks_of_description_is_no_describe(site: Site) -> None:
    pattern = "{ ?describe dcterms:title ?title }"
    found = asked(site, f"CONSTRUCT {pattern} WHERE {pattern} VALUES ?describe {{ <{PAPER.value}> }}")
    assert found == {triple for triple in own(site, PAPER) if triple.predicate == DCTERMS.title}


def test_what_does_not_occur_is_described_by_nothing(site: Site) -> None:
    assert asked(site, "DESCRIBE <https://example.org/nothing>") == set()


def test_a_blank_node_of_local_data_keeps_its_statements(hostile: Site) -> None:
    found = asked(hostile, "DESCRIBE paper:2609.00001")
    nobody = [triple for triple in found if triple.object == Literal("nobody")]
    assert [triple.predicate for triple in nobody] == [RDFS.label]
    assert any(triple.object == nobody[0].subject for triple in found)
