"""Facets: what the papers are narrowed down by, and how many of them each value would leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tantivy import Occur, Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tantivy import Schema

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

#: A set of values is first gone through as a whole; lists of papers are quicker merged, as long as they are few.
_MANY_VALUES = 16

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
    known = list(dict.fromkeys(value for value in values if not _SURROGATE.search(value)))
    if len(known) > _MANY_VALUES:
        return Query.term_set_query(schema, facet_field(facet), known)
    terms = [Query.term_query(schema, facet_field(facet), value, index_option="basic") for value in known]
    return terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Should, term) for term in terms])


def in_order(counts: Iterable[FacetCount]) -> list[FacetCount]:
    """The most frequent first, equal ones by value."""
    return sorted(counts, key=lambda each: (-each.count, each.value))
