"""SHACL: whether a graph conforms to ontology/shapes.ttl. A release that does not is never published."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import rdflib
from oxrdflib import OxigraphStore
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store
from pyshacl import validate
from rdflib import RDF, SH, Graph
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kg.violations import Severity, Violation
from kg.vocab import DEFAULT_BASE_IRI, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple
    from rdflib.term import Node

    from kg.vocab import Iris


def shapes_graph(iris: Iris) -> Graph:
    """Return ontology/shapes.ttl, its own terms under the release's base IRI."""
    text = files("ontology").joinpath("shapes.ttl").read_text(encoding="utf-8")
    return Graph().parse(data=text.replace(DEFAULT_BASE_IRI, iris.base), format="turtle")


def check_shapes(triples: Iterable[Triple], iris: Iris) -> list[Violation]:
    """Validate the triples; the violations come in order of shape, focus and message.

    SPARQL constraints run on Oxigraph, where a query over all claims takes a moment, and the others on rdflib's own store,
    which answers pySHACL's many small questions faster.
    """
    shapes = shapes_graph(iris)
    core, queries = _without(shapes, SH.sparql), _without(shapes, SH.targetClass, SH.targetSubjectsOf)
    in_memory, store = Graph(), Store()
    term = cache(_rdflib_term)
    for triple in triples:
        in_memory.add((term(triple.subject), term(triple.predicate), term(triple.object)))
        store.add(Quad(*triple))
    in_oxigraph = Graph(store=OxigraphStore(store=store), identifier=DATASET_DEFAULT_GRAPH_ID)
    found = []
    for data, constraints in ((in_memory, core), (in_oxigraph, queries)):
        _, results, _ = validate(data, shacl_graph=constraints, inplace=True)
        found += [_violation(results, node) for node in results.subjects(RDF.type, SH.ValidationResult)]
    return sorted(found, key=lambda violation: (violation.rule, violation.focus, violation.message))


def _without(shapes: Graph, *predicates: Node) -> Graph:
    kept = Graph()
    for triple in shapes:
        if triple[1] not in predicates:
            kept.add(triple)
    return kept


def _rdflib_term(term: NamedNode | BlankNode | Literal) -> Node:
    """A plain string has no datatype in rdflib, else it would not equal the strings of the shapes."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = None if term.datatype == XSD.string else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype)


def _violation(results: Graph, node: Node) -> Violation:
    shape = results.value(node, SH.sourceConstraint) or results.value(node, SH.sourceShape)
    value = results.value(node, SH.value)
    message = str(results.value(node, SH.resultMessage))
    if value is not None and str(value) not in message:
        message = f"{message} Found: {value}"
    return Violation(
        source="shacl",
        rule=str(shape).rpartition("#")[2],
        focus=str(results.value(node, SH.focusNode)),
        message=message,
        severity=Severity.VIOLATION,
    )
