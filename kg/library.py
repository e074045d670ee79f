"""A release opened for reading: its store, its search index, and its vocabulary of concepts by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Self

from pyoxigraph import NamedNode, Store

from kg.cards import CARD_AUTHORS, Card, read_card, unpacked
from kg.dataset import Edition
from kg.entity import Documents
from kg.framing import Framer
from kg.graph import open_at
from kg.related import Relatives
from kg.search import Index
from kg.thesaurus import Thesaurus
from kg.together import Filters, Together, together
from kg.vocab import GRAPHS, Iris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.release import Release

#: How many cards are kept once they are read, about 2 kB each: a release never changes, so they stay true.
REMEMBERED = 4096

#: How many networks of names are kept once they are counted.
NETWORKS = 64


@dataclass(frozen=True)
class Library:
    """One release, opened read-only. Any number of threads may read at once."""

    release: Release
    manifest: dict[str, Any]
    iris: Iris
    store: Store
    index: Index
    thesaurus: Thesaurus

    @classmethod
    def open(cls, release: Release) -> Self:
        """Open the release; one that cannot be read is a DataError."""
        manifest = release.manifest()
        iris = Iris(manifest["base_iri"])
        store = open_at(release)
        return cls(release, manifest, iris, store, Index.open(release.search), Thesaurus(store, iris))

    @cached_property
    def own_graphs(self) -> frozenset[NamedNode]:
        """The graphs of the release itself; all others are the reader's own."""
        return frozenset(map(self.iris.graph, GRAPHS))

    @cached_property
    def edition(self) -> Edition:
        """The release as its descriptions name it."""
        return Edition.of(self.manifest)

    def cards(self, ids: Iterable[str], first_authors: int | None = None) -> list[Card]:
        """Read papers by id, each of which is in the release, with all authors or the first few."""
        return [self._card(paper_id, first_authors) for paper_id in ids]

    @cached_property
    def _card(self) -> Callable[[str, int | None], Card]:
        return lru_cache(REMEMBERED)(self._read_card)

    def _read_card(self, paper_id: str, first_authors: int | None) -> Card:
        kept = self.index.card(paper_id) if first_authors == CARD_AUTHORS else None
        if kept:
            return unpacked(kept, self.thesaurus)
        return read_card(self.store, self.iris, self.thesaurus, paper_id, first_authors)

    @cached_property
    def relatives(self) -> Relatives:
        """What finds papers that have something in common."""
        return Relatives(self)

    @cached_property
    def together(self) -> Callable[[str, Filters, int], Together]:
        """What finds names that publish together, and keeps what it has found."""
        return lru_cache(NETWORKS)(partial(together, self.index))

    @cached_property
    def documents(self) -> Documents:
        """What reads what is said of each thing."""
        return Documents(self.store, self.iris)

    @cached_property
    def framer(self) -> Framer:
        """What writes JSON-LD, and keeps what it has written."""
        return Framer(self.documents)
