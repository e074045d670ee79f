"""A selection of papers as a SPARQL query that finds the same ones: to be read, changed and run again.

It asks the release's own statements alone, as the search index does, whatever a reader's own data say beside them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from kg.indexing import Sort
from kg.vocab import DIMENSIONS
from server.facets import CODE, CONCEPT_FACETS
from server.problems import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.facets import FacetFilter
    from server.filters import Selection
    from server.reading import Reading

#: A paper's id that can stand behind a prefix as it is. In an address, that is a third as long as the whole IRI.
LOCAL_NAME = re.compile(r"[0-9A-Za-z]+(\.[0-9A-Za-z]+)*")

#: A prefix where a query may use it.
USED = re.compile(r"(?<=[\s/(])[a-z]+(?=:)")

#: How many papers a query lists where a text has found them.
MAX_FOUND = 500

#: The property path from a paper to the values of a facet. A broader concept's papers include those of narrower ones.
PATHS = {
    **{facet: f"opd:{name}/skos:broader*" for facet, name in DIMENSIONS.items()},
    "status": "opd:listingStatus",
    "year": "opd:year",
    "author": "dc:creator",
    "teacher": "opd:reportsSetup/opd:teacher",
    "student": "opd:reportsSetup/opd:student",
    "model": "opd:reportsSetup/opd:model",
    "source": "opd:listing/prov:wasDerivedFrom",
}
WITH_CODE = "?paper opd:repository ?repository ."
MONTH = "SUBSTR(STR({day}), 1, 7)"
WITHOUT_CODE = "MINUS { ?paper opd:repository ?anyRepository . }"

#: The order of the page. Of a year's papers, those without a day count as the oldest.
ORDERS = {
    Sort.NEWEST: "DESC(?year) DESC(?issued) ?paper",
    Sort.OLDEST: "(!BOUND(?year)) ?year ?issued ?paper",
    Sort.TITLE: "LCASE(?title) ?paper",
}


def is_query(selection: Selection, total: int) -> bool:
    """Tell whether a selection of so many papers is a query: a text may find more than one lists."""
    return not selection.text or total <= MAX_FOUND


def selection_query(here: Reading, selection: Selection) -> str:
    """Return the query. A text that finds more papers than a query lists is a BadRequestError."""
    body = [
        *matching(here, selection),
        "?paper dcterms:title ?title .",
        "OPTIONAL { ?paper opd:year ?year }",
        "OPTIONAL { ?paper dcterms:issued ?issued }",
    ]
    ranked = bool(selection.text) and selection.order is Sort.RELEVANCE
    order = "?rank" if ranked else ORDERS.get(selection.order, ORDERS[Sort.NEWEST])
    comment = f"The papers of {here.links.absolute(selection.as_whole().address())}"
    select = f"SELECT DISTINCT ?paper ?title ?year ?issued{' ?rank' if ranked else ''}"
    return written(here, comment, select, body, f"ORDER BY {order}")


def matching(here: Reading, selection: Selection) -> list[str]:
    """Return the lines of a pattern that has each ``?paper`` of the selection, ``?rank`` too if a text found them."""
    body = ["?paper a opd:Paper .", *_found(here, selection)]
    for facet, chosen in selection.filters.items():
        body += _code(chosen) if facet == "code" else _facet(here, facet, chosen)
    return body


def valued(facet: str) -> list[str]:
    """Return the lines of a pattern that has each ``?value`` of a facet that a ``?paper`` has."""
    if facet == "month":
        return ["?paper dcterms:issued ?day .", f"BIND({MONTH.format(day='?day')} AS ?value)"]
    if facet == "code":
        return ["BIND(EXISTS { ?paper opd:repository ?repository } AS ?value)"]
    return [f"?paper {PATHS[facet]} ?value ."]


def written(here: Reading, comment: str, select: str, body: Iterable[str], *after: str) -> str:
    """Return a query over what the release itself says of papers and concepts, with the prefixes that the body needs."""
    lines = [
        f"# {comment}",
        *_prefixes(here, [*body, *after]),
        select,
        *(f"FROM {here.iris.graph(graph)}" for graph in ("papers", "taxonomy")),
        "WHERE {",
        *(f"  {line}" for line in body),
        "}",
        *after,
    ]
    return "\n".join(lines) + "\n"


def _prefixes(here: Reading, lines: Iterable[str]) -> Iterator[str]:
    used = {*USED.findall("\n".join(lines))}
    for prefix, iri in sorted(here.iris.prefixes().items()):
        if prefix in used:
            yield f"PREFIX {prefix}: <{iri}>"


def paper_term(here: Reading, paper_id: str) -> str:
    """Return a paper as a query writes it."""
    return f"paper:{paper_id}" if LOCAL_NAME.fullmatch(paper_id) else str(here.iris.paper(paper_id))


def _found(here: Reading, selection: Selection) -> Iterator[str]:
    if not selection.text:
        return
    result = here.index.search(selection.whole_request(MAX_FOUND))
    if not is_query(selection, result.total):
        raise BadRequestError(
            f"The text finds {result.total} papers, and a query lists at most {MAX_FOUND} of a text. Choose more filters."
        )
    yield f"# SPARQL has no such text search: the index found these for “{selection.text}”, the best match first."
    yield "VALUES (?rank ?paper) {"
    for rank, paper_id in enumerate(result.ids, start=1):
        yield f"  ({rank} {paper_term(here, paper_id)})"
    yield "}"


def _facet(here: Reading, facet: str, chosen: FacetFilter) -> Iterator[str]:
    if chosen.any_of:
        yield f"# {facet}: {_names(here, facet, chosen.any_of)}"
        yield from _having(here, facet, f"?{facet}", chosen.any_of)
    if chosen.none_of:
        yield f"# {facet}: not {_names(here, facet, chosen.none_of)}"
        yield "MINUS {"
        yield from (f"  {line}" for line in _having(here, facet, f"?excluded_{facet}", chosen.none_of))
        yield "}"


def _names(here: Reading, facet: str, values: Iterable[str]) -> str:
    """What people call the values, in one line: a comment ends where its line does."""
    return ", ".join(" ".join(here.facets.name(facet, value).split()) for value in values)


def _having(here: Reading, facet: str, variable: str, values: Iterable[str]) -> Iterator[str]:
    terms = [_term(here, facet, value) for value in values]
    if facet == "month":
        day = "?issued" if variable == "?month" else "?excluded_day"
        yield f"?paper dcterms:issued {day} ."
        yield f"FILTER({MONTH.format(day=day)} IN ({', '.join(terms)}))"
    else:
        yield f"VALUES {variable} {{ {' '.join(terms)} }}"
        yield f"?paper {PATHS[facet]} {variable} ."


def _term(here: Reading, facet: str, value: str) -> str:
    if facet in (*CONCEPT_FACETS, "teacher", "student", "model", "source"):
        return str(here.facets.node(facet, value))
    return value if facet == "year" else str(Literal(value))


def _code(chosen: FacetFilter) -> list[str]:
    allowed = {*(chosen.any_of or CODE)} - {*chosen.none_of}
    return ([] if "no" in allowed else [WITH_CODE]) + ([] if "yes" in allowed else [WITHOUT_CODE])
