"""A filtered page of papers with the counts of its facets: from the search index, and the same page by SPARQL."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import QuerySolutions

from kg.errors import DataError
from kg.facets import FacetFilter
from kg.indexing import Sort
from kg.library import Library
from kg.search import Index, SearchRequest
from kg.vocab import DCTERMS, DIMENSIONS, SKOS

if TYPE_CHECKING:
    from kg.release import Release

ROUNDS = 5
CHOSEN = "role"
COUNTED = tuple(dimension for dimension in DIMENSIONS if dimension != CHOSEN)


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Median milliseconds of one page, over so many papers in the release."""

    papers: int
    matching: int
    index_ms: float
    sparql_ms: float


def time_search(release: Release) -> SearchTimes:
    """Time the page of the most frequent role. The two ways must find as many papers, else it is a DataError."""
    library = Library.open(release)
    everything = Index.open(release.search).search(SearchRequest(facets=(CHOSEN,), limit=0))
    value = everything.facets[CHOSEN][0].value
    request = SearchRequest(filters={CHOSEN: FacetFilter((value,))}, sort=Sort.NEWEST, facets=COUNTED)
    matching = everything.facets[CHOSEN][0].count
    by_index, by_sparql = [], []
    for _ in range(ROUNDS):
        index = Index.open(release.search)  # an opened one remembers the counts it has made
        began = time.perf_counter()
        index.search(request)
        by_index.append(time.perf_counter() - began)
        began = time.perf_counter()
        count = _by_sparql(library, value)
        by_sparql.append(time.perf_counter() - began)
        if count != matching:
            msg = f"{release.id}: the index finds {matching} papers of {CHOSEN} {value!r}, SPARQL {count}: build again"
            raise DataError(msg)
    median = statistics.median
    return SearchTimes(everything.total, matching, 1000 * median(by_index), 1000 * median(by_sparql))


def _by_sparql(library: Library, value: str) -> int:
    """Ask for the page, the total and the counts of each facet; return the total."""
    iris = library.iris
    having = f"?paper <{iris.opd[DIMENSIONS[CHOSEN]].value}> <{iris.concept(CHOSEN, value).value}> ."
    (total,) = _solutions(library, f"SELECT (COUNT(DISTINCT ?paper) AS ?total) WHERE {{ {having} }}")
    issued = f"OPTIONAL {{ ?paper <{DCTERMS.issued.value}> ?day }}"
    page = f"SELECT DISTINCT ?paper ?day WHERE {{ {having} {issued} }} ORDER BY DESC(?day) ?paper LIMIT 25"
    list(_solutions(library, page))
    for dimension in COUNTED:
        narrower = f"?paper <{iris.opd[DIMENSIONS[dimension]].value}>/<{SKOS['broader'].value}>* ?value"
        counts = f"SELECT ?value (COUNT(DISTINCT ?paper) AS ?n) WHERE {{ {having} {narrower} }} GROUP BY ?value"
        list(_solutions(library, counts))
    return int(total["total"].value)


def _solutions(library: Library, query: str) -> QuerySolutions:
    found = library.store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)  # noqa: S101 - the queries above are SELECTs
    return found
