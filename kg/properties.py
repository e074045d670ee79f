"""What can be asked of a thing, property by property: the columns by which other tables are extended or compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.entities import Entity, Kind
from kg.vocab import FOREIGN, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.entities import Entities
    from kg.library import Library

Value = Entity | str | int | date

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Property:
    """A property of things of some kinds. ``id`` is its prefixed name, ``path`` the way to its values if it is longer.

    ``range`` is the kind of its values where these are things themselves.
    """

    id: str
    name: str
    kinds: tuple[Kind, ...]
    path: tuple[str, ...] = ()
    range: Kind | None = None


def _of_papers() -> tuple[Property, ...]:
    paper = (Kind.PAPER,)
    concepts = {
        "opd:lossClass": "loss class",
        "opd:signalSource": "signal source",
        "opd:stabilization": "stabilization",
        "opd:role": "role",
        "opd:teacherAccess": "teacher access",
        "opd:granularity": "granularity",
        "opd:inSection": "chapter",
        "opd:coverage": "coverage",
        "opd:listingStatus": "listing status",
    }
    return (
        Property("dcterms:title", "title", paper),
        Property("dc:creator", "authors", paper, ("opd:hasAuthorship", "opd:name"), Kind.NAME),
        Property("opd:year", "year", paper),
        Property("dcterms:issued", "date of publication", paper),
        Property("fabio:hasArXivId", "arXiv id", paper),
        Property("prism:doi", "DOI", paper),
        Property("foaf:page", "address", paper),
        Property("prism:publicationName", "venue", paper),
        Property("opd:methodName", "method name", paper),
        Property("opd:repository", "code", paper, ("opd:repository", "schema:codeRepository")),
        *(Property(id_, name, paper, range=Kind.CONCEPT) for id_, name in concepts.items()),
        *(
            Property(id_, name, paper, ("opd:reportsSetup", id_), Kind.MODEL)
            for id_, name in {"opd:teacher": "teacher", "opd:student": "student", "opd:model": "model"}.items()
        ),
    )


#: Every property by its id, in the order in which they are proposed.
PROPERTIES = {
    each.id: each
    for each in (
        *_of_papers(),
        Property("rdfs:label", "name", (Kind.NAME, Kind.MODEL)),
        Property("dcterms:alternative", "other name or title", (Kind.PAPER, Kind.MODEL)),
        Property("opd:family", "family", (Kind.MODEL,)),
        Property("opd:parameters", "parameters", (Kind.MODEL,)),
        Property("opd:activeParameters", "active parameters", (Kind.MODEL,)),
        Property("opd:variant", "variant", (Kind.MODEL,)),
        Property("skos:prefLabel", "label", (Kind.CONCEPT,)),
        Property("skos:altLabel", "other label", (Kind.CONCEPT,)),
        Property("skos:notation", "notation", (Kind.CONCEPT,)),
        Property("skos:broader", "broader concept", (Kind.CONCEPT,), range=Kind.CONCEPT),
        Property("skos:inScheme", "scheme", (Kind.CONCEPT,), ("skos:inScheme", "dcterms:title")),
        Property("skos:definition", "definition", (Kind.CONCEPT,)),
    )
}


class Values:
    """Reads the values that things have, from the release's own graphs."""

    def __init__(self, library: Library, entities: Entities) -> None:
        self._store, self._entities = library.store, entities
        namespaces = {each.prefix: each for each in (*FOREIGN, library.iris.opd)}
        names = {name for each in PROPERTIES.values() for name in (each.path or (each.id,))}
        self._predicates = {name: namespaces[name.partition(":")[0]][name.partition(":")[2]] for name in names}

    def of(self, entity: Entity, wanted: Property) -> list[Value]:
        """Return the values that a thing has for a property: authors as listed, all else in order of IRI or text."""
        if entity.kind not in wanted.kinds:
            return []
        nodes: list[NamedNode | Literal] = [self._entities.node(entity)]
        for step in wanted.path or (wanted.id,):
            predicate = self._predicates[step]
            nodes = [
                found for node in nodes if isinstance(node, NamedNode) for found in self._step(entity, node, predicate)
            ]
        values = (self._value(node, wanted) for node in dict.fromkeys(nodes))
        return [value for value in values if value is not None]

    def _step(self, entity: Entity, node: NamedNode, predicate: NamedNode) -> list[NamedNode | Literal]:
        quads = self._store.quads_for_pattern(node, predicate, None, self._entities.graph(entity.kind))
        return sorted((q.object for q in quads if isinstance(q.object, NamedNode | Literal)), key=_natural)

    def _value(self, node: NamedNode | Literal, wanted: Property) -> Value | None:
        if isinstance(node, NamedNode):
            return self._entities.at(node) if wanted.range else node.value
        if node.datatype == XSD.integer:
            return int(node.value)
        return date.fromisoformat(node.value) if node.datatype == XSD.date else node.value


def proposed(kind: Kind | None) -> list[Property]:
    """Return the properties of things of this kind, of all kinds for None."""
    return [each for each in PROPERTIES.values() if kind is None or kind in each.kinds]


def called(beginning: str, properties: Iterable[Property]) -> list[Property]:
    """Return those of the properties whose id, or a word of whose name, begins so."""
    wanted = beginning.strip().casefold()
    return [
        each
        for each in properties
        if each.id.casefold().startswith(wanted) or f" {each.name}".casefold().find(f" {wanted}") >= 0
    ]


def _natural(node: NamedNode | Literal) -> list[tuple[int, str]]:
    """Sort ``…/author/2`` before ``…/author/10``."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(node.value)]
