"""Asks the search index of a release, which ``kg/indexing.py`` writes: any number of processes may read it at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, TypeVar

import tantivy

from kg.errors import DataError, UsageError
from kg.facet_columns import FacetColumns
from kg.facets import FACETS, FacetCount, FacetFilter, facet_field, in_order, value_query
from kg.indexing import PLACED, Sort, place_field
from kg.sorted_pages import count_of, sorted_page
from kg.words import MAX_TEXT, all_of, similar_query, text_query
from kg.worth import Worth, worth_query

#: The most values that one request may choose, over all facets, and the most that it may see listed for one.
MAX_CHOSEN = 100
MAX_LISTED = 10_000
#: Over no more papers than that, all tiers of a facet are read at once: finding the papers again would take longer. In an index
#: of no more than that, the work of a second thread would not make up for handing it over.
FEW = 50_000
#: How many questions' counts a process remembers: a release never changes, so they stay true.
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A question, what to narrow it down to, the page wanted, and the facets to count.

    Each facet lists ``facet_limit`` values, or as many as ``facet_limits`` says: the most frequent few are found sooner.
    """

    text: str = ""
    filters: Mapping[str, FacetFilter] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    offset: int = 0
    limit: int = 25
    facets: Sequence[str] = ()
    facet_limit: int = 50
    facet_limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer: ``total`` papers match, ``ids`` are those of the page.

    ``facets`` has, for each facet asked for, the most frequent values, equal ones by value, none of them 0; then those
    chosen or excluded that were not among them, 0 or not. ``fuzzy`` says that no paper has the words as written, so that
    similar words were taken; this depends on the text alone, never on the filters.
    """

    total: int
    ids: list[str]
    facets: dict[str, list[FacetCount]]
    fuzzy: bool


@dataclass(frozen=True, slots=True)
class _Text:
    """A text as a query that ranks and one that finds the same papers sooner, None for a blank one; whether it forgives."""

    ranking: tantivy.Query | None
    matching: tantivy.Query | None
    fuzzy: bool


_T = TypeVar("_T")

#: A request's filters in one spelling, as the key under which counts are remembered.
_Filters = tuple[tuple[str, FacetFilter], ...]


class Index:
    """An index opened for reading. Safe to share between threads; never writes to its folder, and outlives it."""

    def __init__(self, schema: tantivy.Schema, searcher: tantivy.Searcher, columns: FacetColumns) -> None:
        self._schema = schema
        self._searcher = searcher
        self._columns = columns
        self._text = lru_cache(_REMEMBERED)(self._read_text)
        self._counts = lru_cache(_REMEMBERED)(self._count)
        self._tiers = lru_cache(_REMEMBERED)(self._count_in_tiers)
        self._passes = ThreadPoolExecutor(os.cpu_count(), "opdkg-facets")

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the index in the folder ``path``.

        Raises:
            DataError: there is none, it is damaged, or another version of this program made it.
        """
        try:
            # Rarely, a thread of Tantivy's leaves an empty lock file in the folder while that is taken away again.
            with TemporaryDirectory(prefix="opdkg-search-", ignore_cleanup_errors=True) as folder:
                # Tantivy locks a file even to read, and so could not open a folder that it may not write to. It is given
                # a folder of links instead, which it has no use for once the files are mapped into memory.
                for file in path.resolve(strict=True).iterdir():
                    if not file.name.startswith("."):
                        Path(folder, file.name).symlink_to(file)
                index = tantivy.Index.open(folder)
                index.config_reader("manual")
                schema, searcher = index.schema, index.searcher()
            columns = FacetColumns(schema, searcher)
            for name in ("id", "ids", "title", "words", "stems", *map(facet_field, FACETS)):
                tantivy.Query.term_query(schema, name, "")
            for sort in PLACED:
                tantivy.Query.term_query(schema, place_field(sort), 0)
        except (OSError, ValueError) as error:
            raise DataError(
                f"{path}: not a search index that this version can read: build the release again ({error})"
            ) from error
        return cls(schema, searcher, columns)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer ``request``. No text is wrong, however odd.

        A facet's counts are taken under the text, the filters of all other facets and its own exclusions, but not under
        its own choices: each is the total if that value alone were chosen there.

        Raises:
            UsageError: an unknown facet, a negative number, too many chosen values, or too many values to list.
        """
        _check(request)
        request = replace(request, text=request.text[:MAX_TEXT])
        filters = _in_one_spelling(request.filters)
        fuzzy = self._text(request.text).fuzzy
        facets = self._begin_facets(request, filters)
        total, ids = self._page(request, filters)
        return SearchResult(total, ids, facets(total), fuzzy)

    def card(self, paper_id: str) -> bytes | None:
        """Return what the index keeps to show of a paper, None if it has no such paper."""
        found = self._searcher.search(tantivy.Query.term_query(self._schema, "id", paper_id), limit=1, count=False)
        return next((bytes(self._searcher.doc(address)["card"][0]) for _, address in found.hits), None)

    def __len__(self) -> int:
        return self._searcher.num_docs

    def frequency(self, facet: str, value: str) -> int:
        """Return how many papers have the value."""
        return self._searcher.doc_freq(facet_field(facet), value)

    def sharing(self, kinds: Iterable[Iterable[Worth]], further: float, limit: int) -> list[tuple[str, float]]:
        """Return the papers that are worth most with their worth (kg/worth.py), equal ones in order of id."""
        limit = min(limit, len(self))
        if limit <= 0:
            return []
        found = self._searcher.search(worth_query(self._schema, kinds, further), limit=limit, count=False)
        return [(self._searcher.doc(address)["id"][0], score) for score, address in found.hits]

    def having_all(self, request: SearchRequest, facet: str, values: Iterable[str]) -> tuple[int, list[str]]:
        """Return how many papers of the request have all of the values, and the ids of the page."""
        _check(request)
        request = replace(request, text=request.text[:MAX_TEXT])
        return self._page(request, _in_one_spelling(request.filters), self._each(facet, values))

    def beside(self, request: SearchRequest, facet: str, values: Iterable[str]) -> list[FacetCount]:
        """Count the facet's values over those papers of the request that have all of ``values``, which are counted too."""
        query = self._all(request, facet, values)
        return self._columns.counts(query, {facet: request.facet_limit})[facet]

    def places(self, request: SearchRequest, facet: str, value: str) -> list[int]:
        """Return where in the index those papers of the request stand that have ``value``: numbers, to be compared."""
        limit = self.frequency(facet, value)
        query = tantivy.Query.const_score_query(self._all(request, facet, [value]), 0.0)
        found = self._searcher.search(query, limit=limit, count=False) if limit else None
        return [address.doc for _, address in found.hits] if found else []

    def _all(self, request: SearchRequest, facet: str, values: Iterable[str]) -> tantivy.Query:
        _check(request)
        filters = _in_one_spelling(request.filters)
        return self._query(request.text[:MAX_TEXT], filters, self._each(facet, values))

    def _each(self, facet: str, values: Iterable[str]) -> list[tantivy.Query]:
        return [value_query(self._schema, facet, [value]) for value in values]

    def similar(self, title: str, limit: int) -> list[str]:
        """Return the ids of the papers that share most with ``title``, the most first; what is there by other words too."""
        limit = min(limit, self._searcher.num_docs)
        if limit <= 0:
            return []
        found = self._searcher.search(similar_query(self._schema, title[:MAX_TEXT]), limit=limit, count=False)
        return self._ids(found)

    def _read_text(self, text: str) -> _Text:
        read = self._read(text, forgiving=False)
        if read.matching is None or self._has_any(read.matching):
            return read
        forgiving = self._read(text, forgiving=True)
        return forgiving if forgiving.matching is not None and self._has_any(forgiving.matching) else read

    def _read(self, text: str, *, forgiving: bool) -> _Text:
        ranking, matching = (
            text_query(self._schema, text, forgiving=forgiving, ranking=ranking) for ranking in (True, False)
        )
        return _Text(ranking, matching, forgiving)

    def _has_any(self, query: tantivy.Query) -> bool:
        return bool(self._searcher.search(query, limit=1, count=False).hits)

    def _query(
        self, text: str, filters: _Filters, among: Iterable[tantivy.Query] = (), *, ranking: bool = False
    ) -> tantivy.Query:
        read = self._text(text)
        wanted = read.ranking if ranking else read.matching
        clauses = [(tantivy.Occur.Must, each) for each in (wanted, *among) if each is not None]
        for facet, chosen in filters:
            if chosen.any_of:
                passing = tantivy.Query.const_score_query(value_query(self._schema, facet, chosen.any_of), 0.0)
                clauses.append((tantivy.Occur.Must, passing))
            if chosen.none_of:
                clauses.append((tantivy.Occur.MustNot, value_query(self._schema, facet, chosen.none_of)))
        if all(occur == tantivy.Occur.MustNot for occur, _ in clauses):
            clauses.append((tantivy.Occur.Must, tantivy.Query.all_query()))
        return tantivy.Query.boolean_query(clauses)

    def _page(
        self, request: SearchRequest, filters: _Filters, among: Iterable[tantivy.Query] = ()
    ) -> tuple[int, list[str]]:
        """The total, and the ids of one page. Room is made for no more hits than there can be."""
        ranking = request.sort is Sort.RELEVANCE and self._text(request.text).ranking is not None
        query = self._query(request.text, filters, among, ranking=ranking)
        limit = min(request.limit, self._searcher.num_docs - request.offset)
        if limit <= 0:
            return self._total(query), []
        if ranking:
            found = self._searcher.search(query, limit=limit, offset=request.offset)
            return count_of(found), self._ids(found)
        sort = Sort.NEWEST if request.sort is Sort.RELEVANCE else request.sort
        total, page = sorted_page(self._searcher, self._schema, query, sort, request.offset, limit)
        return total, self._ids(page)

    def _ids(self, found: tantivy.SearchResult | None) -> list[str]:
        return [self._searcher.doc(address)["id"][0] for _, address in found.hits] if found else []

    def _total(self, query: tantivy.Query) -> int:
        return count_of(self._searcher.search(query, limit=1))

    def _begin_facets(self, request: SearchRequest, filters: _Filters) -> Callable[[int], dict[str, list[FacetCount]]]:
        """Begin to count; what is returned ends it, as soon as it is told how many papers there are.

        Facets without choices of their own share a pass over the papers; the others need one each.
        """
        text = request.text
        limits = {facet: request.facet_limits.get(facet, request.facet_limit) for facet in request.facets}
        under = {facet: _without_choices(filters, facet) for facet in request.facets}
        shared = tuple((facet, limits[facet]) for facet in under if under[facet] == filters)
        combined = self._begin(partial(self._counts, text, filters, shared))
        others = [facet for facet in under if under[facet] != filters]
        alone = [
            (facet, self._begin(partial(self._count_alone, facet, text, under[facet], limits))) for facet in others
        ]

        def end(total: int) -> dict[str, list[FacetCount]]:
            tiers = self._tiers(text, filters, shared, few=total <= FEW)
            counts = {**combined(), **tiers, **{facet: count() for facet, count in alone}}
            for facet, chosen in filters:
                if facet in counts:
                    listed = {each.value for each in counts[facet]}
                    missing = [value for value in dict.fromkeys(chosen.values) if value not in listed]
                    query = self._query(text, under[facet])
                    counts[facet] = counts[facet] + in_order(
                        self._count_value(query, facet, value) for value in missing
                    )
            return {facet: list(counts[facet]) for facet in under}

        return end

    def _begin(self, count: Callable[[], _T]) -> Callable[[], _T]:
        """Begin to count beside this thread, or in a small index only when asked for it: to hand it over would take longer."""
        return self._passes.submit(count).result if len(self) > FEW else count

    def _count_alone(self, facet: str, text: str, filters: _Filters, limits: Mapping[str, int]) -> list[FacetCount]:
        # Whoever narrows all papers down has most likely come from the page that counts all facets of all papers.
        asked = ((facet, limits[facet]),) if text or filters else tuple(limits.items())
        if facet in self._columns.tiered:
            return self._tiers(text, filters, asked, few=False)[facet]
        return self._counts(text, filters, asked)[facet]

    def _count(self, text: str, filters: _Filters, limits: tuple[tuple[str, int], ...]) -> dict[str, list[FacetCount]]:
        return self._columns.combined(self._query(text, filters), dict(limits))

    def _count_in_tiers(
        self, text: str, filters: _Filters, limits: tuple[tuple[str, int], ...], *, few: bool
    ) -> dict[str, list[FacetCount]]:
        return self._columns.in_tiers(self._query(text, filters), dict(limits), few=few)

    def _count_value(self, query: tantivy.Query, facet: str, value: str) -> FacetCount:
        return FacetCount(value, self._total(all_of([query, value_query(self._schema, facet, [value])])))


def _in_one_spelling(filters: Mapping[str, FacetFilter]) -> _Filters:
    return tuple((facet, chosen) for facet, chosen in sorted(filters.items()) if chosen.values)


def _without_choices(filters: _Filters, facet: str) -> _Filters:
    """Return ``filters`` with only the exclusions of ``facet`` left."""
    kept = ((key, FacetFilter(none_of=chosen.none_of) if key == facet else chosen) for key, chosen in filters)
    return tuple((key, chosen) for key, chosen in kept if chosen.values)


def _check(request: SearchRequest) -> None:
    unknown = {*request.filters, *request.facets, *request.facet_limits} - {*FACETS}
    if unknown:
        raise UsageError(f"unknown facet {min(unknown)!r}: there are {', '.join(FACETS)}")
    limits = (request.facet_limit, *request.facet_limits.values())
    if min(request.offset, request.limit, *limits) < 0:
        raise UsageError("offset, limit and facet limit cannot be negative")
    if sum(len(chosen.values) for chosen in request.filters.values()) > MAX_CHOSEN:
        raise UsageError(f"more than {MAX_CHOSEN} values are chosen at once: choose fewer")
    if max(limits) > MAX_LISTED:
        raise UsageError(f"a facet lists at most {MAX_LISTED} values, not {max(limits)}")
