"""The document of a thing: its own statements, its parts', labels, and no more."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from kg.entity import MAX_MENTIONS, Document, Documents, is_described, is_mentioned
from kg.vocab import DCTERMS, RDF, RDFS, SKOS, Iris

IRIS = Iris("https://example.org/kg/")
OPD = IRIS.opd
PAPERS, CLAIMS, TAXONOMY, LOCAL = (IRIS.graph(name) for name in ("papers", "claims", "taxonomy", "local/notes.ttl"))
PAPER = IRIS.paper("2306.08543")
LOSS = IRIS.concept("objective", "reverse-kl")
CLAIM = IRIS.claim("0123456789abcdef")


@pytest.fixture
def store() -> Store:
    store = Store()
    store.extend(
        [
            Quad(PAPER, RDF.type, OPD.Paper, PAPERS),
            Quad(PAPER, DCTERMS.title, Literal("MiniLLM"), PAPERS),
            Quad(PAPER, DCTERMS.title, Literal("MiniLLM"), LOCAL),
            Quad(PAPER, OPD.lossClass, LOSS, PAPERS),
            Quad(PAPER, NamedNode("https://example.org/note"), BlankNode("note"), LOCAL),
            *(Quad(PAPER, OPD.hasAuthorship, IRIS.authorship("2306.08543", n), PAPERS) for n in range(1, 12)),
            *(Quad(IRIS.authorship("2306.08543", n), OPD.position, Literal(n), PAPERS) for n in range(1, 12)),
            Quad(CLAIM, RDF.subject, PAPER, CLAIMS),
            Quad(CLAIM, RDF.object, LOSS, CLAIMS),
            Quad(LOSS, SKOS.prefLabel, Literal("Reverse KL", language="en"), TAXONOMY),
            Quad(LOSS, RDFS.label, Literal("another label"), LOCAL),
            Quad(LOSS, SKOS.definition, Literal("Mode-seeking."), TAXONOMY),
        ]
    )
    return store


def read(store: Store, node: NamedNode) -> Document:
    document = Documents(store, IRIS).read(node)
    assert document is not None
    return document


def test_a_paper_comes_with_its_parts_in_order_and_the_names_of_what_it_points_to(store: Store) -> None:
    document = read(store, PAPER)
    subjects = [node.value.removeprefix(IRIS.base) for node in document.subjects()]
    authorships = [f"paper/2306.08543/author/{n}" for n in range(1, 12)]
    assert subjects == ["paper/2306.08543", "claim/0123456789abcdef", *authorships, "concept/objective/reverse-kl"]
    assert document.label(LOSS) == "Reverse KL"
    assert document.values(LOSS, SKOS.definition) == []
    assert document.is_a(OPD.Paper)
    assert [node for node in (CLAIM, LOSS) if document.is_part(node)] == [CLAIM]


def test_a_statement_of_two_graphs_is_one_triple_and_two_quads(store: Store) -> None:
    document = read(store, PAPER)
    assert document.texts(PAPER, DCTERMS.title) == ["MiniLLM"]
    assert len(document.quads) == len(document.triples) + 1


def test_graphs_can_be_told_apart(store: Store) -> None:
    document = read(store, PAPER)
    own = document.within({PAPERS, CLAIMS, TAXONOMY})
    others = document.within({PAPERS, CLAIMS, TAXONOMY}, inside=False)
    assert {quad.graph_name for quad in others.quads} == {LOCAL}
    assert sorted(map(str, own.quads + others.quads)) == sorted(map(str, document.quads))


def test_what_points_to_a_concept_is_left_out(store: Store) -> None:
    document = read(store, LOSS)
    assert document.subjects() == [LOSS]
    assert document.is_described


def test_what_is_only_mentioned_is_described_by_its_mentions(store: Store) -> None:
    node = IRIS.model("gpt-2")
    store.extend(Quad(IRIS.setup(str(n), 1), OPD.model, node, PAPERS) for n in range(2 * MAX_MENTIONS))
    assert (is_described(store, node), is_mentioned(store, node)) == (False, True)
    document = read(store, node)
    assert not document.is_described
    assert len(document.triples) == MAX_MENTIONS


def test_what_does_not_occur_has_no_document(store: Store) -> None:
    assert Documents(store, IRIS).read(IRIS.paper("2306.99999")) is None
