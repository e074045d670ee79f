"""Names of authors that stand together on papers: the strongest pairs among the papers that a filter leaves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from kg.facets import FacetCount, FacetFilter
from kg.search import SearchRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.search import Index

#: How many names and pairs are returned at most: more cannot be drawn.
MOST_NAMES = 60
MOST_PAIRS = 300

#: Among how many names, those with the most papers, pairs are looked for; and how many names one of them may have beside it.
LOOKED_AT = 300
BESIDE = 2000

Filters = tuple[tuple[str, FacetFilter], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, in order, and how many papers have both."""

    one: str
    other: str
    papers: int


@dataclass(frozen=True, slots=True)
class Together:
    """The strongest pairs, and the names in them with all their papers; ``found`` is how many pairs there are.

    ``looked_at`` is among how many names pairs were looked for if there are more, None if it was all of them.
    """

    names: tuple[FacetCount, ...]
    pairs: tuple[Pair, ...]
    found: int
    looked_at: int | None


def together(index: Index, text: str, filters: Filters, shared: int) -> Together:
    """Return the pairs of names that ``shared`` papers or more have, the most first, equal ones in order of the names."""
    request = SearchRequest(text, dict(filters), limit=0, facet_limit=BESIDE)
    counts = index.beside(request, "author", [])
    enough = [each for each in counts if each.count >= shared]
    known = {each.value: each for each in enough[:LOOKED_AT]}
    pairs = sorted(_pairs(index, request, known, shared), key=lambda pair: (-pair.papers, pair.one, pair.other))
    drawn, names = _drawn(pairs)
    return Together(
        names=tuple(each for name, each in known.items() if name in names),
        pairs=tuple(drawn),
        found=len(pairs),
        looked_at=len(known) if len(enough) > len(known) else None,
    )


def _pairs(index: Index, request: SearchRequest, known: Iterable[str], shared: int) -> Iterator[Pair]:
    by_paper: dict[int, list[str]] = {}
    for name in sorted(known):
        for place in index.places(request, "author", name):
            by_paper.setdefault(place, []).append(name)
    papers = Counter(pair for names in by_paper.values() for pair in combinations(names, 2))
    return (Pair(one, other, count) for (one, other), count in papers.items() if count >= shared)


def _drawn(pairs: Iterable[Pair]) -> tuple[list[Pair], frozenset[str]]:
    """Return the first pairs that do not need too many names, and their names."""
    drawn: list[Pair] = []
    names: frozenset[str] = frozenset()
    for pair in pairs:
        more = names | {pair.one, pair.other}
        if len(more) <= MOST_NAMES and len(drawn) < MOST_PAIRS:
            drawn.append(pair)
            names = more
    return drawn, names
