"""What VoID counts of a release, ready to be counted again with each description of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, Triple

from kg.linksets import LINKSETS, Linkset
from kg.vocab import RDF, SKOS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from kg.vocab import Iris


@dataclass(frozen=True, slots=True)
class Counts:
    """What VoID counts, of the union of the graphs: triples, terms, and a partition by class and by property.

    ``entities`` are the things whose IRI is under the base, ``documents`` the addresses that they answer at.
    ``classes`` counts instances, ``properties`` triples, and so does ``uses``, by the subject's class and the property.
    ``links`` counts the triples of each linkset that has any; ``examples`` are one thing of each kind.
    """

    triples: int
    subjects: int
    objects: int
    entities: int
    documents: int
    classes: Counter[str]
    properties: Counter[str]
    uses: Counter[tuple[str, str]]
    graphs: Counter[str]
    links: dict[Linkset, int]
    examples: tuple[NamedNode, ...]


class Tally:
    """The statements of a release but its description, ready to be counted with any description."""

    def __init__(self, quads: Iterable[Quad], iris: Iris) -> None:
        self._base = iris.base
        self._triples: set[Triple] = set()
        self._graphs: Counter[str] = Counter()
        for quad in quads:
            self._triples.add(quad.triple)
            self._graphs[_iri(quad.graph_name)] += 1
        self._by_subject = _by_subject(self._triples)
        self._objects = {triple.object for triple in self._triples}
        self._properties = Counter(triple.predicate.value for triple in self._triples)
        self._classes, self._uses = _use(self._by_subject.values())
        self._entities = self._own(self._by_subject)
        self._documents = _documents(self._entities)
        self._links = _links(quads, iris)
        self._examples = tuple(_examples(self._triples, iris))

    def count(self, described: Collection[Quad]) -> Counts:
        """Count distinct statements."""
        new = {quad.triple for quad in described} - self._triples
        touched = _by_subject(new)
        known = {subject: self._by_subject[subject] for subject in touched if subject in self._by_subject}
        old_classes, old_uses = _use(known.values())
        classes, uses = _use([*known.get(subject, ()), *triples] for subject, triples in touched.items())
        entities = self._own(touched)
        return Counts(
            triples=len(self._triples) + len(new),
            subjects=len(self._by_subject) + len(touched) - len(known),
            objects=len(self._objects) + len({triple.object for triple in new} - self._objects),
            entities=len(self._entities) + len(entities - self._entities),
            documents=len(self._documents) + len(_documents(entities) - self._documents),
            classes=self._classes - old_classes + classes,
            properties=self._properties + Counter(triple.predicate.value for triple in new),
            uses=self._uses - old_uses + uses,
            graphs=self._graphs + Counter(_iri(quad.graph_name) for quad in described),
            links=self._links,
            examples=self._examples,
        )

    def _own(self, subjects: Iterable[object]) -> set[str]:
        """Return the IRIs under the base."""
        named = (subject.value for subject in subjects if isinstance(subject, NamedNode))
        return {iri for iri in named if iri.startswith(self._base)}


def _documents(entities: Iterable[str]) -> set[str]:
    """Return where the entities answer: what stands behind a # is not sent to a server."""
    return {iri.partition("#")[0] for iri in entities}


def _links(quads: Iterable[Quad], iris: Iris) -> dict[Linkset, int]:
    at = {(str(iris.graph(linkset.graph)), linkset.predicate): linkset for linkset in LINKSETS}
    found = Counter(at.get((str(quad.graph_name), quad.predicate)) for quad in quads)
    return {linkset: found[linkset] for linkset in LINKSETS if found[linkset]}


def _examples(triples: Iterable[Triple], iris: Iris) -> Iterator[NamedNode]:
    """Return the first thing under the base, by IRI, of each kind that people look for."""
    opd, is_a = iris.opd, RDF.type
    first: dict[object, str] = {}
    for triple in triples:
        if triple.predicate == is_a and isinstance(triple.subject, NamedNode):
            iri = triple.subject.value
            if iri.startswith(iris.base):
                first[triple.object] = min(iri, first.get(triple.object, iri))
    kinds = (opd.Paper, SKOS.Concept, opd.LanguageModel, opd.AuthorName, opd.Classification)
    return (NamedNode(first[kind]) for kind in kinds if kind in first)


def _by_subject(triples: Iterable[Triple]) -> dict[object, list[Triple]]:
    found: dict[object, list[Triple]] = {}
    for triple in triples:
        found.setdefault(triple.subject, []).append(triple)
    return found


def _use(things: Iterable[Collection[Triple]]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Count the classes of things, each given by its statements, and the statements by class and property."""
    classes: Counter[str] = Counter()
    uses: Counter[tuple[str, str]] = Counter()
    for triples in things:
        types = (triple.object for triple in triples if triple.predicate == RDF.type)
        kinds = [kind.value for kind in types if isinstance(kind, NamedNode)]
        classes.update(kinds)
        uses.update((kind, triple.predicate.value) for kind in kinds for triple in triples)
    return classes, uses


def _iri(term: object) -> str:
    """Return the IRI of a graph; a reader's own data may hold one that is a blank node."""
    return term.value if isinstance(term, NamedNode) else str(term)
