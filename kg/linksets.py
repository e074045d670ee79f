"""The links of the graph, as VoID tells them apart: which property, between what, in which file of their own.

``owl:sameAs`` leads out of the graph and has a graph of its own; the SKOS mappings lead from one concept scheme to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.vocab import OWL, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import NamedNode, Quad, Store

    from kg.vocab import Iris

LINKS = "links.nt.gz"
MAPPINGS = "mappings.nt.gz"


@dataclass(frozen=True, slots=True)
class Linkset:
    """The statements of one property in one of the release's graphs. ``inside`` tells that they stay within that graph.

    ``file`` is the dump that holds them, ``method`` says how they were made.
    """

    name: str
    title: str
    graph: str
    predicate: NamedNode
    method: str
    file: str
    inside: bool


DOI = Linkset(
    "doi",
    "Papers and their DOIs",
    "links",
    OWL.sameAs,
    "The DOI is made of the arXiv id that a source states, as DataCite registers it, in two spellings of its case.",
    LINKS,
    inside=False,
)

MAPPED_BY = (
    "Stated by hand, or a chapter has the same number and title in two versions; with inverses and what these imply."
)

LINKSETS = (
    DOI,
    *(
        Linkset(
            name, f"Concepts of different schemes: {name}", "taxonomy", SKOS[name], MAPPED_BY, MAPPINGS, inside=True
        )
        for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch")
    ),
)


def links(store: Store, file: str, iris: Iris) -> Iterator[Quad]:
    """Return what a file of links holds."""
    for linkset in LINKSETS:
        if linkset.file == file:
            yield from store.quads_for_pattern(None, linkset.predicate, None, iris.graph(linkset.graph))
