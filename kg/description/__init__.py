"""The description of a release: VoID with computed counts, DCAT with its distributions, Croissant for who trains on it.

VoID and DCAT are inside the release, in graph/description. Every count includes the description's own triples: the numbers
are what a query over the release returns. So the release is counted again with each description until the numbers stay.
What a file cannot say of itself, its size and its checksum, is said from the manifest by :mod:`kg.description.served`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Quad

from kg.description.dcat import dcat
from kg.description.void import void
from kg.vocab import VOID

if TYPE_CHECKING:
    from kg.dataset import Edition
    from kg.description.counts import Tally

#: After so many rounds the counts would never settle.
MAX_ROUNDS = 10


def description(tally: Tally, edition: Edition) -> list[Quad]:
    """Return the quads of graph/description for a release of what was tallied."""
    graph = edition.iris.graph("description")
    fixed = [Quad(*triple, graph) for triple in dcat(edition)]
    described: list[Quad] = []
    for _ in range(MAX_ROUNDS):
        counts = tally.count(described)
        before, described = described, [*fixed, *(Quad(*triple, graph) for triple in void(counts, edition))]
        if described == before:
            return described
    # A number that is written is an object itself: where counting it makes it wrong, it is better not said.
    return [quad for quad in described if quad.predicate != VOID.distinctObjects]
