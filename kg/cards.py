"""Papers as lists show them and as exports write them: read from the store by id, a few lookups each."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.cite import Citation
from kg.vocab import DCTERMS, FABIO, FOAF, PRISM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store

    from kg.entity import Term
    from kg.thesaurus import Concept, Thesaurus
    from kg.vocab import Iris

#: The dimensions whose concepts a card shows, in this order, by property.
SHOWN = ("lossClass", "signalSource", "stabilization", "role", "teacherAccess", "granularity")

#: How many authors a card names.
CARD_AUTHORS = 3

#: What says that nothing is known, and is not worth a place on a card.
GAPS = ("unclassified", "not-reported")


@dataclass(frozen=True, slots=True)
class Card:
    """One paper. ``authors`` are in order, all or the first few of ``author_count``; addresses are as listed.

    ``key`` is what a bibliography calls it; ``concepts`` are those of SHOWN, gaps left out.
    """

    id: str
    iri: str
    key: str
    title: str
    authors: tuple[str, ...]
    author_count: int
    issued: date | None
    year: int | None
    arxiv_id: str | None
    doi: str | None
    address: str | None
    venue: str | None
    repositories: tuple[str, ...]
    concepts: tuple[Concept, ...]
    status: str
    dropped_since: date | None

    @property
    def published(self) -> str:
        """The day of publication, or the year where nothing more is known, or nothing."""
        return self.issued.isoformat() if self.issued else str(self.year or "")

    @property
    def by_scheme(self) -> dict[str, list[Concept]]:
        """The concepts by the IRI of their scheme, in the order of SHOWN."""
        found: dict[str, list[Concept]] = {}
        for concept in self.concepts:
            found.setdefault(concept.scheme, []).append(concept)
        return found

    def citation(self) -> Citation:
        return Citation(
            key=self.key,
            title=self.title,
            authors=self.authors,
            year=self.year,
            issued=self.issued,
            arxiv_id=self.arxiv_id,
            doi=self.doi,
            address=self.address,
            venue=self.venue,
        )


def read_card(store: Store, iris: Iris, thesaurus: Thesaurus, paper_id: str, first_authors: int | None = None) -> Card:
    """Read the paper of an id, which must be in the store, with all authors or the first few."""
    node, opd = iris.paper(paper_id), iris.opd
    facts = _Facts(store, node, iris.graph("papers"))
    author_count = len(facts.iris(opd.hasAuthorship))
    named = author_count if first_authors is None else min(first_authors, author_count)
    concepts = [thesaurus.concepts[iri] for name in SHOWN for iri in facts.iris(opd[name]) if iri in thesaurus.concepts]
    return Card(
        id=paper_id,
        iri=node.value,
        key=facts.text(opd.citationKey) or paper_id,
        title=facts.text(DCTERMS.title) or paper_id,
        authors=_authors(store, iris, paper_id, named),
        author_count=author_count,
        issued=_day(facts.text(DCTERMS.issued)),
        year=int(facts.text(opd.year) or 0) or None,
        arxiv_id=facts.text(FABIO.hasArXivId),
        doi=facts.text(PRISM.doi),
        address=next(iter(facts.iris(FOAF.page)), None),
        venue=facts.text(PRISM.publicationName),
        repositories=tuple(facts.iris(opd.repository)),
        concepts=tuple(concept for concept in concepts if concept.slug not in GAPS),
        status=next(iter(facts.iris(opd.listingStatus)), "").rpartition("/")[2],
        dropped_since=_day(facts.text(opd.droppedSince)),
    )


def packed(card: Card) -> bytes:
    """Return the card as the search index keeps it, where a list finds it sooner than the store could tell it."""
    return json.dumps({**asdict(card), "concepts": [concept.iri for concept in card.concepts]}, default=str).encode()


def unpacked(data: bytes, thesaurus: Thesaurus) -> Card:
    """Return the card of which ``packed`` has made these bytes."""
    said = json.loads(data)
    lists = {name: tuple(said[name]) for name in ("authors", "repositories")}
    days = {name: _day(said[name]) for name in ("issued", "dropped_since")}
    return Card(**{**said, **lists, **days, "concepts": tuple(thesaurus.concepts[iri] for iri in said["concepts"])})


def _authors(store: Store, iris: Iris, paper_id: str, count: int) -> tuple[str, ...]:
    """Read the names in order: authorships are numbered from 1."""
    nodes = (iris.authorship(paper_id, position) for position in range(1, count + 1))
    graph = iris.graph("papers")
    names = (next(iter(store.quads_for_pattern(node, iris.opd.authorName, None, graph)), None) for node in nodes)
    return tuple(quad.object.value for quad in names if quad is not None and isinstance(quad.object, Literal))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class _Facts:
    """What one graph says of one subject, by predicate. Local data may say anything at all, and is not asked."""

    def __init__(self, store: Store, node: NamedNode, graph: NamedNode) -> None:
        self._store = store
        self._node = node
        self._graph = graph

    def iris(self, predicate: NamedNode) -> list[str]:
        return sorted(value.value for value in self._values(predicate) if isinstance(value, NamedNode))

    def text(self, predicate: NamedNode) -> str | None:
        return min((value.value for value in self._values(predicate) if isinstance(value, Literal)), default=None)

    def _values(self, predicate: NamedNode) -> Iterator[Term]:
        """A paper has many more statements than a card needs: asking for those takes half the time."""
        return (quad.object for quad in self._store.quads_for_pattern(self._node, predicate, None, self._graph))
