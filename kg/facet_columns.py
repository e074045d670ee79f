"""The columns of the index in which the values of facets are counted, so that counting takes a moment at any size.

Reading an entry of a column costs the same whatever it says, so there are few to read: one entry of a *combined* column holds
all that a paper has in several facets. Papers may be many, but the ways to be classified are not, and a sum over these gives
every value's count. Where there are too many ways (the authors of many papers), a facet has *tiers* instead: a column with
the values of most papers, one with those of fewer, and so on. A tier is only read if a value of it could be in the list.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tantivy import Query

from kg.facets import FACETS, FacetCount, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tantivy import Schema, SchemaBuilder, Searcher

    #: The values of a paper in each facet of a group.
    Combination = tuple[tuple[str, ...], ...]

#: Facets whose combinations are few, since what a paper has in one goes with what it has in the others.
GROUPS = (
    ("chapter",),
    ("loss", "signal", "stabilization"),
    ("role", "access", "granularity", "coverage", "code", "status"),
    ("year", "month"),
    ("teacher", "student", "model"),
    ("author",),
    ("source",),
)
#: A group with more combinations is counted facet by facet, and a single facet with more in tiers.
MAX_COMBINATIONS = 4000
#: Nor is an entry longer than a term may be.
MAX_ENTRY_CHARS = 65_000
#: A tier's values are in at least so many papers, and in fewer than the tier before says.
TIERS = (256, 16, 1)


class Layout:
    """Which columns an index has. That depends on all of its papers: each is first noted, then asked for its entries."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, ...], set[Combination]] = {group: set() for group in GROUPS}
        self._papers: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}

    def note(self, facets: Mapping[str, tuple[str, ...]]) -> None:
        """Take a paper into account."""
        for group in tuple(self._groups):
            seen, found = self._groups[group], _combination(facets, group)
            if found not in seen:
                seen.add(found)
                self._settle(group, seen, found)
        for facet, values in facets.items():
            self._papers[facet].update(set(values))

    def _settle(self, group: tuple[str, ...], seen: set[Combination], newest: Combination) -> None:
        """Keep the group, or the facets of it that can be kept."""
        if len(seen) <= MAX_COMBINATIONS and len(_entry(newest)) <= MAX_ENTRY_CHARS:
            self._groups[group] = seen
            return
        self._groups.pop(group, None)
        if len(group) > 1:
            for place, facet in enumerate(group):
                self._settle((facet,), {(each[place],) for each in seen}, (newest[place],))

    def add_fields(self, builder: SchemaBuilder) -> None:
        """Add the columns to the schema of the index."""
        tiers = [_tier_field(facet, least) for facet in self._tiered() for least in TIERS]
        for field in (*map(_combined_field, self._groups), *tiers):
            builder.add_text_field(field, fast=True, tokenizer_name="raw", index_option="basic")

    def entries(self, facets: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
        """Yield what a paper has in which columns."""
        for group in self._groups:
            yield _combined_field(group), _entry(_combination(facets, group))
        for facet in self._tiered():
            papers = self._papers[facet]
            for value in set(facets.get(facet, ())):
                yield _tier_field(facet, next(least for least in TIERS if papers[value] >= least)), value

    def _tiered(self) -> list[str]:
        combined = {facet for group in self._groups for facet in group}
        return [facet for facet in FACETS if facet not in combined]


class FacetColumns:
    """Reads the columns of an open index."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        self._searcher = searcher
        groups = (*GROUPS, *((facet,) for facet in FACETS))
        self._groups = {field: group for group in groups if _has(schema, field := _combined_field(group))}
        self._tiered = [facet for facet in FACETS if _has(schema, _tier_field(facet, TIERS[0]))]
        self._read = lru_cache(None)(_read_entry)  # there are no more than MAX_COMBINATIONS in a group

    def counts(self, query: Query, limits: Mapping[str, int]) -> dict[str, list[FacetCount]]:
        """Count the values of facets over the papers of ``query``: the largest of each, so many, equal ones by value.

        Where a facet has tiers, equal counts at the end of a cut list may be any of those with that count.
        """
        found: dict[str, dict[str, int]] = {facet: {} for facet in limits}
        groups = {field: group for field, group in self._groups.items() if not limits.keys().isdisjoint(group)}
        unsettled = {facet: limits[facet] for facet in self._tiered if facet in limits}
        for least in TIERS:
            tiers = {_tier_field(facet, least): limit for facet, limit in unsettled.items()}
            answer = self._buckets(query, dict.fromkeys(groups, MAX_COMBINATIONS) | tiers)
            for field, group in groups.items():
                self._add_up(answer[field], [found.get(facet) for facet in group])
            for facet in unsettled:
                tier = answer[_tier_field(facet, least)]
                found[facet] |= {bucket["key"]: bucket["doc_count"] for bucket in tier}
            unsettled = {each: limit for each, limit in unsettled.items() if not _is_settled(found[each], limit, least)}
            groups = {}
        return {
            facet: in_order(FacetCount(value, count) for value, count in counts.items())[: limits[facet]]
            for facet, counts in found.items()
        }

    def _buckets(self, query: Query, sizes: Mapping[str, int]) -> dict[str, list[dict[str, Any]]]:
        """Return the most frequent entries of each column, so many of them."""
        wanted = {
            field: {"terms": {"field": field, "size": size, "segment_size": size}}
            for field, size in sizes.items()
            if size
        }
        answer = self._searcher.aggregate(query, wanted) if wanted else {}
        return {field: answer[field]["buckets"] if field in answer else [] for field in sizes}

    def _add_up(self, buckets: Iterable[Mapping[str, Any]], counts: Sequence[dict[str, int] | None]) -> None:
        """Add each combination's papers to the counts of its values, for those facets of the group that are asked for."""
        for bucket in buckets:
            papers = bucket["doc_count"]
            for count, values in zip(counts, self._read(bucket["key"]), strict=True):
                if count is not None:
                    for value in values:
                        count[value] = count.get(value, 0) + papers


def _is_settled(counts: Mapping[str, int], limit: int, least: int) -> bool:
    """Tell whether the list is full of values that are more frequent than any in later tiers."""
    return not limit or (len(counts) >= limit and heapq.nlargest(limit, counts.values())[-1] >= least)


def _combination(facets: Mapping[str, tuple[str, ...]], group: tuple[str, ...]) -> Combination:
    return tuple(tuple(sorted(set(facets.get(facet, ())))) for facet in group)


def _entry(combination: Combination) -> str:
    return json.dumps(combination, separators=(",", ":"))


def _read_entry(entry: str) -> list[list[str]]:
    values: list[list[str]] = json.loads(entry)
    return values


def _combined_field(group: tuple[str, ...]) -> str:
    return f"combined_{'_'.join(group)}"


def _tier_field(facet: str, least: int) -> str:
    return f"tier_{facet}_{least}"


def _has(schema: Schema, field: str) -> bool:
    try:
        Query.term_query(schema, field, "")
    except ValueError:
        return False
    return True
