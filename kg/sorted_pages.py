"""A page of the search index in an order of all papers, as soon found where it is far as where it is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tantivy

from kg.indexing import place_field
from kg.words import all_of

if TYPE_CHECKING:
    from kg.indexing import Sort

#: Past so many papers, a page is looked for among its neighbours only, in one of so many parts of the whole order.
_NEAR = 2000
_PARTS = 256


def sorted_page(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    query: tantivy.Query,
    sort: Sort,
    offset: int,
    limit: int,
) -> tuple[int, tantivy.SearchResult | None]:
    """Return how many papers there are, and ``limit`` of them behind the first ``offset``; None if there are none."""
    if offset + limit <= _NEAR:
        found = _sorted(searcher, query, sort, offset, limit)
        return count_of(found), found
    size = -(-searcher.num_docs // _PARTS)
    parts = {"parts": {"histogram": {"field": place_field(sort), "interval": size}}}
    total, before = 0, 0
    starts: list[int] = []
    for part in searcher.aggregate(query, parts)["parts"]["buckets"]:
        if total < offset + limit and total + part["doc_count"] > offset:
            before = before if starts else total
            starts.append(int(part["key"]))
        total += part["doc_count"]
    if not starts:
        return total, None
    unsigned = tantivy.FieldType.Unsigned
    near = tantivy.Query.range_query(
        schema, place_field(sort), unsigned, starts[0], starts[-1] + size, include_upper=False
    )
    return total, _sorted(searcher, all_of([query, near]), sort, offset - before, limit)


def _sorted(
    searcher: tantivy.Searcher, query: tantivy.Query, sort: Sort, offset: int, limit: int
) -> tantivy.SearchResult:
    by = place_field(sort)
    return searcher.search(query, limit=limit, offset=offset, order_by_field=by, order=tantivy.Order.Asc)


def count_of(found: tantivy.SearchResult) -> int:
    """Return how many there are of what was found."""
    return int(found.count)  # type: ignore[attr-defined]  # its stub forgets this attribute
