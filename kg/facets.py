"""Facets: what the papers are narrowed down by, and how many of them each value would leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tantivy import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tantivy import Schema, Searcher

#: The keys, in the order in which pages show them. The first eight are the classification dimensions.
FACETS = (
    "chapter",
    "loss",
    "signal",
    "stabilization",
    "role",
    "access",
    "granularity",
    "coverage",
    "year",
    "month",
    "author",
    "teacher",
    "student",
    "model",
    "code",
    "status",
    "source",
)

#: Up to so many different values, a facet's list is in one order all the way down. Beyond, equal counts at the end of a
#: cut list may be any of those with that count (but the same ones each time); the counts themselves are always exact.
_ORDERED_VALUES = 5000

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FacetFilter:
    """A paper passes if it has one of ``any_of`` (or that is empty), and none of ``none_of``."""

    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        return (*self.any_of, *self.none_of)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many papers there would be if ``value`` alone were chosen in its facet, everything else staying as it is."""

    value: str
    count: int


def facet_field(facet: str) -> str:
    """Return the name of the index's field for ``facet``."""
    return f"facet_{facet}"


def value_query(schema: Schema, facet: str, values: Iterable[str]) -> Query:
    """The papers that have one of the values. A value that no index can hold (a lone surrogate) is no paper's."""
    known = [value for value in values if not _SURROGATE.search(value)]
    return Query.term_set_query(schema, facet_field(facet), known)


def facet_counts(searcher: Searcher, query: Query, facets: Sequence[str], limit: int) -> dict[str, list[FacetCount]]:
    """Count the values of ``facets`` over the papers of ``query``: the ``limit`` largest, equal ones by value."""
    if not facets:
        return {}
    answer = searcher.aggregate(
        query,
        {
            facet: {
                "terms": {
                    "field": facet_field(facet),
                    "size": limit,
                    "segment_size": max(limit, _ORDERED_VALUES),
                }
            }
            for facet in facets
        },
    )
    return {
        facet: in_order(FacetCount(bucket["key"], bucket["doc_count"]) for bucket in answer[facet]["buckets"])
        for facet in facets
    }


def in_order(counts: Iterable[FacetCount]) -> list[FacetCount]:
    """The most frequent first, equal ones by value."""
    return sorted(counts, key=lambda each: (-each.count, each.value))
