"""The ontology, its JSON-LD context and the vocabulary in code say the same, and the graph uses all of it and nothing else."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from rdflib import DC, DCAT, DCTERMS, FOAF, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, VOID, XSD, Graph, Namespace, URIRef

from kg.graph import open_store
from kg.vocab import FOREIGN, OWN_CLASSES, OWN_PROPERTIES, Iris
from kg.vocab import Namespace as Vocabulary

IRIS = Iris()
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
OPD = Namespace(IRIS.opd.iri)
SCHEMA = Namespace("https://schema.org/")


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(data=files("ontology").joinpath("opd.ttl").read_text(encoding="utf-8"), format="turtle")


@pytest.fixture(scope="module")
def context() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("ontology").joinpath("context.jsonld").read_text(encoding="utf-8"))[
        "@context"
    ]
    return found


@pytest.fixture(scope="module")
def store(home: Path) -> Store:
    return open_store(home)


@pytest.mark.parametrize("name", f"{OWN_CLASSES} {OWN_PROPERTIES}".split())
def test_every_term_of_ours_is_defined(ontology: Graph, name: str) -> None:
    term = OPD[name]
    assert ontology.value(term, RDFS.label), "label"
    assert ontology.value(term, RDFS.comment), "comment"
    assert ontology.value(term, RDFS.isDefinedBy) == URIRef(IRIS.ontology.value)
    kinds = set(ontology.objects(term, RDF.type))
    if kinds & {OWL.ObjectProperty, OWL.DatatypeProperty}:
        assert ontology.value(term, SCHEMA.domainIncludes), "domainIncludes"
        assert ontology.value(term, SCHEMA.rangeIncludes), "rangeIncludes"
    else:
        assert kinds == {OWL.Class}
        assert ontology.value(term, RDFS.subClassOf), "super-class"


def test_the_ontology_defines_no_other_term(ontology: Graph) -> None:
    defined = {
        str(term).removeprefix(IRIS.opd.iri) for term in ontology.subjects() if str(term).startswith(IRIS.opd.iri)
    }
    assert defined == set(f"{OWN_CLASSES} {OWN_PROPERTIES}".split())


def test_the_graph_uses_every_term_of_ours(store: Store) -> None:
    used = {quad.predicate.value for quad in store} | {
        quad.object.value
        for quad in store.quads_for_pattern(None, TYPE, None, None)
        if isinstance(quad.object, NamedNode)
    }
    unused = {name for name in f"{OWN_CLASSES} {OWN_PROPERTIES}".split() if IRIS.opd.iri + name not in used}
    # only a curator's claim has a reason, and only a replayed repository commits: the bundled facts hold neither
    assert unused <= {"reason", "Commit"}


def unknown_terms(store: Store) -> set[str]:
    """The properties, classes and datatypes in the data that neither the ontology nor a known vocabulary has."""
    listed = {term.value for namespace in (*FOREIGN, IRIS.opd) for term in namespace} | {str(RDF.langString)}
    used = set()
    for quad in store:
        used.add(quad.predicate.value)
        if quad.predicate == TYPE and isinstance(quad.object, NamedNode):
            used.add(quad.object.value)
        if isinstance(quad.object, Literal):
            used.add(quad.object.datatype.value)
    return used - listed


def test_the_graph_uses_no_term_that_no_vocabulary_lists(store: Store) -> None:
    assert unknown_terms(store) == set()


@pytest.mark.parametrize(
    ("statement", "unknown"),
    [
        ('opd:misspelt "x"', "https://w3id.org/opdkg/ontology#misspelt"),
        ("a opd:Papper", "https://w3id.org/opdkg/ontology#Papper"),
        ('skos:preferredLabel "x"', "http://www.w3.org/2004/02/skos/core#preferredLabel"),
        ('opd:year "2026"^^xsd:year', "http://www.w3.org/2001/XMLSchema#year"),
        ("<https://example.org/p> 1", "https://example.org/p"),
    ],
)
def test_a_term_that_no_vocabulary_has_is_found(statement: str, unknown: str) -> None:
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in IRIS.vocabularies().items())
    store = Store()
    store.bulk_extend(parse(f"{prefixes} <https://example.org/s> {statement} .", RdfFormat.TURTLE))
    assert unknown_terms(store) == {unknown}


#: The vocabularies that rdflib holds a list of all terms of.
KNOWN = {str(each): each for each in (DC, DCAT, DCTERMS, FOAF, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, VOID, XSD)}

#: What newer versions of them have, and rdflib does not know yet: DCAT 3 and RDF 1.2.
NEWER = {
    "dcat": {
        *("DatasetSeries", "inSeries", "seriesMember", "first", "last", "prev"),
        *("version", "hasVersion", "isVersionOf", "hasCurrentVersion", "previousVersion"),
    },
    "rdf": {"reifies"},
}

#: What is used of the others, looked up in their own documents.
ELSEWHERE = {
    "fabio": {"ResearchPaper", "hasArXivId"},
    "prism": {"doi", "publicationName"},
    "doco": {"Section"},
    "cito": {"cites"},
    "skosxl": {"Label", "prefLabel", "altLabel", "hiddenLabel", "literalForm"},
    "spdx": {"Checksum", "checksum", "checksumValue", "algorithm", "checksumAlgorithm_sha256"},
}


@pytest.mark.parametrize("vocabulary", FOREIGN, ids=lambda vocabulary: vocabulary.prefix)
def test_a_vocabulary_has_the_terms_that_are_listed_of_it(vocabulary: Vocabulary) -> None:
    names = {term.value.removeprefix(vocabulary.iri) for term in vocabulary}
    if vocabulary.iri in KNOWN:
        missing = {name for name in names if name not in KNOWN[vocabulary.iri]}
        assert missing <= NEWER.get(vocabulary.prefix, set())
    else:
        assert names <= ELSEWHERE[vocabulary.prefix]


@pytest.mark.parametrize("name", OWN_PROPERTIES.split())
def test_the_context_knows_every_property_and_its_type(ontology: Graph, context: dict[str, Any], name: str) -> None:
    (definition,) = [
        entry if isinstance(entry, dict) else {"@id": entry}
        for entry in context.values()
        if f"opd:{name}" in (entry, entry.get("@id") if isinstance(entry, dict) else None)
    ]
    datatype = ontology.value(OPD[name], SCHEMA.rangeIncludes)
    is_link = (OPD[name], RDF.type, OWL.ObjectProperty) in ontology
    expected = "@id" if is_link else f"xsd:{str(datatype).partition('#')[2]}"
    assert definition.get("@type", "xsd:string") == expected
    assert definition.keys() <= {"@id", "@type", "@container"}


def test_the_context_knows_every_vocabulary(context: dict[str, Any]) -> None:
    assert IRIS.vocabularies().items() <= context.items()


def test_a_short_document_says_what_it_says_in_full(context: dict[str, Any]) -> None:
    document = {
        "@context": context,
        "id": "https://w3id.org/opdkg/paper/2306.08543",
        "type": ["Paper", "fabio:ResearchPaper"],
        "title": "MiniLLM",
        "year": "2023",
        "lossClass": "https://w3id.org/opdkg/concept/objective/reverse-kl",
    }
    written = """
        PREFIX opd: <https://w3id.org/opdkg/ontology#>
        <https://w3id.org/opdkg/paper/2306.08543> a opd:Paper, <http://purl.org/spar/fabio/ResearchPaper> ;
            <http://purl.org/dc/terms/title> "MiniLLM" ; opd:year 2023 ;
            opd:lossClass <https://w3id.org/opdkg/concept/objective/reverse-kl> ."""
    found = jsonld.to_rdf(document, {"format": "application/n-quads"})
    assert set(parse(found, RdfFormat.N_QUADS)) == set(parse(written, RdfFormat.TURTLE))
