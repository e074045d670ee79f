"""The columns of the index in which the values of facets are counted, so that counting takes a moment at any size.

Reading an entry of a column costs the same whatever it says, so there are few to read: the one entry that a paper has in a
*combined* column holds all that it has in several facets. Papers may be many, but the ways to be classified are not, and a sum
over these gives every value's count. A paper with a rare combination has its values in a column beside that, which is read for
such papers only: a column is read four times as fast where no paper has two entries. Where nearly all combinations are rare
(the authors), a facet has *tiers* instead: a column with the values of most papers, one with those of fewer, and so on. A tier
is only read if a value of it could be in the list.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tantivy import Query

from kg.facets import FACETS, FacetCount, in_order
from kg.words import all_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tantivy import Document, Schema, SchemaBuilder, Searcher

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
#: So many combinations of a group, the most frequent ones, have an entry as a whole. Each one found costs as much as going
#: through some hundred papers.
MAX_COMBINATIONS = 400
#: A group of which less than this share of papers has a frequent combination is counted facet by facet, or in tiers.
LEAST_SHARE = 0.5
#: So are one with more combinations than can be kept in mind, and one with more values than can be read at once.
MAX_KNOWN, MAX_VALUES = 200_000, 6000
#: Nor is an entry longer than a term may be: Tantivy leaves out a longer one without a word.
MAX_TERM_BYTES = 65_000
#: A tier's values are in at least so many papers, and in fewer than the tier before says.
TIERS = (512, 16, 1)
#: What a paper with a rare combination has in the combined column; every combination is a JSON array.
RARE = "rare"
#: The field that finds the papers with a rare combination of any group.
HAS_RARE = "has_rare"


class _Combinations(NamedTuple):
    """Combinations of a group that have an entry as a whole; ``are_all`` says that no paper has another one."""

    combinations: set[Combination]
    are_all: bool


class Layout:
    """Which columns an index has. That depends on all of its papers: each is first noted, then asked for its entries."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Counter[Combination]] = {group: Counter() for group in GROUPS}
        self._papers: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}

    def note(self, facets: Mapping[str, tuple[str, ...]]) -> None:
        """Take a paper into account."""
        for group in tuple(self._known):
            known = self._known[group]
            known[_combination(facets, group)] += 1
            if len(known) > MAX_KNOWN:
                self._known |= _split(group, self._known.pop(group))
        for facet, values in facets.items():
            self._papers[facet].update(set(values))

    @cached_property
    def _frequent(self) -> dict[tuple[str, ...], _Combinations]:
        """The combinations that have entries, of the groups that are worth a column."""
        found, left = {}, self._known
        while left:
            group, known = left.popitem()
            kept = [each for each in known.most_common(MAX_COMBINATIONS) if len(_entry(each[0])) <= MAX_TERM_BYTES]
            enough = sum(papers for _, papers in kept) >= LEAST_SHARE * known.total()
            if enough and sum(len(self._papers[facet]) for facet in group) <= MAX_VALUES:
                found[group] = _Combinations({combination for combination, _ in kept}, len(kept) == len(known))
            else:
                left |= _split(group, known)
        return found

    def add_fields(self, builder: SchemaBuilder) -> None:
        """Add the columns to the schema of the index."""
        tiers = [_tier_field(facet, least) for facet in self._tiered for least in TIERS]
        values = [_values_field(group) for group, frequent in self._frequent.items() if not frequent.are_all]
        for field in (*map(_combined_field, self._frequent), *values, *tiers):
            builder.add_text_field(field, fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_boolean_field(HAS_RARE, indexed=True)

    @cached_property
    def _tiered(self) -> list[str]:
        combined = {facet for group in self._frequent for facet in group}
        return [facet for facet in FACETS if facet not in combined]

    def enter(self, facets: Mapping[str, tuple[str, ...]], document: Document) -> None:
        """Put what a paper has into its columns."""
        rare = False
        for group, frequent in self._frequent.items():
            combination = _combination(facets, group)
            if combination in frequent.combinations:
                document.add_text(_combined_field(group), _entry(combination))
                continue
            rare = True
            document.add_text(_combined_field(group), RARE)
            for alone in _values_of(combination):
                document.add_text(_values_field(group), _entry(alone))
        if rare:
            document.add_boolean(HAS_RARE, value=True)
        for facet in self._tiered:
            papers = self._papers[facet]
            for value in set(facets.get(facet, ())):
                document.add_text(_tier_field(facet, next(least for least in TIERS if papers[value] >= least)), value)


class FacetColumns:
    """Reads the columns of an open index."""

    def __init__(self, schema: Schema, searcher: Searcher) -> None:
        """Find the columns; a ValueError if the index has none for a facet."""
        self._searcher = searcher
        groups = tuple(dict.fromkeys((*GROUPS, *((facet,) for facet in FACETS))))
        self._combined = {field: group for group in groups if _has(schema, field := _combined_field(group))}
        self._values = {field: group for group in groups if _has(schema, field := _values_field(group))}
        self._rare = Query.term_query(schema, HAS_RARE, field_value=True)
        self.tiered = [facet for facet in FACETS if _has(schema, _tier_field(facet, TIERS[0]))]
        if missing := {*FACETS} - {*self.tiered, *(facet for group in self._combined.values() for facet in group)}:
            raise ValueError(f"no column for {min(missing)}")
        self._read = lru_cache(None)(_read_entry)  # there are no more than a column has entries

    def counts(self, query: Query, limits: Mapping[str, int]) -> dict[str, list[FacetCount]]:
        """Count the values of facets over the papers of ``query``: the largest of each, so many, equal ones by value.

        Where a facet has tiers, equal counts at the end of a cut list may be any of those with that count.
        """
        return self.combined(query, limits) | self.in_tiers(query, limits)

    def combined(self, query: Query, limits: Mapping[str, int]) -> dict[str, list[FacetCount]]:
        """Count those facets that have no tiers."""
        counts: dict[str, dict[str, int]] = {facet: {} for facet in limits if facet not in self.tiered}
        rare = all_of([query, self._rare])
        for papers, columns, size in ((query, self._combined, MAX_COMBINATIONS + 1), (rare, self._values, MAX_VALUES)):
            groups = {field: group for field, group in columns.items() if not counts.keys().isdisjoint(group)}
            for field, buckets in self._buckets(papers, dict.fromkeys(groups, size)).items():
                self._add_up(buckets, [counts.get(facet) for facet in groups[field]])
        return {facet: _largest(found, limits[facet]) for facet, found in counts.items()}

    def in_tiers(self, query: Query, limits: Mapping[str, int], *, few: bool = False) -> dict[str, list[FacetCount]]:
        """Count those facets that have tiers: ``few`` papers are gone through once, many once for each tier that is needed."""
        found: dict[str, dict[str, int]] = {facet: {} for facet in limits if facet in self.tiered}
        unsettled = list(found)
        for tiers in (TIERS,) if few else ((least,) for least in TIERS):
            fields = {_tier_field(facet, least): facet for facet in unsettled for least in tiers}
            sizes = {field: limits[facet] for field, facet in fields.items()}
            for field, buckets in self._buckets(query, sizes).items():
                found[fields[field]] |= {each["key"]: each["doc_count"] for each in buckets}
            unsettled = [each for each in unsettled if not _is_settled(found[each], limits[each], tiers[-1])]
        return {facet: _largest(counts, limits[facet]) for facet, counts in found.items()}

    def _buckets(self, query: Query, sizes: Mapping[str, int]) -> dict[str, list[dict[str, Any]]]:
        """Return the most frequent entries of each column, so many of them."""
        wanted = {
            field: {"terms": {"field": field, "size": size, "segment_size": size}}
            for field, size in sizes.items()
            if size
        }
        answer = self._searcher.aggregate(query, wanted) if wanted else {}
        return {field: answer[field]["buckets"] for field in wanted}

    def _add_up(self, buckets: Iterable[Mapping[str, Any]], counts: Sequence[dict[str, int] | None]) -> None:
        """Add each combination's papers to the counts of its values, for those facets of the group that are asked for."""
        for bucket in buckets:
            if bucket["key"] == RARE:
                continue
            papers = bucket["doc_count"]
            for count, values in zip(counts, self._read(bucket["key"]), strict=True):
                if count is not None:
                    for value in values:
                        count[value] = count.get(value, 0) + papers


def _largest(counts: Mapping[str, int], limit: int) -> list[FacetCount]:
    """Return so many of the values, the most frequent first, equal ones by value."""
    least = heapq.nlargest(limit, counts.values())[-1] if 0 < limit < len(counts) else 0
    return in_order(FacetCount(value, count) for value, count in counts.items() if count >= least)[:limit]


def _is_settled(counts: Mapping[str, int], limit: int, least: int) -> bool:
    """Tell whether the list is full of values that are more frequent than any in later tiers."""
    return not limit or (len(counts) >= limit and heapq.nlargest(limit, counts.values())[-1] >= least)


def _split(group: tuple[str, ...], known: Counter[Combination]) -> dict[tuple[str, ...], Counter[Combination]]:
    """Return the combinations of each facet of a group alone; nothing of a single facet."""
    alone: dict[tuple[str, ...], Counter[Combination]] = {(facet,): Counter() for facet in group if len(group) > 1}
    for combination, papers in known.items():
        for facet, values in zip(alone, combination, strict=False):
            alone[facet][(values,)] += papers
    return alone


def _combination(facets: Mapping[str, tuple[str, ...]], group: tuple[str, ...]) -> Combination:
    return tuple(tuple(sorted(set(facets.get(facet, ())))) for facet in group)


def _values_of(combination: Combination) -> Iterator[Combination]:
    """Yield a combination for each value alone."""
    for place, values in enumerate(combination):
        for value in values:
            yield tuple((value,) if each == place else () for each in range(len(combination)))


def _entry(combination: Combination) -> str:
    return json.dumps(combination, separators=(",", ":"))


def _read_entry(entry: str) -> list[list[str]]:
    values: list[list[str]] = json.loads(entry)
    return values


def _combined_field(group: tuple[str, ...]) -> str:
    return f"combined_{'_'.join(group)}"


def _values_field(group: tuple[str, ...]) -> str:
    return f"values_{'_'.join(group)}"


def _tier_field(facet: str, least: int) -> str:
    return f"tier_{facet}_{least}"


def _has(schema: Schema, field: str) -> bool:
    try:
        Query.term_query(schema, field, "")
    except ValueError:
        return False
    return True
