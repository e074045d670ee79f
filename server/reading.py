"""What the pages read from: the release's store, its search index, and what is read once when the server starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from pyoxigraph import Literal, NamedNode, Store

from kg.cite import citation_keys
from kg.entity import LABELS
from kg.errors import DataError
from kg.search import Index
from kg.vocab import GRAPHS, RDF, Iris
from server.cards import Card, read_cards
from server.facets import Facets
from server.links import Links
from server.thesaurus import Thesaurus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.release import Release

EXTENSION = "opdkg-reading"


@dataclass(frozen=True)
class Reading:
    """One release, opened read-only. Any number of threads may read at once."""

    release: Release
    manifest: dict[str, Any]
    iris: Iris
    store: Store
    index: Index
    thesaurus: Thesaurus
    links: Links

    @classmethod
    def open(cls, release: Release, public_url: str | None) -> Reading:
        """Open the release; one that cannot be read is a DataError."""
        manifest = release.manifest()
        iris = Iris(manifest["base_iri"])
        try:
            store = Store.read_only(str(release.store))
        except OSError as error:
            raise DataError(f"{release.store}: cannot be opened: {error}; roll back or build again") from None
        return cls(
            release,
            manifest,
            iris,
            store,
            Index.open(release.search),
            Thesaurus(store, iris),
            Links(iris, public_url),
        )

    @cached_property
    def own_graphs(self) -> frozenset[NamedNode]:
        """The graphs of the release itself; all others are the reader's own."""
        return frozenset(map(self.iris.graph, GRAPHS))

    @cached_property
    def facets(self) -> Facets:
        return Facets(self.thesaurus, self.iris, self._model_name)

    def _model_name(self, slug: str) -> str:
        node = self.iris.model(slug)
        quads = (quad for predicate in LABELS for quad in self.store.quads_for_pattern(node, predicate, None, None))
        return next((quad.object.value for quad in quads if isinstance(quad.object, Literal)), slug)

    def cards(self, ids: Iterable[str], first_authors: int | None = None) -> list[Card]:
        """Read papers by id, with all authors or the first few."""
        return read_cards(self.store, self.iris, self.thesaurus, ids, first_authors)

    @cached_property
    def citation_keys(self) -> dict[str, str]:
        """The key of every paper of the release: what one paper's key is depends on all the others'."""
        nodes = self.store.quads_for_pattern(None, RDF.type, self.iris.opd.Paper, self.iris.graph("papers"))
        iris = {quad.subject.value for quad in nodes if isinstance(quad.subject, NamedNode)}
        papers = sorted(paper_id for iri in iris if (paper_id := self.links.paper_id(iri)))
        return citation_keys(card.citation() for card in self.cards(papers))


def reading() -> Reading:
    """Return what the current application reads from."""
    return cast("Reading", current_app.extensions[EXTENSION])
