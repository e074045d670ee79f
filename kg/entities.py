"""What other data can be reconciled with: papers, names, concepts and models, by id and by all that they are called.

An id is the thing's IRI without the base IRI: ``paper/2306.13649``. Only the release's own graphs are read: what a reader
added for themselves is not what this graph knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from kg.cards import CARD_AUTHORS
from kg.identifiers import clean_address, clean_text, parse_arxiv_id
from kg.vocab import DCTERMS, FOAF, RDF, RDFS, SKOS, segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

    from kg.library import Library

MAX_ID_CHARS = 2048
#: So many papers of a name are counted; beyond, it is told apart by being frequent.
MANY_PAPERS = 100
#: How many things a process remembers: a release never changes.
_REMEMBERED = 8192


class Kind(StrEnum):
    """The kinds of things, by the class that each is an instance of."""

    PAPER = "opd:Paper"
    NAME = "opd:AuthorName"
    CONCEPT = "skos:Concept"
    MODEL = "opd:LanguageModel"


TITLES = {Kind.PAPER: "Paper", Kind.NAME: "Author name", Kind.CONCEPT: "Concept", Kind.MODEL: "Language model"}

#: The first segment of the ids of each kind.
_SEGMENTS = {"paper": Kind.PAPER, "name": Kind.NAME, "concept": Kind.CONCEPT, "model": Kind.MODEL}

#: The kinds whose ids may have a slash after the first one; of others it is an escaped letter.
_DIVIDED = (Kind.PAPER, Kind.CONCEPT)


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing. ``name`` is what it is called first, ``others`` what it is called besides."""

    id: str
    kind: Kind
    name: str
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that the thing is called, its name first."""
        return (self.name, *self.others)


class Entities:
    """The things of a release, read when they are asked for."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._store, self._iris = library.store, library.iris
        opd = self._iris.opd
        self._read = lru_cache(_REMEMBERED)(self._read_from_store)
        self._classes = {
            Kind.PAPER: opd.Paper,
            Kind.NAME: opd.AuthorName,
            Kind.CONCEPT: SKOS.Concept,
            Kind.MODEL: opd.LanguageModel,
        }
        #: What names the things of each kind, in this order.
        self._labels = {
            Kind.PAPER: (DCTERMS.title, DCTERMS.alternative, opd.methodName),
            Kind.NAME: (RDFS.label,),
            Kind.CONCEPT: (SKOS.prefLabel, SKOS.notation, SKOS.altLabel, SKOS.hiddenLabel),
            Kind.MODEL: (RDFS.label, DCTERMS.alternative),
        }

    def get(self, entity_id: str) -> Entity | None:
        """Return the thing of this id, None if there is none. An id that was decoded once too often is understood."""
        first, _, rest = clean_text(entity_id).partition("/")
        kind = _SEGMENTS.get(first)
        if kind is None or len(entity_id) > MAX_ID_CHARS:
            return None
        parts = rest.split("/") if kind in _DIVIDED else [rest]
        respelled = "/".join((first, *(segment(unquote(part)) for part in parts)))
        found = (self._read(spelling, kind) for spelling in dict.fromkeys((entity_id, respelled)))
        return next((entity for entity in found if entity), None)

    def at(self, node: NamedNode) -> Entity | None:
        """Return the thing of this IRI, None if it is not one of these kinds."""
        return self.get(self._id(node)) if node.value.startswith(self._iris.base) else None

    def node(self, entity: Entity) -> NamedNode:
        return NamedNode(self._iris.base + entity.id)

    def paper(self, paper_id: str) -> Entity | None:
        return self.at(self._iris.paper(paper_id))

    def identify(self, text: str) -> Entity | None:
        """Return what ``text`` identifies: an arXiv id or a DOI in any spelling, an IRI, an id, or a paper's address."""
        arxiv_id = parse_arxiv_id(text)
        if arxiv_id:
            return self.paper(arxiv_id)
        text = clean_text(text)
        return self.get(text.removeprefix(self._iris.base)) or self._paper_that(self._says(text))

    def all_of(self, kinds: Iterable[Kind]) -> Iterator[Entity]:
        """Return all things of these kinds, kind by kind, in order of id."""
        for kind in kinds:
            instances = self._store.quads_for_pattern(None, RDF.type, self._classes[kind], self.graph(kind))
            ids = sorted(self._id(quad.subject) for quad in instances if isinstance(quad.subject, NamedNode))
            yield from (entity for each in ids if (entity := self._read(each, kind)))

    def describe(self, entity: Entity) -> str:
        """Return a few words that tell the thing from its namesakes."""
        node, opd, thesaurus = self.node(entity), self._iris.opd, self.library.thesaurus
        if entity.kind is Kind.PAPER:
            card = self.library.cards([self._iris.paper_id(node.value)], CARD_AUTHORS)[0]
            others = " et al." if card.author_count > len(card.authors) else ""
            return " · ".join(filter(None, ("; ".join(card.authors) + others, card.published)))
        if entity.kind is Kind.CONCEPT:
            return thesaurus.schemes[thesaurus.concepts[node.value].scheme].label
        if entity.kind is Kind.MODEL:
            family = self._texts(node, (opd.family,), Kind.MODEL)
            return f"of the family {family[0]}" if family else ""
        places = self._store.quads_for_pattern(None, opd.name, node, self.graph(Kind.NAME))
        count = sum(1 for _ in islice(places, MANY_PAPERS))
        return f"{MANY_PAPERS} papers or more" if count == MANY_PAPERS else f"{count} paper{'s' * (count != 1)}"

    def _read_from_store(self, entity_id: str, kind: Kind) -> Entity | None:
        try:
            node = NamedNode(self._iris.base + entity_id)
        except ValueError:  # no IRI, so that nothing is called by it
            return None
        if not any(self._store.quads_for_pattern(node, RDF.type, self._classes[kind], self.graph(kind))):
            return None
        names = self._texts(node, self._labels[kind], kind) or [entity_id.partition("/")[2]]
        if kind is Kind.CONCEPT:
            concept = self.library.thesaurus.concepts.get(node.value)
            if concept is None:
                return None
            names.insert(0, concept.name)
        if kind is Kind.NAME:
            names.append(in_order(names[0]))
        name, *others = dict.fromkeys(names)
        return Entity(entity_id, kind, name, tuple(others))

    def _says(self, text: str) -> Iterator[Quad]:
        """Return where a paper has ``text`` for its address, or for the id that it has at its source."""
        graph = self.graph(Kind.PAPER)
        address = clean_address(text)
        if address:
            yield from self._store.quads_for_pattern(None, FOAF.page, NamedNode(address), graph)
        yield from self._store.quads_for_pattern(None, DCTERMS.identifier, Literal(text), graph)

    def _paper_that(self, quads: Iterable[Quad]) -> Entity | None:
        """Return the paper that these statements are about, None if they are about several."""
        subjects = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
        papers = [entity for subject in subjects if (entity := self.at(subject))]
        return papers[0] if len(papers) == 1 else None

    def _texts(self, node: NamedNode, predicates: Iterable[NamedNode], kind: Kind) -> list[str]:
        """Return the literals of these properties, property by property, each in order."""
        found = (self._store.quads_for_pattern(node, each, None, self.graph(kind)) for each in predicates)
        return [
            value
            for quads in found
            for value in sorted(quad.object.value for quad in quads if isinstance(quad.object, Literal))
        ]

    def graph(self, kind: Kind) -> NamedNode:
        return self._iris.graph("taxonomy" if kind is Kind.CONCEPT else "papers")

    def _id(self, node: NamedNode) -> str:
        return node.value.removeprefix(self._iris.base)


def in_order(name: str) -> str:
    """Return ``Yuxian Gu`` for ``Gu, Yuxian``, and any other name as it is."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() and "," not in given else name
