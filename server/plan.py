"""What a request of the SPARQL protocol asks of the engine, worked out from its parts alone: the same parts, the same plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.media import HTML, JSON, RDF_FORMATS, RESULT_FORMATS, TURTLE
from server.accept import preferred
from server.engine.base import Query
from server.formats import QUERY_FORMATS
from server.negotiation import choose, named
from server.sparql_request import SparqlRequest

if TYPE_CHECKING:
    from kg.media import Format

#: Bytes of an address and an Accept header up to which the plan is kept, and how many plans are.
KEPT_LENGTH = 4096
KEPT = 2048


@dataclass(frozen=True, slots=True)
class Plan:
    """A query to run. ``etag`` names its answer by all that it depends on: a release never changes, so neither does that.

    ``for_page`` says that the client takes a page rather than any format of results.
    """

    query: Query
    timeout_s: float | None
    etag: str
    for_page: bool


class Planner:
    """Plans for one release. Each method returns None for a request that asks no query, and raises what is wrong with it."""

    def __init__(self, release: str) -> None:
        self._release = release
        self._kept = lru_cache(KEPT)(self._plan)
        self._formats = lru_cache(KEPT)(_formats)

    def of(self, address: bytes, accept: str | None, content_type: str | None, body: bytes | None) -> Plan | None:
        """Return the plan for the part of an address behind ?, and the body of a POST (see SparqlRequest)."""
        if body is None and len(address) + len(accept or "") <= KEPT_LENGTH:
            return self._kept(address, accept)
        return self._plan(address, accept, content_type, body)

    def _plan(
        self, address: bytes, accept: str | None, content_type: str | None = None, body: bytes | None = None
    ) -> Plan | None:
        asked = SparqlRequest.read(address, content_type, body)
        if asked.query is None:
            return None
        kept = len(accept or "") + len(asked.format or "") <= KEPT_LENGTH
        results, graph, for_page = (self._formats if kept else _formats)(accept, asked.format)
        query = Query(asked.query, results, graph, asked.default_graphs, asked.named_graphs)
        media_types = [chosen and chosen.media_type for chosen in (results, graph)]
        parts = [self._release, query.text, query.default_graphs, query.named_graphs, media_types]
        etag = hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
        return Plan(query, asked.timeout_s, etag, for_page)


def _formats(accept: str | None, requested: str | None) -> tuple[Format | None, Format | None, bool]:
    """Return the formats for bindings and for a graph, None where the client takes none, and whether a page is made of them."""
    if choose(accept, QUERY_FORMATS, requested).name == HTML.name:  # raises where there is nothing, naming all there is
        return JSON, TURTLE, True
    if requested:
        return named(requested, RESULT_FORMATS), named(requested, RDF_FORMATS), False
    return preferred(accept, RESULT_FORMATS), preferred(accept, RDF_FORMATS), False
