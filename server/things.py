"""What the page of a name, model, repository, source or release shows: its profile, its pictures and its papers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg.cards import CARD_AUTHORS
from server.concept_page import Papers, papers_of
from server.filters import DEFAULT_PER, PAGE_SIZES
from server.links import in_editor
from server.profile import Profile, profile
from server.selection_query import written
from server.thing_pictures import figure, pictures_of

if TYPE_CHECKING:
    from kg.entity import Document
    from server.figures import Figure
    from server.reading import Reading

#: How many papers of a repository are counted.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Thing:
    """The whole page. ``path`` is the thing's own, by which its pictures' data are asked for."""

    profile: Profile
    papers: Papers | None
    figures: list[Figure]
    path: str


def thing(here: Reading, document: Document) -> Thing | None:
    """Return the page of what the release itself says of one of these things, None for anything else."""
    found = profile(here, document)
    if found is None:
        return None
    is_repository = document.is_a(here.iris.opd.Repository)
    papers = _papers_with(here, document.subject) if is_repository else papers_of(here, document)
    figures = [figure(here, picture) for picture in pictures_of(here, document)]
    return Thing(found, papers, figures, document.subject.value.removeprefix(here.iris.base))


def _papers_with(here: Reading, repository: NamedNode) -> Papers:
    """Return the first papers with this code by id. There is no facet of repositories: the rest is a query away."""
    quads = here.store.quads_for_pattern(None, here.iris.opd.repository, repository, here.iris.graph("papers"))
    nodes = [quad.subject.value for quad in islice(quads, MOST) if isinstance(quad.subject, NamedNode)]
    ids = sorted(map(here.iris.paper_id, nodes))
    body = [f"?paper opd:repository {repository} ; dcterms:title ?title ."]
    text = written(
        here, f"The papers with {repository.value}", "SELECT DISTINCT ?paper ?title", body, "ORDER BY ?paper"
    )
    return Papers(len(ids), here.cards(ids[: PAGE_SIZES[DEFAULT_PER]], CARD_AUTHORS), None, in_editor(text))
