"""What the page of the ontology shows: every term with its place among the others, how often the graph uses it, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.description.void import PARTITIONS
from kg.entity import label_of
from kg.vocab import FOREIGN, GRAPHS, OWL, RDF, RDFS, SCHEMA, SH
from server.entity_page import Part, Text
from server.paper_page import Ref

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.entity import Document
    from server.entity_page import Describer
    from server.reading import Reading

#: The kinds of terms, as the page heads them.
KINDS = {OWL.Class: "Classes", OWL.ObjectProperty: "Properties to things", OWL.DatatypeProperty: "Properties to values"}

#: How much of a text an example shows.
MAX_EXAMPLE = 160


@dataclass(frozen=True, slots=True)
class Example:
    """One statement of the graph with the term: an instance of a class, or a property with its subject and value."""

    subject: Ref
    value: Ref | Text | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term of ours. ``uses`` counts the instances of a class, the statements of a property.

    ``properties`` are those that instances of a class may have, ``values_of`` those that lead to them.
    """

    iri: str
    anchor: str
    label: str
    definition: str
    domain: list[Ref]
    range: list[Ref]
    broader: list[Ref]
    narrower: list[Ref]
    properties: list[Ref]
    values_of: list[Ref]
    see_also: list[Ref]
    uses: int
    example: Example | None


@dataclass(frozen=True, slots=True)
class OntologyPage:
    """The ontology's own statements, its terms by kind, and the terms of other vocabularies with their uses, by prefix."""

    own: Part
    groups: list[tuple[str, list[Term]]]
    foreign: list[tuple[str, str, list[tuple[Ref, int]]]]


def ontology(here: Reading, document: Document, describer: Describer) -> OntologyPage:
    """Return the page of the ontology."""
    uses = _uses(here)
    reader = _Reader(here, document, uses)
    terms = [node for node in document.subjects() if document.node(node, RDFS.isDefinedBy) == document.subject]
    terms.sort(key=lambda node: describer.name(node).casefold())
    groups = [
        (title, [reader.term(node) for node in terms if kind in document.values(node, RDF.type)])
        for kind, title in KINDS.items()
    ]
    return OntologyPage(describer.part(document.subject, without=(SH.declare,)), groups, list(_foreign(uses)))


def _uses(here: Reading) -> dict[str, int]:
    """Return how often the release uses each class and property, as its own description has counted."""
    graph = here.iris.graph("description")

    def value(node: NamedNode, predicate: NamedNode) -> str:
        (quad,) = here.store.quads_for_pattern(node, predicate, None, graph)
        return quad.object.value if isinstance(quad.object, NamedNode | Literal) else ""

    found = {}
    for link, term, number in PARTITIONS.values():
        for quad in here.store.quads_for_pattern(here.iris.release(here.release.id), link, None, graph):
            if isinstance(quad.object, NamedNode):
                found[value(quad.object, term)] = int(value(quad.object, number))
    return found


def _foreign(uses: dict[str, int]) -> Iterator[tuple[str, str, list[tuple[Ref, int]]]]:
    for vocabulary in FOREIGN:
        used = [
            (Ref(iri, f"{vocabulary.prefix}:{iri.removeprefix(vocabulary.iri)}"), count)
            for iri, count in sorted(uses.items())
            if NamedNode(iri) in vocabulary
        ]
        if used:
            yield vocabulary.prefix, vocabulary.iri, used


class _Reader:
    """Reads terms out of the ontology's document."""

    def __init__(self, here: Reading, document: Document, uses: dict[str, int]) -> None:
        self._here = here
        self._doc = document
        self._uses = uses

    def term(self, node: NamedNode) -> Term:
        doc = self._doc
        supers = (*doc.nodes(node, RDFS.subClassOf), *doc.nodes(node, RDFS.subPropertyOf))
        return Term(
            iri=node.value,
            anchor=node.value.rpartition("#")[2],
            label=doc.label(node) or node.value,
            definition=doc.text(node, RDFS.comment) or "",
            domain=self._refs(doc.nodes(node, SCHEMA.domainIncludes)),
            range=self._refs(doc.nodes(node, SCHEMA.rangeIncludes)),
            broader=self._refs(supers),
            narrower=self._refs(self._pointing(node, RDFS.subClassOf, RDFS.subPropertyOf)),
            properties=self._refs(self._pointing(node, SCHEMA.domainIncludes)),
            values_of=self._refs(self._pointing(node, SCHEMA.rangeIncludes)),
            see_also=self._refs(doc.nodes(node, RDFS.seeAlso)),
            uses=self._uses.get(node.value, 0),
            example=self._example(node),
        )

    def _refs(self, nodes: Iterable[NamedNode]) -> list[Ref]:
        """Name terms as they are written in data: with their prefix."""
        return sorted(
            (Ref(node.value, self._here.links.short(node.value)) for node in nodes), key=lambda ref: ref.label
        )

    def _pointing(self, node: NamedNode, *predicates: NamedNode) -> list[NamedNode]:
        return [
            each
            for each in self._doc.subjects()
            for predicate in predicates
            if node in self._doc.values(each, predicate)
        ]

    def _example(self, node: NamedNode) -> Example | None:
        """Return the first statement that the release's own graphs hold."""
        is_class = OWL.Class in self._doc.values(node, RDF.type)
        predicate, value = (RDF.type, node) if is_class else (node, None)
        for graph in map(self._here.iris.graph, GRAPHS):
            quad = next(iter(self._here.store.quads_for_pattern(None, predicate, value, graph)), None)
            if quad is not None and isinstance(quad.subject, NamedNode):
                return Example(self._named(quad.subject), None if is_class else self._value(quad.object))
        return None

    def _named(self, node: NamedNode) -> Ref:
        return Ref(node.value, label_of(self._here.store, node) or (self._here.links.local(node.value) or node.value))

    def _value(self, value: object) -> Ref | Text | None:
        if isinstance(value, NamedNode):
            return self._named(value)
        if isinstance(value, Literal):
            text = value.value if len(value.value) <= MAX_EXAMPLE else f"{value.value[:MAX_EXAMPLE]}…"
            return Text(text, value.language or "")
        return None
