"""Papers as lists show them and as exports write them: read from the store by id, a few lookups each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.cite import Citation
from kg.vocab import DCTERMS, FABIO, FOAF, PRISM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

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


def read_cards(
    store: Store, iris: Iris, thesaurus: Thesaurus, ids: Iterable[str], first_authors: int | None = None
) -> list[Card]:
    """Read the papers of these ids, in their order, with all authors or the first few.

    Each must be in the store: ids come from its own index.
    """
    return [_read_card(store, iris, thesaurus, paper_id, first_authors) for paper_id in ids]


def _read_card(store: Store, iris: Iris, thesaurus: Thesaurus, paper_id: str, first_authors: int | None) -> Card:
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
        self._values: dict[NamedNode, list[NamedNode | Literal]] = {}
        for quad in store.quads_for_pattern(node, None, None, graph):
            if isinstance(quad.object, NamedNode | Literal):
                self._values.setdefault(quad.predicate, []).append(quad.object)

    def iris(self, predicate: NamedNode) -> list[str]:
        return sorted(value.value for value in self._values.get(predicate, ()) if isinstance(value, NamedNode))

    def text(self, predicate: NamedNode) -> str | None:
        texts = sorted(value.value for value in self._values.get(predicate, ()) if isinstance(value, Literal))
        return texts[0] if texts else None
