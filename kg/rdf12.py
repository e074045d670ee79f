"""The graph in RDF 1.2: a claim is a reifier of the very statement that it is about.

Where RDF 1.1 describes the statement by ``rdf:subject``, ``rdf:predicate`` and ``rdf:object``, RDF 1.2 has a triple term:
``claim rdf:reifies <<( paper opd:lossClass concept )>>``. So a claim annotates the plain triple if that is asserted, and a
superseded, rejected or negated claim speaks of a triple that is not. Nothing else differs, and nothing is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, Quad, Triple

from kg.vocab import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import BlankNode, Store

    from kg.vocab import Iris

    Claims = dict[NamedNode | BlankNode | Triple, Triple]

PARTS = (RDF.subject, RDF.predicate, RDF.object)

#: The properties of a claim that its triple term stands for, the class rdf:Statement among them.
REPLACED = frozenset({*PARTS, RDF.type})


def claimed(store: Store, iris: Iris) -> Claims:
    """Return the triple that each claim of graph/claims is about."""
    graph = iris.graph("claims")
    subjects, predicates, objects = (
        {quad.subject: quad.object for quad in store.quads_for_pattern(None, part, None, graph)} for part in PARTS
    )
    return {claim: _triple(node, predicates[claim], objects[claim]) for claim, node in subjects.items()}


def _triple(subject: Any, predicate: Any, value: Any) -> Triple:  # noqa: ANN401 (that they fit a triple, shapes have checked)
    return Triple(subject, predicate, value)


def annotated_quads(quads: Iterable[Quad], claims: Claims, iris: Iris) -> Iterator[Quad]:
    """Return the quads with the claims as reifiers. Quads in order stay in order; other graphs stay as they are."""
    graph = iris.graph("claims")
    for quad in quads:
        if quad.predicate not in REPLACED or quad.graph_name != graph:
            yield quad
        elif triple := _annotated(quad.triple, claims):
            yield Quad(triple.subject, triple.predicate, triple.object, graph)


def annotated_triples(triples: Iterable[Triple], claims: Claims) -> Iterator[Triple]:
    """Return the triples with the claims as reifiers. Triples in order stay in order."""
    return (triple for each in triples if (triple := _annotated(each, claims)))


def _annotated(triple: Triple, claims: Claims) -> Triple | None:
    """Return what stands in place of a triple: itself, the one that names the claimed triple, or nothing."""
    if triple.predicate not in REPLACED:
        return triple
    claim = claims.get(triple.subject)
    if claim is None:
        return triple
    if (triple.predicate, triple.object) == (RDF.subject, claim.subject):
        return Triple(triple.subject, RDF.reifies, claim)
    replaced = ((RDF.predicate, claim.predicate), (RDF.object, claim.object), (RDF.type, RDF.Statement))
    return None if (triple.predicate, triple.object) in replaced else triple
