"""JSON-LD trees say what the document says, to every reader, and read well."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from kg.context import Context
from kg.entity import Documents
from kg.framing import Framer
from kg.graph import open_store
from kg.vocab import RDF, Iris
from tests.kg.pyld_trees import framed
from tests.readers import as_oxigraph_reads, as_pyld_reads, isomorphic
from tests.things import of_every_class

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

IRIS = Iris()
GKD = IRIS.paper("2306.13649")
LOCAL = IRIS.graph("local/mine.ttl")


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return open_store(home)


@pytest.fixture(scope="module")
def framer(store: Store) -> Framer:
    return Framer(Documents(store, IRIS))


def store_of(triples: Iterable[Triple]) -> Store:
    store = Store()
    store.extend(Quad(*triple, LOCAL) for triple in triples)
    return store


def expected(store: Store, iri: NamedNode) -> set[Triple]:
    document = Documents(store, IRIS).read(iri)
    assert document
    return set(document.triples)


def test_trees_say_what_the_documents_say_for_every_class(store: Store, framer: Framer) -> None:
    for iri in of_every_class(store):
        data = framer.document(iri)
        assert as_oxigraph_reads(data) == expected(store, iri), iri
        assert as_pyld_reads(data) == expected(store, iri), iri


def without_context(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)
    del found["@context"]
    return found


def as_framed(store: Store, iri: NamedNode) -> dict[str, Any]:
    document = Documents(store, IRIS).read(iri)
    assert document
    trees = framed(document, Context(IRIS), IRIS)
    top = trees.pop(iri.value)
    return {**top, "included": list(trees.values())} if trees else top


def test_trees_are_those_that_framing_makes_of_every_class(store: Store, framer: Framer) -> None:
    for iri in of_every_class(store):
        assert without_context(framer.document(iri)) == as_framed(store, iri), iri


def paper(framer: Framer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(framer.document(GKD))
    return found


def test_a_paper_reads_well(framer: Framer) -> None:
    """The values are those of the catalogue and of the loss taxonomy."""
    found = paper(framer)
    assert list(found)[:4] == ["@context", "id", "type", "title"]
    assert "Paper" in found["type"]
    assert found["year"] == 2023
    assert found["issued"] == "2023-06-23"
    assert [(each["position"], each["authorName"]) for each in found["authors"]] == [
        (1, "Agarwal, Rishabh"),
        (2, "Vieillard, Nino"),
        (3, "Zhou, Yongchao"),
        (4, "Stanczyk, Piotr"),
        (5, "Ramos, Sabela"),
        (6, "Geist, Matthieu"),
        (7, "Bachem, Olivier"),
    ]
    assert found["lossClass"] == [{"id": IRIS.concept("objective", "forward-kl").value, "prefLabel": "Forward KL"}]
    (claim,) = [claim for claim in found["claims"] if claim["dimension"]["id"] == "opd:lossClass"]
    assert claim["concept"]["prefLabel"] == "Forward KL"
    assert claim["negated"] is False
    assert [source["label"] for source in claim["wasDerivedFrom"]] == ["resources-loss-taxonomy-2026-06-03.md"]
    assert found["setups"][0]["teacher"] == [{"id": IRIS.model("t5-xl").value, "label": "T5-XL"}]


def test_many_authors_stand_in_order(store: Store, framer: Framer) -> None:
    many = next(store.quads_for_pattern(None, IRIS.opd.position, Literal(12))).subject
    iri = next(store.quads_for_pattern(None, IRIS.opd.hasAuthorship, many)).subject
    assert isinstance(iri, NamedNode)
    positions = [each["position"] for each in json.loads(framer.document(iri))["authors"]]
    assert positions == list(range(1, len(positions) + 1))
    assert len(positions) >= 12


def test_a_document_carries_the_context_that_it_uses_and_no_more(framer: Framer) -> None:
    concept = json.loads(framer.document(IRIS.concept("objective", "reverse-kl")))
    assert {"prefLabel", "skos", "id"} <= concept["@context"].keys()
    assert not {"authors", "claims", "dcat"} & concept["@context"].keys()
    whole = {**concept, "@context": framer.context}
    assert as_pyld_reads(json.dumps(whole).encode()) == as_pyld_reads(json.dumps(concept).encode())


def test_a_list_is_a_tree_for_each_in_order(store: Store, framer: Framer) -> None:
    iris = [IRIS.paper(paper_id) for paper_id in ("2306.13649", "2605.22511", "2306.08543")]
    data = framer.listing(iris)
    assert [node["id"] for node in json.loads(data)["graph"][:3]] == [iri.value for iri in iris]
    assert as_oxigraph_reads(data) == as_pyld_reads(data) == {t for iri in iris for t in expected(store, iri)}
    assert as_oxigraph_reads(framer.listing([])) == set()


def test_another_base_has_terms_of_its_own() -> None:
    iris = Iris("https://example.org/kg/")
    store = store_of([Triple(iris.paper("1"), RDF.type, iris.opd.Paper)])
    found = json.loads(Framer(Documents(store, iris)).document(iris.paper("1")))
    assert found["type"] == ["Paper"]
    assert found["@context"]["opd"] == "https://example.org/kg/ontology#"


# ---------------------------------------------------------------- whatever local data may hold

PREFIXES = """
@prefix : <https://w3id.org/opdkg/local/> . @prefix opd: <https://w3id.org/opdkg/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

ODD = {
    "numbers": ':x opd:year 2023, "02023"^^xsd:integer, "+1"^^xsd:integer, 12345678901234567890, 1.50, "-0"^^xsd:integer .',
    "truth values": ":x opd:negated true, '1'^^xsd:boolean .",
    "languages": ':x skos:prefLabel "a"@en, "a"@de, "a" ; rdfs:label "b"@en, "b"@en-GB .',
    "a literal for a class": ':x a "nothing", opd:Paper .',
    "a literal that is claimed of": ':c rdf:subject :x, "x" ; rdfs:comment "c" .  :x rdfs:label "x" .',
    "blank nodes": ':x opd:reviewedBy [], [] ; rdfs:label "x" .',
    "itself": ':x rdfs:seeAlso :x ; rdf:subject :x ; rdfs:isDefinedBy :x ; rdfs:label "x" .',
    "keywords": ':x rdfs:seeAlso <urn:@id>, <id:x>, <tag:a,b:c> ; rdfs:label "@id", "opd:Paper", "id" .',
    "IRIs like prefixes": ':x rdfs:seeAlso <dcterms:title>, <opd:x> ; rdfs:label "x" .',
    "IRIs of two slashes": ":x rdfs:seeAlso <https://schema.org///a> ; rdfs:label 'x' .",
    "namespaces": ":x rdfs:seeAlso skos:, opd: ; a rdfs: ; rdf:object skos: ; opd:lossClass 'x', '2'^^opd:Paper, opd:Paper .",
    "lists": ":x rdfs:seeAlso (:a :b) .",
    "a part that leads back": ":x opd:hasAuthorship :a . :a opd:hasAuthorship :x ; opd:position 1 ; rdfs:seeAlso :x .",
}


@pytest.mark.parametrize("turtle", ODD.values(), ids=ODD.keys())
def test_nothing_is_lost_of_odd_data(turtle: str) -> None:
    store = store_of(quad.triple for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE))
    iri = NamedNode(f"{IRIS.base}local/x")
    data = Framer(Documents(store, IRIS)).document(iri)
    assert isomorphic(as_oxigraph_reads(data), expected(store, iri))
    assert isomorphic(as_pyld_reads(data), expected(store, iri))


#: What stays flat, and what PyLD shortens to something that its own reader takes for another IRI.
UNLIKE = ("blank nodes", "IRIs like prefixes", "lists", "IRIs of two slashes")
ALIKE = [name for name in ODD if name not in UNLIKE]


@pytest.mark.parametrize("turtle", [ODD[name] for name in ALIKE], ids=ALIKE)
def test_trees_are_those_that_framing_makes_of_odd_data(turtle: str) -> None:
    store = store_of(quad.triple for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE))
    iri = NamedNode(f"{IRIS.base}local/x")
    assert without_context(Framer(Documents(store, IRIS)).document(iri)) == as_framed(store, iri)


def test_odd_data_stays_itself_in_a_list() -> None:
    turtle = (
        f"{PREFIXES} {ODD['IRIs like prefixes']} :y opd:year 2026 ; rdfs:seeAlso opd:x . :z opd:year 2025 ; opd:by [] ."
    )
    store = store_of(quad.triple for quad in parse(turtle, RdfFormat.TURTLE))
    iris = [NamedNode(f"{IRIS.base}local/{name}") for name in "xyz"]
    data = Framer(Documents(store, IRIS)).listing(iris)
    whole = {triple for iri in iris for triple in expected(store, iri)}
    assert len(whole) == 7
    assert isomorphic(as_oxigraph_reads(data), whole)
    assert isomorphic(as_pyld_reads(data), whole)


def test_terms_that_all_refer_to_each_other_make_no_forest() -> None:
    terms = [NamedNode(f"{IRIS.base}local/{n}") for n in range(30)]
    related = NamedNode("http://www.w3.org/2004/02/skos/core#related")
    defined = NamedNode("http://www.w3.org/2000/01/rdf-schema#isDefinedBy")
    store = store_of(Triple(a, related, b) for a in terms for b in terms)
    store.extend(Quad(a, defined, terms[0], LOCAL) for a in terms)
    data = Framer(Documents(store, IRIS)).document(terms[0])
    assert len(data) < 200_000
    assert as_oxigraph_reads(data) == expected(store, terms[0])
