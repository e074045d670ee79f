"""The same page of papers by SPARQL: the query that the page itself offers, its total, and a count for each facet."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from kg.facets import FACETS, FacetFilter
from kg.media import JSON
from server.problems import BadRequestError
from server.selection_query import matching, valued, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.benchmark.targets import Target
    from server.filters import Selection
    from server.reading import Reading

#: After so long, the rest of a page's queries are left unasked.
MOST_S = 30


@dataclass(frozen=True, slots=True)
class Answered:
    """How long a page took, and whether all of its queries were answered within MOST_S. ``total`` is how many papers match."""

    seconds: float
    whole: bool
    total: int | None


def by_sparql(here: Reading, target: Target, selection: Selection, query: str) -> Answered | None:
    """Ask the server for the page whose papers ``query`` finds. None where a text finds more than a query may list."""
    try:
        total, *others = _queries(here, selection, query)
    except BadRequestError:
        return None
    began = time.perf_counter()
    rows = _ask(target, total)
    papers = int(rows[0]["papers"]["value"]) if rows else None
    whole = rows is not None
    for each in others:
        whole = whole and time.perf_counter() - began < MOST_S and _ask(target, each) is not None
    return Answered(time.perf_counter() - began, whole, papers)


def _queries(here: Reading, selection: Selection, query: str) -> Iterator[str]:
    yield written(here, "total", "SELECT (COUNT(DISTINCT ?paper) AS ?papers)", matching(here, selection))
    yield f"{query}LIMIT {selection.size} OFFSET {(selection.page - 1) * selection.size}\n"
    for facet in FACETS:
        chosen = FacetFilter(none_of=selection.chosen(facet).none_of)
        under = replace(selection, filters={**selection.filters, facet: chosen})
        select = "SELECT ?value (COUNT(DISTINCT ?paper) AS ?papers)"
        yield written(here, facet, select, [*matching(here, under), *valued(facet)], "GROUP BY ?value")


def _ask(target: Target, query: str) -> list[dict[str, dict[str, str]]] | None:
    """Return the solutions, None if they were not there in time."""
    body = urlencode({"query": query}).encode()
    request = Request(target.base + target.path, body, {"Accept": JSON.media_type})  # noqa: S310 - it is http
    try:
        with urlopen(request, timeout=2 * MOST_S) as answer:  # noqa: S310 - it is http
            rows: list[dict[str, dict[str, str]]] = json.load(answer)["results"]["bindings"]
            return rows
    except HTTPError as error:
        error.close()
        return None
