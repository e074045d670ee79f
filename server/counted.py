"""Numbers of papers by the values of a facet, straight from the search index, and the SPARQL query that counts the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.facets import FacetFilter
from kg.search import SearchRequest
from server.axes import Axes
from server.filters import LISTED, Selection
from server.selection_query import matching, valued, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from server.reading import Reading

#: The facets whose values are times: they come in order, and of years none is left out.
TIMES = ("year", "month")

#: How many values that are no times a picture shows, the most frequent first.
MOST = 25


@dataclass(frozen=True, slots=True)
class Series:
    """The papers that have all the ``chosen`` values, counted by each value of a facet."""

    name: str
    chosen: Mapping[str, tuple[str, ...]]
    facet: str

    @property
    def selection(self) -> Selection:
        return Selection(filters={facet: FacetFilter(values) for facet, values in self.chosen.items()})

    def counts(self, here: Reading) -> dict[str, int]:
        request = SearchRequest(filters=self.selection.filters, limit=0, facets=(self.facet,), facet_limit=LISTED)
        return {each.value: each.count for each in here.index.search(request).facets[self.facet]}


def axes(here: Reading, series: Sequence[Series]) -> Axes:
    """Return the numbers with the values as rows and the series as columns. All series count values of one kind."""
    numbers = {(value, each.name): count for each in series for value, count in each.counts(here).items()}
    facet, by_name = series[0].facet, {each.name: each for each in series}

    def papers(value: str, name: str) -> Mapping[str, tuple[str, ...]]:
        return {**by_name[name].chosen, by_name[name].facet: (value,)}

    def name(key: str) -> str:
        return key if key in by_name else here.facets.name(facet, key)

    return Axes(_rows(facet, numbers), list(by_name), numbers, papers, name)


def _rows(facet: str, numbers: Mapping[tuple[str, str], int]) -> list[str]:
    values = {value for value, _ in numbers}
    if facet == "year":
        years = [int(value) for value in values]
        return [str(year) for year in range(min(years), max(years) + 1)] if years else []
    if facet in TIMES:
        return sorted(values)
    sums = Counter[str]()
    for (value, _), number in numbers.items():
        sums[value] += number
    return sorted(values, key=lambda value: (-sums[value], value))[:MOST]


def query(here: Reading, comment: str, series: Sequence[Series]) -> str:
    """Return the query that counts the same, each series by its name where there are several."""
    if len(series) == 1:
        body, variables = list(_block(here, series[0])), "?value"
    else:
        body, variables = list(_union(here, series)), "?part ?value"
    select = f"SELECT {variables} (COUNT(DISTINCT ?paper) AS ?papers)"
    order = "?value" if series[0].facet in TIMES else f"DESC(?papers) {variables}"
    return written(here, comment, select, body, f"GROUP BY {variables}", f"ORDER BY {order}")


def _union(here: Reading, series: Iterable[Series]) -> Iterable[str]:
    for position, each in enumerate(series):
        yield "UNION {" if position else "{"
        yield from (f"  {line}" for line in _block(here, each))
        yield f'  BIND("{each.name}" AS ?part)'
        yield "}"


def _block(here: Reading, series: Series) -> Iterable[str]:
    yield from matching(here, series.selection)
    yield from valued(series.facet)
