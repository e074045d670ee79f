"""``opdkg export``: the whole graph, or the papers that a filter leaves, in any format."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from kg.dumps import WHOLE
from kg.errors import UsageError
from kg.facets import FACETS, FacetFilter
from kg.indexing import Sort
from kg.media import BIBTEX, CSL, CSV, JSON_LD, N_TRIPLES, RDF_XML, RIS, TURTLE
from kg.search import SearchRequest
from kg.serialise import as_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.library import Library

#: What a list of papers can be written in, by the name of ``--format``.
LISTS = {
    "nt": N_TRIPLES,
    "ttl": TURTLE,
    "jsonld": JSON_LD,
    "rdf": RDF_XML,
    "csv": CSV,
    "bibtex": BIBTEX,
    "ris": RIS,
    "csl": CSL,
}
FILES = {name: dump.file for name, dump in WHOLE.items()}
NAMES = tuple(dict.fromkeys((*FILES, *LISTS)))

#: How many ids are asked of the index at a time.
PAGE = 1000


def export(library: Library, name: str, filters: Iterable[str]) -> bytes:
    """Return the release in a format: without filters, RDF is the whole graph; else it is the papers that pass.

    A filter is ``facet=value``, ``facet=-value`` excludes. What is no facet or no format is a UsageError.
    """
    chosen = _filters(filters)
    if not chosen and name in FILES:
        return gzip.decompress((library.release.dumps / FILES[name]).read_bytes())
    if name not in LISTS:
        msg = f"a filter cannot be exported as {name}; there are: {', '.join(LISTS)}"
        raise UsageError(msg)
    return as_list(library.cards(_ids(library, chosen)), LISTS[name], library)


def _filters(texts: Iterable[str]) -> dict[str, FacetFilter]:
    any_of: dict[str, list[str]] = {}
    none_of: dict[str, list[str]] = {}
    for text in texts:
        facet, equals, value = text.partition("=")
        if facet not in FACETS or not equals or not value:
            msg = f"{text!r} is no filter: write facet=value; the facets are {', '.join(FACETS)}"
            raise UsageError(msg)
        kept = none_of if value.startswith("-") else any_of
        kept.setdefault(facet, []).append(value.removeprefix("-"))
    return {
        facet: FacetFilter(tuple(any_of.get(facet, ())), tuple(none_of.get(facet, ()))) for facet in {*any_of, *none_of}
    }


def _ids(library: Library, filters: dict[str, FacetFilter]) -> list[str]:
    ids: list[str] = []
    while True:
        request = SearchRequest(filters=filters, sort=Sort.NEWEST, offset=len(ids), limit=PAGE)
        found = library.index.search(request)
        ids += found.ids
        if not found.ids or len(ids) >= found.total:
            return ids
